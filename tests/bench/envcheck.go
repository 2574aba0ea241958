package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
)

// maxExample is the wall time of a check of 100,000 keys against an example.
const maxExample = 80 * time.Millisecond

// measureEnvCheck compares the check of a .env with the one of dotenv-linter.
func measureEnvCheck(b *bench) error {
	for _, test := range []struct {
		lines int
		limit float64
	}{{10, 1.3}, {1000, 1.1}} {
		line, err := b.envCheck(generate.Clean, test.lines, 50, test.limit)
		if err != nil {
			return err
		}
		line.work = fmt.Sprintf("T9 check of a .env of %s lines", thousands(test.lines))
		b.table.add(line)
	}
	return nil
}

// measureLongEnvCheck measures every shape against the best one of the peer,
// whose time grows with the square of the lines in the others.
func measureLongEnvCheck(b *bench) error {
	for _, shape := range []generate.Shape{generate.Clean, generate.Mixed, generate.Dense} {
		line, err := b.envCheck(shape, 100_000, 10, 0.5)
		if err != nil {
			return err
		}
		line.work = fmt.Sprintf("T10 check of a .env of 100,000 lines, %s", shape)
		b.table.add(line)
	}
	return nil
}

// envCheck checks a .env of one shape in turns with the peer, which gets a clean
// one.
func (b *bench) envCheck(shape generate.Shape, lines, times int, limit float64) (row, error) {
	folder, err := b.envProject(shape, lines)
	if err != nil {
		return row{}, err
	}
	clean, err := b.envProject(generate.Clean, lines)
	if err != nil {
		return row{}, err
	}
	contenders := [][]string{b.check(folder), {b.emptyFloor}}
	linter := b.cargo["dotenv-linter"]
	if linter != "" {
		contenders = append(contenders, []string{linter, "check", "--skip-updates", "--plain", "-q", filepath.Join(clean, ".env")})
	}
	took, err := b.turns(b.times(times), contenders...)
	if err != nil {
		return row{}, err
	}
	ours, floor := took[0], took[1]
	line := row{
		ours: ours.text(), floor: "empty " + floor.text(), peer: "dotenv-linter: not installed",
		bar: fmt.Sprintf("≤ %.1f × dotenv-linter", limit),
	}
	if linter != "" {
		peer := took[2]
		ratio := quotient(ours.wall.median(), peer.wall.median())
		line.peer = "dotenv-linter " + peer.text()
		line.ratio = fmt.Sprintf("%.2f ×, CPU %.2f ×", ratio, quotient(ours.cpu.median(), peer.cpu.median()))
		line.verdict = holds(ratio, limit)
	}
	return line, nil
}

func (b *bench) envProject(shape generate.Shape, lines int) (string, error) {
	folder, err := b.empty("env")
	if err != nil {
		return "", err
	}
	if err := generate.Project(folder, 1, 1); err != nil {
		return "", err
	}
	return folder, os.WriteFile(filepath.Join(folder, ".env"), []byte(generate.Env(shape, lines, 1)), 0o644)
}

// measureExample checks a .env against an example file of the same keys but for
// ten: all at once, and half as many, which must take about half as long.
func measureExample(b *bench) error {
	var all []costs
	var peer costs
	linter := b.cargo["dotenv-linter"]
	for _, keys := range []int{50_000, 100_000} {
		folder, err := b.envProject(generate.Dense, keys)
		if err != nil {
			return err
		}
		lines := strings.SplitAfter(generate.Env(generate.Dense, keys+10, 1), "\n")
		example := filepath.Join(folder, ".env.example")
		if err := os.WriteFile(example, []byte(strings.Join(lines[10:], "")), 0o644); err != nil {
			return err
		}
		took, err := b.turns(b.times(10), b.check(folder))
		if err != nil {
			return err
		}
		all = append(all, took[0])
	}
	line := row{
		work: "T11 .env against its example, 100,000 keys", ours: all[1].text(), peer: "dotenv-linter: not installed",
		ratio: fmt.Sprintf("%.1f × of half as many", quotient(all[1].cpu.median(), all[0].cpu.median())),
		bar:   "≤ 80 ms, linear (≤ 2.6 ×)",
		verdict: worst(
			holds(float64(all[1].wall.median()), float64(maxExample)),
			holds(quotient(all[1].cpu.median(), all[0].cpu.median()), 2.6)),
	}
	if linter != "" { // 100,000 keys would take it minutes
		folder, err := b.envProject(generate.Dense, 10_000)
		if err != nil {
			return err
		}
		env := filepath.Join(folder, ".env")
		example := filepath.Join(folder, ".env.example")
		if err := os.WriteFile(example, []byte(generate.Env(generate.Dense, 10_000, 1)), 0o644); err != nil {
			return err
		}
		took, err := b.turns(3, []string{linter, "diff", "--plain", "-q", env, example})
		if err != nil {
			return err
		}
		peer = took[0]
		line.peer = "dotenv-linter diff of 10,000 " + text(peer.wall.median())
	}
	b.table.add(line)
	return nil
}
