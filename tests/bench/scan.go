package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

const (
	maxScanWall = 1.0 // × ripgrep
	maxScanCPU  = 1.2 // × ripgrep
	// maxYAML is the processor time of a megabyte of YAML that holds calls.
	maxYAML = 150 * time.Millisecond
)

// project returns a generated project, which is written at the first call.
func (b *bench) project(models int) (string, error) {
	folder := filepath.Join(b.folder, fmt.Sprintf("models-%d", models))
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	return folder, generate.Project(folder, models, 1)
}

// large are the numbers of models of large projects.
func (b *bench) large() []int {
	if b.quick {
		return []int{10_000}
	}
	return []int{10_000, 100_000}
}

// empty returns a new folder.
func (b *bench) empty(name string) (string, error) { return os.MkdirTemp(b.folder, name+"-") }

func (b *bench) check(path string) []string {
	return []string{b.ours, "check", "--no-probe", "--offline", path}
}

// measureScan compares the check of a large project with a search for the words
// that it looks for in all these files, and with a search for one of them, which
// reads the files and does next to nothing else.
func measureScan(b *bench) error {
	rg := b.cargo["ripgrep"]
	for _, models := range b.large() {
		folder, err := b.project(models)
		if err != nil {
			return err
		}
		contenders := [][]string{b.check(folder), {b.scanFloor, folder}}
		if rg != "" {
			search := []string{rg, "-c", "-F"}
			for _, word := range []string{"env_var", workspace.Remark, "ref(", "enabled"} {
				search = append(search, "-e", word)
			}
			contenders = append(contenders, append(search, folder), []string{rg, "-c", "env_var", folder})
		}
		took, err := b.turns(b.times(15), contenders...)
		if err != nil {
			return err
		}
		ours, floor := took[0], took[1]
		line := row{
			work: fmt.Sprintf("T12 check of %s models", thousands(models)), ours: ours.text(), floor: "scan " + floor.text(),
			peer: "ripgrep: not installed", bar: "≤ 1.0 × ripgrep for the same words, CPU ≤ 1.2 ×",
			ratio: fmt.Sprintf("CPU %.2f × floor", quotient(ours.cpu.median(), floor.cpu.median())),
		}
		if rg != "" {
			peer := took[2]
			wall, cpu := quotient(ours.wall.median(), peer.wall.median()), quotient(ours.cpu.median(), peer.cpu.median())
			line.peer = "ripgrep " + peer.text()
			line.ratio = fmt.Sprintf("%.2f ×, CPU %.2f ×; %.2f × for one word; ", wall, cpu, quotient(ours.wall.median(), took[3].wall.median())) + line.ratio
			line.verdict = worst(holds(wall, maxScanWall), holds(cpu, maxScanCPU))
		}
		b.table.add(line)
	}
	return nil
}

// costs are repeated runs of one program.
type costs struct{ wall, cpu sample }

func (c *costs) text() string { return text(c.wall.median()) + ", CPU " + text(c.cpu.median()) }

// turns runs the contenders in turns, after a round that does not count.
func (b *bench) turns(n int, contenders ...[]string) ([]costs, error) {
	all := make([]costs, len(contenders))
	for round := range n + 1 {
		for i, args := range contenders {
			used, err := b.runLinter(args)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				all[i].wall, all[i].cpu = append(all[i].wall, used.wall), append(all[i].cpu, used.cpu)
			}
		}
	}
	return all, nil
}

func (c *costs) add(other costs) {
	c.wall, c.cpu = append(c.wall, other.wall...), append(c.cpu, other.cpu...)
}

// runLinter runs a program that ends with status 1 when it finds something.
func (b *bench) runLinter(args []string) (used, error) { return b.runIn("", args) }

func (b *bench) runIn(folder string, args []string) (used, error) {
	command := exec.Command(args[0], args[1:]...)
	command.Dir = folder
	command.Env = b.clean()
	begin := time.Now()
	err := command.Run()
	wall := time.Since(begin)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil
	}
	if err != nil {
		return used{}, fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return used{wall, command.ProcessState.UserTime() + command.ProcessState.SystemTime()}, nil
}

// measureSave is what the model and the rules need after one SQL file was edited
// and saved: its call has moved a line.
func measureSave(b *bench) error {
	for _, models := range b.large() {
		folder, err := b.project(models)
		if err != nil {
			return err
		}
		took, err := b.saves(folder)
		if err != nil {
			return err
		}
		b.table.add(row{
			work: fmt.Sprintf("T14 one SQL file saved, %s models", thousands(models)), ours: text(took.median()), bar: "≤ 2 ms",
			verdict: holds(float64(took.median()), float64(2*time.Millisecond)),
		})
	}
	return nil
}

func (b *bench) saves(folder string) (took sample, err error) {
	saved := filepath.Join(folder, "models", "area_0000", "model_000000.sql")
	content, err := os.ReadFile(saved)
	if err != nil {
		return nil, err
	}
	edited := append([]byte("-- edited\n"), content...)
	w := workspace.New(&workspace.Machine{Home: b.home})
	w.SetFolders([]string{folder})
	for range b.times(100) {
		for _, next := range [][]byte{edited, content} {
			if err := os.WriteFile(saved, next, 0o644); err != nil {
				return nil, err
			}
			w.FilesChanged([]string{saved})
			begin := time.Now()
			for _, p := range w.Snapshot().Projects() {
				diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine})
			}
			took = append(took, time.Since(begin))
		}
	}
	return took, nil
}

// measureYAML is what a megabyte of properties costs: the difference between a
// project with and without it. Where no call stands in it, it is searched and
// not parsed.
func measureYAML(b *bench) error {
	for _, test := range []struct {
		name, bar string
		calls     bool
		limit     time.Duration
	}{
		{"with calls", "≤ 150 ms of CPU per MB", true, maxYAML},
		{"without a call: not parsed", "≤ 1/10 of that", false, maxYAML / 10},
	} {
		small, err := b.yamlProject(1, test.calls)
		if err != nil {
			return err
		}
		const files = 101
		large, err := b.yamlProject(files, test.calls)
		if err != nil {
			return err
		}
		took, err := b.turns(b.times(15), b.check(small), b.check(large))
		if err != nil {
			return err
		}
		megabytes := float64((files-1)*len(generate.Properties(0, test.calls))) / 1e6
		perMB := time.Duration(float64(took[1].cpu.median()-took[0].cpu.median()) / megabytes)
		b.table.add(row{
			work: "T16 a MB of properties " + test.name, ours: "CPU " + text(perMB), bar: test.bar,
			verdict: holds(float64(perMB), float64(test.limit)),
		})
	}
	return nil
}

// yamlProject writes a project with that many properties files.
func (b *bench) yamlProject(files int, calls bool) (string, error) {
	folder, err := b.empty("yaml")
	if err != nil {
		return "", err
	}
	if err := generate.Project(folder, 1, 1); err != nil {
		return "", err
	}
	for n := range files {
		path := filepath.Join(folder, "models", fmt.Sprintf("more_%03d.yml", n))
		if err := os.WriteFile(path, []byte(generate.Properties(n, calls)), 0o644); err != nil {
			return "", err
		}
	}
	return folder, nil
}
