package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// ourPackage is the command that is measured.
const ourPackage = "github.com/dbt-hybrid/dbt-hybrid/server/dbt-hybrid"

const yamlServerVersion = "2.0.0"

// programs are the contenders. One that is not there is empty, and a note says so.
type programs struct {
	ours       string
	lspFloor   string
	emptyFloor string
	walkFloor  string
	peak       string
	yamlServer []string // its command line
	ecolog     string
	dbt        string
	home       string // an empty home folder
	notes      []string
}

// build builds our binary and the floors, and finds or installs the peers, all
// below the repository's .cache.
func build(folder string) (programs, error) {
	root, err := repository()
	if err != nil {
		return programs{}, err
	}
	p := programs{home: filepath.Join(folder, "home")}
	if err := os.MkdirAll(p.home, 0o755); err != nil {
		return p, err
	}
	bin := filepath.Join(root, ".cache", "bench")
	floors := []struct {
		path *string
		name string
	}{{&p.lspFloor, "lsp"}, {&p.walkFloor, "walk"}, {&p.peak, "peak"}}
	for _, floor := range floors {
		*floor.path = filepath.Join(bin, "floor-"+floor.name)
		if err := goBuild(root, *floor.path, "./tests/bench/floor/"+floor.name); err != nil {
			return p, err
		}
	}
	if _, err := os.Stat(filepath.Join(root, "server", "dbt-hybrid", "main.go")); err == nil {
		p.ours = filepath.Join(bin, "dbt-hybrid")
		if err := goBuild(root, p.ours, ourPackage); err != nil {
			return p, err
		}
		p.emptyFloor = filepath.Join(bin, "floor-empty")
		if err := buildEmpty(root, p.emptyFloor, folder); err != nil {
			return p, err
		}
	} else {
		p.note("server/dbt-hybrid does not exist; the floor server stands in for it.")
	}
	p.findPeers(root)
	return p, nil
}

func (p *programs) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

func repository() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}

// goBuild builds as a release is built: without cgo, paths and symbols.
func goBuild(root, output, pkg string, flags ...string) error {
	args := append([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", output}, flags...)
	command := exec.Command("go", append(args, pkg)...)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// buildEmpty builds the empty program with an import of every package that our
// binary links, except its own and those that may not be imported.
func buildEmpty(root, output, folder string) error {
	command := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}}", ourPackage)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	list, err := command.Output()
	if err != nil {
		return fmt.Errorf("go list -deps %s: %w", ourPackage, err)
	}
	var source bytes.Buffer
	source.WriteString("package main\n\nimport (\n")
	for name := range strings.FieldsSeq(string(list)) {
		if importable(name) {
			fmt.Fprintf(&source, "\t_ %q\n", name)
		}
	}
	source.WriteString(")\n")
	links := filepath.Join(folder, "links.go")
	if err := os.WriteFile(links, source.Bytes(), 0o644); err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "tests", "bench", "floor", "empty", "links.go"): links,
	}})
	if err != nil {
		return err
	}
	file := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o644); err != nil {
		return err
	}
	return goBuild(root, output, "./tests/bench/floor/empty", "-overlay", file)
}

func importable(name string) bool {
	parts := strings.Split(name, "/")
	return !strings.HasPrefix(name, "github.com/dbt-hybrid/") &&
		!slices.Contains(parts, "internal") && parts[0] != "vendor" && name != "unsafe"
}

// findPeers installs the YAML language server, which is small, and takes the
// others where they are.
func (p *programs) findPeers(root string) {
	folder := filepath.Join(root, ".cache", "peers")
	script := filepath.Join(folder, "node_modules", "yaml-language-server", "bin", "yaml-language-server")
	if _, err := os.Stat(script); err != nil {
		fmt.Fprintf(os.Stderr, "installing yaml-language-server %s into .cache/peers\n", yamlServerVersion)
		install := exec.Command("npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix", folder,
			"yaml-language-server@"+yamlServerVersion)
		if out, err := install.CombinedOutput(); err != nil {
			p.note("yaml-language-server could not be installed (%v): %s", err, firstLine(out))
		}
	}
	if node, err := exec.LookPath("node"); err == nil && isFile(script) {
		p.yamlServer = []string{node, script, "--stdio"}
	}
	local := filepath.Join(folder, "bin", "ecolog-lsp")
	if found, err := exec.LookPath("ecolog-lsp"); err == nil {
		p.ecolog = found
	} else if isFile(local) {
		p.ecolog = local
	} else {
		p.note("ecolog-lsp is not installed; install it with: cargo install ecolog-lsp --version 0.6.0 --locked --root .cache/peers")
	}
	if p.dbt = os.Getenv("DBT_V2"); p.dbt == "" {
		p.dbt = filepath.Join(root, ".cache", "dbt-v2", "bin", "dbt")
	}
	if !isFile(p.dbt) {
		p.dbt = ""
		p.note("dbt v2 is not installed; name it in DBT_V2, or run npm test, which installs it.")
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(string(bytes.TrimSpace(text)), "\n")
	return line
}

// clean is the environment of every program that is measured: a search path, an
// empty home, no settings of the person who runs the benchmark.
func (p *programs) clean() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + p.home, "TMPDIR=" + os.TempDir(),
		"DO_NOT_TRACK=1", "DBT_SEND_ANONYMOUS_USAGE_STATS=false", "NO_COLOR=1",
	}
}
