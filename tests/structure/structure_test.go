// Package structure_test holds the repository to its own layout: who imports
// what, which versions are pinned, and that a rule is complete.
package structure_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/gitfiles"
)

const root = "../.."

// imports returns the imports of all packages of the module by folder, with
// "/"; those of tests apart.
func imports(t *testing.T) (code, tests map[string][]string) {
	t.Helper()
	code, tests = map[string][]string{}, map[string][]string{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".") && file != root) {
			return fs.SkipDir
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		into := code
		if strings.HasSuffix(name, "_test.go") {
			into = tests
		}
		folder := filepath.ToSlash(rel)
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			into[folder] = append(into[folder], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return code, tests
}

func goMod(t *testing.T) *modfile.File {
	t.Helper()
	file := filepath.Join(root, "go.mod")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := modfile.Parse(file, content, nil)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// below reports whether a path is base, or lies below it.
func below(path, base string) bool { return path == base || strings.HasPrefix(path, base+"/") }

// standard reports whether an import is of the standard library, whose paths
// have no dot in their first element.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

func TestImports(t *testing.T) {
	module := goMod(t).Module.Mod.Path
	code, tests := imports(t)
	if len(code["diagnostics"]) == 0 || len(code["server/lsp"]) == 0 {
		t.Fatal("the packages are not where this test looks for them")
	}
	for folder, all := range code {
		for _, imported := range all {
			own, isOwn := strings.CutPrefix(imported, module+"/")
			switch {
			case below(folder, "diagnostics"):
				if !standard(imported) && !(isOwn && below(own, "workspace")) {
					t.Errorf("diagnostics imports %s; it may only import workspace and the standard library", imported)
				}
			case below(folder, "workspace") && isOwn && !below(own, "workspace"):
				t.Errorf("%s imports %s: data flows from workspace, not into it", folder, own)
			}
			if strings.HasPrefix(imported, "go.lsp.dev/") && !below(folder, "server/lsp") && !below(folder, "tests") {
				t.Errorf("%s imports %s; only server/lsp may", folder, imported)
			}
		}
	}
	for folder, all := range tests {
		for _, imported := range all {
			if strings.HasPrefix(imported, "go.lsp.dev/") && !below(folder, "server/lsp") && !below(folder, "tests") {
				t.Errorf("a test of %s imports %s; only those of server/lsp may", folder, imported)
			}
		}
	}
}

// TestDiagnosticsDoNoIO holds rules to what the model says: no file, no
// process, no network, no clock, no environment.
func TestDiagnosticsDoNoIO(t *testing.T) {
	code, _ := imports(t)
	for _, imported := range code["diagnostics"] {
		if slices.Contains([]string{"os", "io", "io/ioutil", "net", "net/http", "os/exec", "syscall", "time"}, imported) {
			t.Errorf("diagnostics imports %s", imported)
		}
	}
}

// TestPins holds the three modules that only fit together at one version.
func TestPins(t *testing.T) {
	pins := map[string]string{"go.lsp.dev/protocol": "v1.0.1", "go.lsp.dev/jsonrpc2": "v1.0.1", "go.lsp.dev/uri": "v1.0.1"}
	for _, require := range goMod(t).Require {
		if want, ok := pins[require.Mod.Path]; ok {
			if require.Mod.Version != want {
				t.Errorf("%s is %s, not %s", require.Mod.Path, require.Mod.Version, want)
			}
			delete(pins, require.Mod.Path)
		}
	}
	for module := range pins {
		t.Errorf("go.mod does not require %s", module)
	}
}

// TestUnusedMethodsAreDropped holds the size of the program. Where anything that
// is linked into it calls a method by a name that is found at run time (MethodByName
// or Method of reflect, as text/template and some libraries for command lines
// do), the linker keeps all exported methods of all types that are used: a
// megabyte and a half.
func TestUnusedMethodsAreDropped(t *testing.T) {
	cmd := exec.Command("go", "build", "-ldflags=-dumpdep", "-o", filepath.Join(t.TempDir(), "program"), "./server/dbt-hybrid")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out[:min(len(out), 10_000)])
	}
	seen, last := false, ""
	for line := range strings.Lines(string(out)) {
		seen = seen || strings.HasPrefix(line, "main.main ")
		if from, _, ok := strings.Cut(line, " <ReflectMethod> -> "); ok && from != last {
			t.Errorf("%s looks methods up by reflection, so all methods stay in the program", from)
			last = from
		}
	}
	if !seen {
		t.Error("the linker does not say what main.main needs; is -dumpdep gone?")
	}
}

// TestRulesAreComplete holds invariant 5: the code of a rule is the name of its
// file, its archive and its page, and there is no archive or page without one.
func TestRulesAreComplete(t *testing.T) {
	underscored := func(code string) string { return strings.ReplaceAll(code, "-", "_") }
	var sources, archives, pages []string
	for _, rule := range diagnostics.Rules() {
		sources = append(sources, underscored(rule.Code)+".go")
		archives = append(archives, underscored(rule.Code)+".txtar")
		pages = append(pages, rule.Code+".md")
		if rule.Title == "" || strings.HasSuffix(rule.Title, ".") {
			t.Errorf("%s: the title is one sentence without a full stop: %q", rule.Code, rule.Title)
		}
		if rule.Severity == diagnostics.Off {
			t.Errorf("%s has no severity", rule.Code)
		}
	}
	for _, source := range sources {
		if _, err := os.Stat(filepath.Join(root, "diagnostics", source)); err != nil {
			t.Errorf("a rule without its file: %v", err)
		}
	}
	same(t, "diagnostics/testdata/*.txtar", archives)
	same(t, "docs/rules/*.md", append(pages, "README.md"))
}

// same compares the files that fit a pattern with names.
func same(t *testing.T, pattern string, names []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range found {
		found[i] = filepath.Base(file)
		if !slices.Contains(names, found[i]) {
			t.Errorf("%s belongs to no rule", path.Join(path.Dir(pattern), found[i]))
		}
	}
	for _, name := range names {
		if !slices.Contains(found, name) {
			t.Errorf("there is no %s", path.Join(path.Dir(pattern), name))
		}
	}
}

// sentByVSCode returns which files the extension tells the server of. Its globs mean
// to git what they mean to VS Code.
func sentByVSCode(t *testing.T) func(file string) bool {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, "extension/src/files.ts"))
	if err != nil {
		t.Fatal(err)
	}
	var globs []string
	for _, found := range regexp.MustCompile(`'(\*\*/[^']+)'`).FindAllStringSubmatch(string(source), -1) {
		globs = append(globs, found[1])
	}
	patterns := gitfiles.Patterns([]byte(strings.Join(globs, "\n")), "")
	return func(file string) bool { return gitfiles.Ignored(patterns, file, false) }
}

// TestVSCodeSendsWhatHasFindings holds the extension to the rules: VS Code offers no
// fix in a file that it does not send, and what is typed there counts only once it
// is saved.
func TestVSCodeSendsWhatHasFindings(t *testing.T) {
	sent := sentByVSCode(t)
	archives, err := filepath.Glob(filepath.Join(root, "diagnostics/testdata/*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`(?m)^(.+?):\d+:\d+\S* (?:error|warning|info|hint) `)
	places := 0
	for _, archive := range archives {
		parsed, err := txtar.ParseFile(archive)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range parsed.Files {
			if path.Base(file.Name) != "want" {
				continue
			}
			for _, found := range place.FindAllSubmatch(file.Data, -1) {
				places++
				if !sent(string(found[1])) {
					t.Errorf("%s, %s: VS Code does not send %s", filepath.Base(archive), file.Name, found[1])
				}
			}
		}
	}
	if places < 500 {
		t.Errorf("only %d findings in the archives; do they look otherwise now?", places)
	}
}

func TestVSCodeSendsWhatDbtReads(t *testing.T) {
	sent := sentByVSCode(t)
	for file, want := range map[string]bool{
		"models/MODEL.SQL": true, "models/properties.YML": true, "shop/functions/finance/tax.py": true, "functions/tax.JS": true,
		"scripts/load.py": false, "web/app.js": false, "functions.py": false, "models/forecast.py": false, "notes.md": false, "env.py": false,
	} {
		if sent(file) != want {
			t.Errorf("%s: sent %v, want %v", file, !want, want)
		}
	}
}
