package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/lspdrive"
)

const (
	burstKeys  = 51
	warmupKeys = 10
	// pause is the time between two keys. A person leaves more; without any, the
	// threads of a server never sleep, and waking them is part of what is felt.
	pause = 5 * time.Millisecond
)

// A keyTest is one text in which keys are pressed.
type keyTest struct {
	work       string
	text, yaml page // yaml is for the YAML language server
	rounds     int
	keys       int // a round, an even number, for ours and the floor
	slowKeys   int // the same for the peers, which wait before they answer
	ecolog     bool
	bar        string
	judge      func(results) verdict
	burst      float64 // bar: a burst takes so many times as long as one key
}

// A page is a file without an error, and a key that breaks it.
type page struct {
	name, content string
	at            int // where the key goes
	key           string
}

// results holds the typists of one test. A peer that is not installed is nil.
type results struct {
	ours, floor, yaml, ecolog *typist
}

// A typist presses keys in one document of one server.
type typist struct {
	server   *lspdrive.Server
	document *lspdrive.Document
	keys     int // a round
	wall     sample
	bursts   sample
	cpu      time.Duration
}

const (
	maxKeyMedian = 5.0  // × the floor
	maxKeyTail   = 15.0 // × the floor
	maxBurst     = 1.5  // × one key
)

// judgeSmall is the bar of a file that is parsed in no time.
func judgeSmall(r results) verdict {
	v := worst(
		holds(quotient(r.ours.wall.median(), r.floor.wall.median()), maxKeyMedian),
		holds(quotient(r.ours.wall.percentile(95), r.floor.wall.percentile(95)), maxKeyTail))
	if r.yaml != nil {
		v = worst(v, holds(quotient(r.ours.perKey(), r.yaml.perKey()), 1.0/5))
	}
	return v
}

const barSmall = "p50 ≤ 5 ×, p95 ≤ 15 × floor; CPU ≤ 1/5 of yaml-ls"

func measureEnvKeys(b *bench) error {
	for _, lines := range []int{10, 1000} {
		err := b.measureKeys(keyTest{
			work: fmt.Sprintf("T4 key → diagnostics, .env of %s lines", thousands(lines)),
			text: envPage(generate.Clean, lines), yaml: yamlPage(lines),
			rounds: b.times(10), keys: 40, slowKeys: 4, ecolog: true,
			bar: barSmall, judge: judgeSmall, burst: maxBurst,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func measureLongEnvKeys(b *bench) error {
	return b.measureKeys(keyTest{
		work: "T5 the same, 100,000 lines", text: envPage(generate.Clean, 100_000),
		rounds: b.times(5), keys: 6, slowKeys: 2, ecolog: true,
		bar: "p50 ≤ 25 ms; CPU ≤ 1/5 of ecolog-lsp", burst: maxBurst,
		judge: func(r results) verdict {
			v := holds(float64(r.ours.wall.median()), float64(25*time.Millisecond))
			if r.ecolog != nil {
				v = worst(v, holds(quotient(r.ours.perKey(), r.ecolog.perKey()), 1.0/5))
			}
			return v
		},
	})
}

func measureProfilesKeys(b *bench) error {
	for _, size := range []int{0, 310_000} {
		content := generate.Profiles(size)
		profiles := page{name: "profiles.yml", content: content, at: strings.Index(content, "target: dev") + len("target: d"), key: ": "}
		test := keyTest{
			work: fmt.Sprintf("T6 the same, profiles.yml of %.1f KB", float64(len(content))/1000),
			text: profiles, yaml: profiles,
			rounds: b.times(5), keys: 10, slowKeys: 4,
			bar: barSmall, judge: judgeSmall, burst: maxBurst,
		}
		if size > 0 {
			test.bar = "CPU ≤ 1/4, wall ≤ 1/9 of yaml-ls"
			test.judge = func(r results) verdict {
				if r.yaml == nil {
					return open
				}
				return worst(
					holds(quotient(r.ours.perKey(), r.yaml.perKey()), 1.0/4),
					holds(quotient(r.ours.wall.median(), r.yaml.wall.median()), 1.0/9))
			}
		}
		if err := b.measureKeys(test); err != nil {
			return err
		}
	}
	return nil
}

// envPage is broken by a blank inside a value in the middle of the file.
func envPage(shape generate.Shape, lines int) page {
	content := generate.Env(shape, lines, 1)
	name := generate.Variable(lines*10/12/2) + "="
	return page{name: ".env", content: content, at: strings.Index(content, name) + len(name) + 1, key: " "}
}

// yamlPage holds the same assignments as YAML, broken by a colon in one.
func yamlPage(lines int) page {
	content := strings.ReplaceAll(generate.Env(generate.Clean, lines, 1), "=", ": ")
	name := generate.Variable(lines*10/12/2) + ": "
	return page{name: "env.yml", content: content, at: strings.Index(content, name) + len(name) + 1, key: ": "}
}

func (b *bench) measureKeys(test keyTest) error {
	var r results
	all, err := b.seatAll(&r, test)
	if err == nil && b.yamlServer != nil && test.yaml.name != "" {
		err = b.seat(&r.yaml, &all, b.yamlPeer(), test.yaml, test.slowKeys)
	}
	if err == nil && b.cargo["ecolog-lsp"] != "" && test.ecolog {
		err = b.seat(&r.ecolog, &all, b.ecologPeer(), test.text, test.slowKeys)
	}
	if err == nil {
		err = typeInTurns(all, test.rounds)
	}
	if err := closeAll(all, err); err != nil {
		return err
	}
	b.addKeyRows(test, r)
	return nil
}

// seatAll starts our server and the floor.
func (b *bench) seatAll(r *results, test keyTest) (all []*typist, err error) {
	if err = b.seat(&r.ours, &all, b.ourServer(), test.text, test.keys); err == nil {
		err = b.seat(&r.floor, &all, b.floorServer(), test.text, test.keys)
	}
	return all, err
}

func (b *bench) seat(into **typist, all *[]*typist, command lspdrive.Command, page page, keys int) error {
	folder, err := b.empty("keys")
	if err != nil {
		return err
	}
	t, err := sit(command, folder, page, keys)
	if err == nil {
		*into, *all = t, append(*all, t)
	}
	return err
}

// closeAll ends the servers, whatever happened before.
func closeAll(all []*typist, err error) error {
	for _, t := range all {
		err = errors.Join(err, t.server.Close())
	}
	return err
}

// sit starts the server on a small project that holds the page, and opens it.
func sit(command lspdrive.Command, folder string, page page, keys int) (*typist, error) {
	if err := generate.Project(folder, 100, 1); err != nil {
		return nil, err
	}
	path := filepath.Join(folder, page.name)
	if err := os.WriteFile(path, []byte(page.content), 0o644); err != nil {
		return nil, err
	}
	server, _, err := lspdrive.Start(command, folder)
	if err != nil {
		return nil, err
	}
	document, err := server.Open(path, page.content, page.key, page.at)
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return &typist{server: server, document: document, keys: keys}, nil
}

func typeInTurns(all []*typist, rounds int) error {
	for _, t := range all {
		for range min(warmupKeys, t.keys) {
			if _, err := t.document.Key(); err != nil {
				return err
			}
		}
	}
	for range rounds {
		for _, t := range all {
			if err := t.round(); err != nil {
				return err
			}
		}
	}
	return nil
}

// round presses the keys of one round, and then a burst of them.
func (t *typist) round() error {
	before, err := t.server.CPU()
	if err != nil {
		return err
	}
	for range t.keys {
		<-time.After(pause)
		took, err := t.document.Key()
		if err != nil {
			return err
		}
		t.wall = append(t.wall, took)
	}
	after, err := t.server.CPU()
	if err != nil {
		return err
	}
	t.cpu += after - before
	took, err := t.document.Burst(burstKeys)
	t.bursts = append(t.bursts, took)
	return err
}

// perKey returns the processor time of one key.
func (t *typist) perKey() time.Duration { return t.cpu / time.Duration(len(t.wall)) }

func (b *bench) addKeyRows(test keyTest, r results) {
	line := row{
		work: test.work + ", p50", bar: test.bar,
		ours: text(r.ours.wall.median()), floor: text(r.floor.wall.median()),
		ratio: fmt.Sprintf("%.1f × floor", quotient(r.ours.wall.median(), r.floor.wall.median())),
	}
	tail := row{
		work: "   p95",
		ours: text(r.ours.wall.percentile(95)), floor: text(r.floor.wall.percentile(95)),
		ratio: fmt.Sprintf("%.1f × floor", quotient(r.ours.wall.percentile(95), r.floor.wall.percentile(95))),
	}
	processor := row{work: "   processor time a key", ours: text(r.ours.perKey()), floor: text(r.floor.perKey())}
	// To read so many messages takes the floor its time as well.
	ratio := quotient(r.ours.bursts.median()-r.floor.bursts.median(), r.ours.wall.median())
	burst := row{
		work: fmt.Sprintf("   T7 burst of %d keys → right state", burstKeys),
		ours: text(r.ours.bursts.median()), floor: text(r.floor.bursts.median()),
		ratio:   fmt.Sprintf("%.1f × one key above the floor, %d stale", ratio, r.ours.document.Stale()),
		bar:     "≤ 1.5 × one key above the floor, none stale",
		verdict: worst(holds(ratio, test.burst), holds(float64(r.ours.document.Stale()), 0)),
	}
	if test.judge != nil {
		line.verdict = test.judge(r)
	}
	for _, peer := range []struct {
		name string
		*typist
	}{{"yaml-ls", r.yaml}, {"ecolog-lsp", r.ecolog}} {
		if peer.typist == nil {
			continue
		}
		line.add(peer.name, peer.wall.median(), r.ours.wall.median())
		tail.add(peer.name, peer.wall.percentile(95), r.ours.wall.percentile(95))
		processor.add(peer.name, peer.perKey(), r.ours.perKey())
		burst.add(peer.name, peer.bursts.median(), r.ours.bursts.median())
	}
	for _, r := range []row{line, tail, processor, burst} {
		b.table.add(r)
	}
}

// add names a peer's figure and how many times faster ours is.
func (r *row) add(peer string, theirs, ours time.Duration) {
	comma := func(s string) string {
		if s == "" {
			return ""
		}
		return s + ", "
	}
	r.peer = comma(r.peer) + peer + " " + text(theirs)
	r.ratio = comma(r.ratio) + fmt.Sprintf("1/%.0f of %s", quotient(theirs, ours), peer)
}
