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
	maxCheck      = 1.0 / 20
)

func measureSize(b *bench) error {
	if b.ours == "" {
		return nil
	}
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
// program that links the same packages, and looks at its peak memory.
func measureVersion(b *bench) error {
	if b.ours == "" {
		return nil
	}
	var ours, floor sample
	for range b.times(200) {
		for _, turn := range []struct {
			into *sample
			args []string
		}{{&ours, []string{b.ours, "version"}}, {&floor, []string{b.emptyFloor}}} {
			used, err := b.runOnce(turn.args, "")
			if err != nil {
				return err
			}
			*turn.into = append(*turn.into, used.cpu)
		}
	}
	ratio := quotient(ours.median(), floor.median())
	b.table.add(row{
		work: "T1 version, processor time", ours: text(ours.median()), floor: text(floor.median()),
		ratio: fmt.Sprintf("%.2f × floor", ratio), bar: "≤ 1.15 × floor", verdict: holds(ratio, maxVersionCPU),
	})
	peak, err := b.peakMB(b.ours, "version")
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

func (b *bench) runOnce(args []string, folder string) (used, error) {
	command := exec.Command(args[0], args[1:]...)
	command.Dir = folder
	command.Env = b.clean()
	begin := time.Now()
	out, err := command.CombinedOutput()
	wall := time.Since(begin)
	if err != nil {
		return used{}, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return used{wall, command.ProcessState.UserTime() + command.ProcessState.SystemTime()}, nil
}

func (b *bench) peakMB(args ...string) (float64, error) {
	out, err := exec.Command(b.peak, args...).Output()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	kilobytes, err := strconv.Atoi(strings.TrimSpace(string(out)))
	return float64(kilobytes) / 1024, err
}

// measureCheck compares `check` of a project of 1,000 models, in which nothing
// is wrong, with `dbt parse` of the same project.
func measureCheck(b *bench) error {
	project := filepath.Join(b.folder, "project")
	if err := generate.Project(project, 1000, 1); err != nil {
		return err
	}
	ours := []string{b.ours, "check", "--no-probe", "--offline", project}
	if b.ours == "" {
		ours = []string{b.walkFloor, project}
	}
	var check, walk, parse, checkCPU, parseCPU sample
	for range b.times(10) {
		turn, err := b.runOnce(ours, project)
		if err != nil {
			return err
		}
		check, checkCPU = append(check, turn.wall), append(checkCPU, turn.cpu)
		if turn, err = b.runOnce([]string{b.walkFloor, project}, ""); err != nil {
			return err
		}
		walk = append(walk, turn.wall)
		if b.dbt == "" {
			continue
		}
		for _, left := range []string{"target", "logs"} {
			if err := os.RemoveAll(filepath.Join(project, left)); err != nil {
				return err
			}
		}
		if turn, err = b.runOnce([]string{b.dbt, "parse"}, project); err != nil {
			return err
		}
		parse, parseCPU = append(parse, turn.wall), append(parseCPU, turn.cpu)
	}
	line := row{
		work: "check of 1,000 models", ours: text(check.median()), peer: "dbt parse: not installed",
		floor: "walk " + text(walk.median()), bar: "≤ 1/20 of dbt parse",
	}
	if len(parse) > 0 {
		ratio := quotient(check.median(), parse.median())
		line.peer = "dbt parse " + text(parse.median())
		line.ratio = fmt.Sprintf("1/%.0f (CPU 1/%.0f)", 1/ratio, quotient(parseCPU.median(), checkCPU.median()))
		line.verdict = holds(ratio, maxCheck)
	}
	b.table.add(line)
	return nil
}
