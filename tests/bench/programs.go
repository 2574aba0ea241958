package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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
	ours        string
	lspFloor    string
	emptyFloor  string // all modules imported, what it does not use dropped by the linker
	linkedFloor string // all modules imported, and what our binary uses of them linked
	scanFloor   string
	peak        string
	yamlServer  []string          // its command line
	cargo       map[string]string // the path of a peer by the name of its crate
	dbt         string
	root        string // of the repository
	home        string // an empty home folder
	notes       []string
}

// build builds our binary and the floors below the repository's .cache, and finds
// the peers there, after installing them if wanted.
func build(folder string, install bool) (programs, error) {
	root, err := repository()
	if err != nil {
		return programs{}, err
	}
	p := programs{root: root, home: filepath.Join(folder, "home")}
	if err := os.MkdirAll(p.home, 0o755); err != nil {
		return p, err
	}
	bin := filepath.Join(root, ".cache", "bench")
	floors := []struct {
		path *string
		name string
	}{{&p.lspFloor, "lsp"}, {&p.scanFloor, "scan"}, {&p.peak, "peak"}}
	for _, floor := range floors {
		*floor.path = filepath.Join(bin, "floor-"+floor.name)
		if err := goBuild(root, *floor.path, "./tests/bench/floor/"+floor.name); err != nil {
			return p, err
		}
	}
	p.ours = filepath.Join(bin, "dbt-hybrid")
	if err := goBuild(root, p.ours, ourPackage); err != nil {
		return p, err
	}
	imports, err := writeImports(root, folder)
	if err != nil {
		return p, err
	}
	p.emptyFloor, p.linkedFloor = filepath.Join(bin, "floor-empty"), filepath.Join(bin, "floor-linked")
	for output, name := range map[string]string{p.emptyFloor: "empty", p.linkedFloor: "linked"} {
		if err := buildWithImports(root, output, name, imports); err != nil {
			return p, err
		}
	}
	p.findPeers(install)
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

// goBuild builds as a release is built: without cgo, paths and symbols. It leaves
// the program twice: as an installer writes it, and as the linker does (asLinked).
func goBuild(root, output, pkg string, flags ...string) error {
	args := append([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", asLinked(output)}, flags...)
	command := exec.Command("go", append(args, pkg)...)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return rewrite(asLinked(output), output)
}

// asLinked is the path of a program as the linker wrote it. Of its file Linux maps
// small pieces, and counts them as memory of the process; of one that was written
// from its first byte to its last it maps, and counts, much that nobody asked for.
func asLinked(program string) string { return program + ".linked" }

// rewrite writes a program from its first byte to its last, as whoever installs
// one does. A start from the small pieces of a linker takes up to a quarter longer.
func rewrite(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(to, content, 0o755)
}

// writeImports writes a Go file that imports every package that our binary
// links, except its own and those that may not be imported.
func writeImports(root, folder string) (file string, err error) {
	command := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}}", ourPackage)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	list, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go list -deps %s: %w", ourPackage, err)
	}
	var source bytes.Buffer
	source.WriteString("package main\n\nimport (\n")
	for name := range strings.FieldsSeq(string(list)) {
		if importable(name) {
			fmt.Fprintf(&source, "\t_ %q\n", name)
		}
	}
	source.WriteString(")\n")
	file = filepath.Join(folder, "imports.go")
	return file, os.WriteFile(file, source.Bytes(), 0o644)
}

// buildWithImports builds a floor as if the file of imports were one of its own.
func buildWithImports(root, output, floor, imports string) error {
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "tests", "bench", "floor", floor, "imports.go"): imports,
	}})
	if err != nil {
		return err
	}
	file := filepath.Join(filepath.Dir(imports), "overlay-"+floor+".json")
	if err := os.WriteFile(file, overlay, 0o644); err != nil {
		return err
	}
	return goBuild(root, output, "./tests/bench/floor/"+floor, "-overlay", file)
}

func importable(name string) bool {
	parts := strings.Split(name, "/")
	return !strings.HasPrefix(name, "github.com/dbt-hybrid/") &&
		!slices.Contains(parts, "internal") && parts[0] != "vendor" && name != "unsafe"
}

// findPeers takes the peers where they are, and installs the others if wanted.
func (p *programs) findPeers(install bool) {
	folder := filepath.Join(p.root, ".cache", "peers")
	script := filepath.Join(folder, "node_modules", "yaml-language-server", "bin", "yaml-language-server")
	if !isFile(script) && install {
		fmt.Fprintf(os.Stderr, "installing yaml-language-server %s into .cache/peers\n", yamlServerVersion)
		command := exec.Command("npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix", folder,
			"yaml-language-server@"+yamlServerVersion)
		if out, err := command.CombinedOutput(); err != nil {
			p.note("yaml-language-server could not be installed (%v): %s", err, firstLine(out))
		}
	}
	if node, err := exec.LookPath("node"); err == nil && isFile(script) {
		p.yamlServer = []string{node, script, "--stdio"}
	} else {
		p.note("yaml-language-server %s is not installed.", yamlServerVersion)
	}
	p.cargo = map[string]string{}
	for _, tool := range cargoTools() {
		p.findCargo(tool, install)
	}
	if p.dbt = os.Getenv("DBT_V2"); p.dbt == "" {
		p.dbt = filepath.Join(p.root, ".cache", "dbt-v2", "bin", "dbt")
	}
	if !isFile(p.dbt) {
		p.dbt = ""
		p.note("dbt v2 is not installed; name it in DBT_V2, or run npm test, which installs it.")
	}
}

// A cargoTool is a peer that cargo builds, which takes one to four minutes.
type cargoTool struct{ crate, program, version string }

func cargoTools() []cargoTool {
	return []cargoTool{{"ripgrep", "rg", "15.2.0"}, {"dotenv-linter", "dotenv-linter", "4.0.0"}, {"ecolog-lsp", "ecolog-lsp", "0.6.0"}}
}

func (p *programs) findCargo(tool cargoTool, install bool) {
	folder := filepath.Join(p.root, ".cache", "bench", "cargo")
	path := filepath.Join(folder, "bin", tool.program)
	args := []string{"install", tool.crate, "--version", tool.version, "--locked", "--root", folder}
	if !isFile(path) && install {
		fmt.Fprintf(os.Stderr, "building %s %s into .cache/bench, which takes minutes\n", tool.crate, tool.version)
		if out, err := exec.Command("cargo", args...).CombinedOutput(); err != nil {
			p.note("%s could not be installed (%v): %s", tool.crate, err, firstLine(out))
		} else if err := rewrite(path, path); err != nil {
			p.note("%s: %v", tool.crate, err)
		}
	}
	if isFile(path) {
		p.cargo[tool.crate] = path
		return
	}
	p.note("%s %s is not installed.", tool.crate, tool.version)
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
