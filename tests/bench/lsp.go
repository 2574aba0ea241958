package main

import (
	"fmt"
	"path/filepath"

	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/lspdrive"
)

const (
	maxInitialize     = 2.0  // × the floor
	minInitializeGain = 80.0 // × faster than the YAML language server
)

func (b *bench) ourServer() lspdrive.Command {
	return lspdrive.Command{
		Name: "dbt-hybrid", Args: []string{b.ours, "serve"}, Env: b.clean(), LanguageID: "dotenv",
		Initialize: map[string]any{"trusted": false, "updates": map[string]any{"check": false}},
	}
}

func (b *bench) floorServer() lspdrive.Command {
	return lspdrive.Command{Name: "floor", Args: []string{b.lspFloor}, Env: b.clean(), LanguageID: "dotenv"}
}

func (b *bench) yamlPeer() lspdrive.Command {
	return lspdrive.Command{
		Name: "yaml-language-server", Args: b.yamlServer, Env: b.clean(), LanguageID: "yaml",
		Settings: map[string]any{"yaml": map[string]any{
			"validate": true, "schemaStore": map[string]any{"enable": false},
		}},
	}
}

func (b *bench) ecologPeer() lspdrive.Command {
	return lspdrive.Command{Name: "ecolog-lsp", Args: []string{b.cargo["ecolog-lsp"]}, Env: b.clean(), LanguageID: "dotenv"}
}

func measureInitialize(b *bench) error {
	folder := filepath.Join(b.folder, "initialize")
	if err := generate.Project(folder, 100, 1); err != nil {
		return err
	}
	var ours, floor, peer sample
	for n := range b.times(50) {
		for _, turn := range []struct {
			into    *sample
			command lspdrive.Command
			now     bool
		}{
			{&ours, b.ourServer(), true},
			{&floor, b.floorServer(), true},
			{&peer, b.yamlPeer(), b.yamlServer != nil && n%10 == 0},
		} {
			if !turn.now {
				continue
			}
			server, took, err := lspdrive.Start(turn.command, folder)
			if err != nil {
				return err
			}
			if err := server.Close(); err != nil {
				return err
			}
			*turn.into = append(*turn.into, took)
		}
	}
	ratio := quotient(ours.median(), floor.median())
	line := row{
		work: "T2 start → initialize", ours: text(ours.median()), floor: text(floor.median()),
		peer: "yaml-language-server: not installed", ratio: fmt.Sprintf("%.2f × floor", ratio),
		bar: "≤ 2 × floor, 80 × faster than peer", verdict: holds(ratio, maxInitialize),
	}
	if len(peer) > 0 {
		gain := quotient(peer.median(), ours.median())
		line.peer = "yaml-language-server " + text(peer.median())
		line.ratio += fmt.Sprintf(", %.0f × faster", gain)
		line.verdict = worst(line.verdict, holds(minInitializeGain, gain))
	}
	b.table.add(line)
	return nil
}
