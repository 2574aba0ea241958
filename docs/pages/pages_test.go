package pages_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/docs/pages"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// TestExamples builds the two examples of every page as projects: the rule
// speaks about the bad one and not about the good one.
func TestExamples(t *testing.T) {
	for _, rule := range diagnostics.Rules() {
		t.Run(rule.Code, func(t *testing.T) {
			content, ok := docs.Rule(rule.Code)
			if !ok {
				t.Fatal("there is no page")
			}
			page, err := pages.Parse(content)
			if err != nil {
				t.Fatal(err)
			}
			if page.Code != rule.Code {
				t.Errorf("the title is %q", page.Code)
			}
			if !speaks(t, rule, page.Bad) {
				t.Error("the rule says nothing about the bad example")
			}
			if speaks(t, rule, page.Good) {
				t.Error("the rule speaks about the good example")
			}
		})
	}
}

func TestParseRefusesAPage(t *testing.T) {
	good := "# c\n\n## What dbt does\n\n## Example\n\n`a`\n\n```\nx\n```\n\n## Fixed\n\n## How to fix\n\n## When to switch it off\n"
	if _, err := pages.Parse(good); err != nil {
		t.Error(err)
	}
	for name, page := range map[string]string{
		"a section is missing":     strings.Replace(good, "## How to fix\n", "", 1),
		"a block is not closed":    strings.Replace(good, "x\n```", "x", 1),
		"a block without its file": strings.Replace(good, "`a`\n", "", 1),
		"no hexadecimal digits":    strings.Replace(good, "```\nx", "```hex\nx", 1),
	} {
		if _, err := pages.Parse(page); err == nil {
			t.Error(name)
		}
	}
}

func speaks(t *testing.T, rule *diagnostics.Rule, example pages.Example) bool {
	t.Helper()
	top := t.TempDir()
	project, home := filepath.Join(top, "project"), filepath.Join(top, "home")
	files := example.Project()
	if rule.Code == "profiles-not-found" && example.Files["profiles.yml"] == "" {
		delete(files, "profiles.yml")
	}
	for path, content := range files {
		full := filepath.Join(project, path)
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			full = filepath.Join(home, rest)
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := files[".gitignore"]; ok {
		if out, err := exec.Command("git", "init", "-q", project).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	w := workspace.New(&workspace.Machine{Home: home, Environ: exported(example.Console)})
	w.SetFolders([]string{project})
	w.SetEngine(installed(example.Console))
	for _, p := range w.Snapshot().Projects() {
		for _, f := range diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine}) {
			if f.Rule == rule {
				return true
			}
		}
	}
	return false
}

// exported are the variables that a console exports.
func exported(console []pages.Run) map[string]secret.Text {
	environ := map[string]secret.Text{}
	for _, run := range console {
		if assignment, ok := strings.CutPrefix(run.Command, "export "); ok {
			name, value, _ := strings.Cut(assignment, "=")
			environ[name] = secret.New(value)
		}
	}
	return environ
}

// installed are the dbts whose --version a console shows, in the order of the
// search path.
func installed(console []pages.Run) *workspace.Engine {
	e := &workspace.Engine{Found: len(console) > 0, Releases: engine.Releases{
		From: engine.FromNetwork, Channels: map[string]engine.Release{"latest": {Version: "2.0.8"}}, KnownBad: []string{"2.0.5"},
	}}
	for _, run := range console {
		program, _, _ := strings.Cut(run.Command, " ")
		kind, version := engine.Classify(run.Output)
		if program == "export" || strings.Contains(run.Output, "command not found") {
			continue
		}
		e.Installs = append(e.Installs, engine.Install{Path: program, Real: program, Kind: kind, Version: version})
	}
	return e
}
