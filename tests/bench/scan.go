package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/lspdrive"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// cargoTool returns a peer that cargo installed below .cache; "" without it.
func (b *bench) cargoTool(name, version string) string {
	root, err := repository()
	if err == nil {
		path := filepath.Join(root, ".cache", "bench", "cargo", "bin", name)
		if isFile(path) {
			return path
		}
	}
	b.note("%s is not installed; install it with: cargo install %s --version %s --locked --root .cache/bench/cargo",
		name, map[string]string{"rg": "ripgrep", "dotenv-linter": "dotenv-linter"}[name], version)
	return ""
}

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

// measureMemory looks at the resident memory of a server that has read a
// project.
func measureMemory(b *bench) error {
	for _, size := range []struct{ models, megabytes int }{{0, 12}, {1000, 20}, {10_000, 30}, {100_000, 80}} {
		if b.quick && size.models > 10_000 {
			continue
		}
		folder, err := b.home, error(nil)
		if size.models > 0 {
			folder, err = b.project(size.models)
		}
		if err != nil {
			return err
		}
		resident, err := b.resident(folder, size.models > 0)
		if err != nil {
			return err
		}
		b.table.add(row{
			work: fmt.Sprintf("T3 memory of serve, %d models", size.models), ours: fmt.Sprintf("%.1f MB", resident),
			bar: fmt.Sprintf("≤ %d MB", size.megabytes), verdict: holds(resident, float64(size.megabytes)),
		})
	}
	return nil
}

// resident starts a server on a folder and returns its resident memory in
// megabytes: when it has published something about the project there, or at once.
func (b *bench) resident(folder string, project bool) (megabytes float64, err error) {
	server, _, err := lspdrive.Start(b.ourServer(), folder)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if project {
		page := envPage(generate.Clean, 10)
		document, err := server.Open(filepath.Join(folder, page.name), page.content, page.key, page.at)
		if err == nil {
			_, err = document.Key()
		}
		if err != nil {
			return 0, err
		}
	}
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", server.PID()))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(content), "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(rest + " -")[0])
	return float64(kilobytes) / 1024, err
}

// measureScan compares the check of a large project with a search for one word
// in the same files, which reads all of them and does nothing else.
func measureScan(b *bench) error {
	rg := b.cargoTool("rg", "15.2.0")
	for _, models := range b.large() {
		folder, err := b.project(models)
		if err != nil {
			return err
		}
		line := row{work: fmt.Sprintf("T12 check of %d models", models), peer: "ripgrep: not installed", bar: "≤ 1.0 × ripgrep"}
		ours, peer, err := b.turns(b.times(15), []string{b.ours, "check", "--no-probe", "--offline", folder}, rg, "-c", "env_var", folder)
		if err != nil {
			return err
		}
		line.ours = text(ours.wall.median()) + ", CPU " + text(ours.cpu.median())
		if rg != "" {
			line.peer = "ripgrep " + text(peer.wall.median()) + ", CPU " + text(peer.cpu.median())
			ratio := quotient(ours.cpu.median(), peer.cpu.median())
			line.ratio = fmt.Sprintf("%.2f ×, CPU %.2f ×", quotient(ours.wall.median(), peer.wall.median()), ratio)
			line.verdict = holds(ratio, 1)
		}
		b.table.add(line)
	}
	return nil
}

// costs are repeated runs of one program.
type costs struct{ wall, cpu sample }

func (c *costs) add(u used) { c.wall, c.cpu = append(c.wall, u.wall), append(c.cpu, u.cpu) }

// turns runs our command and a peer in turns; a peer that is not there is left out.
func (b *bench) turns(n int, command []string, peer string, args ...string) (ours, theirs costs, err error) {
	for range n {
		used, err := b.runOnce(command, "")
		if err != nil {
			return ours, theirs, err
		}
		ours.add(used)
		if peer == "" {
			continue
		}
		if used, err = b.runLinter(append([]string{peer}, args...)); err != nil {
			return ours, theirs, err
		}
		theirs.add(used)
	}
	return ours, theirs, nil
}

// runLinter runs a program that ends with status 1 when it finds something.
func (b *bench) runLinter(args []string) (used, error) {
	command := exec.Command(args[0], args[1:]...)
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

// measureEnvCheck compares the check of a .env with the one of dotenv-linter.
func measureEnvCheck(b *bench) error {
	linter := b.cargoTool("dotenv-linter", "4.0.0")
	for _, test := range []struct {
		name, bar string
		lines     int
		limit     float64
	}{
		{"T9 check of a .env of 10 lines", "≤ 1.3 × dotenv-linter", 10, 1.3},
		{"T9 check of a .env of 1,000 lines", "≤ 1.1 × dotenv-linter", 1000, 1.1},
		{"T10 check of a .env of 100,000 lines", "≤ 0.5 × dotenv-linter", 100_000, 0.5},
	} {
		folder := filepath.Join(b.folder, fmt.Sprintf("env-%d", test.lines))
		if err := generate.Project(folder, 1, 1); err != nil {
			return err
		}
		env := filepath.Join(folder, ".env")
		if err := os.WriteFile(env, []byte(generate.Env(generate.Clean, test.lines, 1)), 0o644); err != nil {
			return err
		}
		repeat := b.times(50)
		if test.lines > 1000 {
			repeat = b.times(15)
		}
		ours, peer, err := b.turns(repeat, []string{b.ours, "check", "--no-probe", "--offline", folder}, linter, "check", "--skip-updates", "--plain", "-q", env)
		if err != nil {
			return err
		}
		line := row{work: test.name, ours: text(ours.wall.median()), peer: "dotenv-linter: not installed", bar: test.bar}
		if linter != "" {
			ratio := quotient(ours.wall.median(), peer.wall.median())
			line.peer, line.ratio = "dotenv-linter "+text(peer.wall.median()), fmt.Sprintf("%.2f ×", ratio)
			line.verdict = holds(ratio, test.limit)
		}
		b.table.add(line)
	}
	return nil
}

// measureSave is what the model and the rules need after one SQL file was saved.
func measureSave(b *bench) error {
	for _, models := range b.large() {
		folder, err := b.project(models)
		if err != nil {
			return err
		}
		w := workspace.New(&workspace.Machine{Home: b.home})
		w.SetFolders([]string{folder})
		saved := filepath.Join(folder, "models", "area_0000", "model_000000.sql")
		var took sample
		for range b.times(100) {
			w.FilesChanged([]string{saved})
			begin := time.Now()
			for _, p := range w.Snapshot().Projects() {
				diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine})
			}
			took = append(took, time.Since(begin))
		}
		b.table.add(row{
			work: fmt.Sprintf("T14 one SQL file saved, %d models", models), ours: text(took.median()), bar: "≤ 2 ms",
			verdict: holds(float64(took.median()), float64(2*time.Millisecond)),
		})
	}
	return nil
}
