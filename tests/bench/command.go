package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
)

const (
	maxBinary     = 15 << 20
	maxVersionCPU = 1.15
	maxVersionMB  = 9.0
)

func measureSize(b *bench) error {
	info, err := os.Stat(b.ours)
	if err != nil {
		return err
	}
	megabytes := float64(info.Size()) / (1 << 20)
	b.table.add(row{
		work: "size of the stripped binary", ours: fmt.Sprintf("%.1f MB", megabytes),
		bar: "≤ 15 MB", verdict: holds(float64(info.Size()), maxBinary),
	})
	return nil
}

// measureVersion compares the processor time of `version` with that of an empty
// program that links the same modules, and looks at its peak memory.
func measureVersion(b *bench) error {
	took, err := b.turns(b.times(200), []string{b.ours, "version"}, []string{b.linkedFloor}, []string{b.emptyFloor})
	if err != nil {
		return err
	}
	ours, linked, imports := took[0].cpu, took[1].cpu, took[2].cpu
	ratio := quotient(ours.median(), linked.median())
	b.table.add(row{
		work: "T1 version, processor time", ours: text(ours.median()), floor: text(linked.median()),
		ratio: fmt.Sprintf("%.2f × floor; %.2f × one with imports only", ratio, quotient(ours.median(), imports.median())),
		bar:   "≤ 1.15 × floor", verdict: holds(ratio, maxVersionCPU),
	})
	peak, err := b.peakMB(asLinked(b.ours), "version")
	if err != nil {
		return err
	}
	b.table.add(row{
		work: "T1 version, peak memory", ours: fmt.Sprintf("%.1f MB", peak), bar: "≤ 9 MB",
		verdict: holds(peak, maxVersionMB),
	})
	return nil
}

// used is what one run of a program cost.
type used struct {
	wall, cpu time.Duration
}

func (b *bench) peakMB(args ...string) (float64, error) {
	out, err := exec.Command(b.peak, args...).Output()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	kilobytes, err := strconv.Atoi(strings.TrimSpace(string(out)))
	return float64(kilobytes) / 1024, err
}

// measureMissing compares the check of a project whose .env lacks what the models
// read, which names every variable that is missing, with `dbt parse`, which names
// some.
func measureMissing(b *bench) error {
	for _, test := range []struct {
		models, runs int
		gain         float64
	}{{1000, 10, 40}, {10_000, 3, 100}} {
		if b.quick && test.models > 1000 {
			continue
		}
		line := row{
			work: fmt.Sprintf("T15 all missing variables of %s models", thousands(test.models)),
			peer: "dbt parse: not installed", bar: fmt.Sprintf("≥ %.0f × faster than dbt parse", test.gain),
		}
		folder, err := b.empty("missing")
		if err != nil {
			return err
		}
		if err := generate.Project(folder, test.models, 1); err != nil {
			return err
		}
		// Without those that profiles.yml reads dbt would not look at a model.
		profile := generate.Env(generate.Dense, 2, 1)
		if err := os.WriteFile(filepath.Join(folder, ".env"), []byte(profile), 0o644); err != nil {
			return err
		}
		var ours, peer costs
		for range b.times(test.runs) {
			took, err := b.turns(1, b.check(folder))
			if err != nil {
				return err
			}
			ours.add(took[0])
			if b.dbt == "" {
				continue
			}
			used, err := b.parse(folder)
			if err != nil {
				return err
			}
			peer.add(used)
		}
		line.ours = ours.text()
		if len(peer.wall) > 0 {
			gain := quotient(peer.wall.median(), ours.wall.median())
			line.peer = "dbt parse " + peer.text()
			line.ratio = fmt.Sprintf("1/%.0f, CPU 1/%.0f", gain, quotient(peer.cpu.median(), ours.cpu.median()))
			line.verdict = holds(test.gain, gain)
		}
		b.table.add(line)
	}
	return nil
}

// parse runs `dbt parse` on a project that it has not seen before.
func (b *bench) parse(folder string) (costs, error) {
	for _, left := range []string{"target", "logs"} {
		if err := os.RemoveAll(filepath.Join(folder, left)); err != nil {
			return costs{}, err
		}
	}
	used, err := b.runIn(folder, []string{b.dbt, "parse"})
	return costs{sample{used.wall}, sample{used.cpu}}, err
}
