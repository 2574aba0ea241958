// Package examples_test holds the examples to what their README says of them.
package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/docs/pages"
	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// current is an engine about which there is nothing to say.
func current() *workspace.Engine {
	newest := engine.Builtin()
	return &workspace.Engine{
		Found:    true,
		Releases: newest,
		Installs: []engine.Install{{Path: "/usr/bin/dbt", Real: "/usr/bin/dbt", Kind: engine.KindV2, Version: newest.Channels["latest"].Version}},
	}
}

// findings checks one project in an empty home.
func findings(t *testing.T, folder string) []diagnostics.Finding {
	t.Helper()
	w := workspace.New(&workspace.Machine{Home: t.TempDir()})
	w.SetFolders([]string{absolute(t, folder)})
	w.SetEngine(current())
	var all []diagnostics.Finding
	projects := w.Snapshot().Projects()
	if len(projects) != 1 {
		t.Fatalf("%s: %d projects", folder, len(projects))
	}
	for _, p := range projects {
		all = append(all, diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine})...)
	}
	return all
}

func absolute(t *testing.T, folder string) string {
	t.Helper()
	root, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func codes(found []diagnostics.Finding) []string {
	var all []string
	for _, f := range found {
		all = append(all, f.Rule.Code)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestHealthyHasNoFinding(t *testing.T) {
	for _, f := range findings(t, "healthy") {
		t.Errorf("%s: %s %s", f.At.File.Path, f.Rule.Code, f.Text())
	}
}

// TestBrokenShowsEveryRule looks for every finding that files can show; those
// that depend on the machine are in the test of the pages.
func TestBrokenShowsEveryRule(t *testing.T) {
	var shown []string
	for _, project := range brokenProjects(t) {
		found := codes(findings(t, filepath.Join("broken", project)))
		if project != "shop" && !slices.Contains(found, project) {
			t.Errorf("broken/%s does not show the rule that it is named after: %v", project, found)
		}
		shown = append(shown, found...)
	}
	for _, rule := range diagnostics.Rules() {
		content, _ := docs.Rule(rule.Code)
		page, err := pages.Parse(content)
		if err != nil {
			t.Fatal(err)
		}
		if !page.Bad.OnMachine() && !slices.Contains(shown, rule.Code) {
			t.Errorf("no example shows %s", rule.Code)
		}
	}
}

// TestEngineAgrees runs the real engine: it parses the healthy project, and
// refuses the broken ones of which we say so.
func TestEngineAgrees(t *testing.T) {
	projects := []string{"healthy"}
	for _, project := range brokenProjects(t) {
		projects = append(projects, filepath.Join("broken", project))
	}
	scenarios := make([]dbttest.Scenario, len(projects))
	for i, project := range projects {
		scenarios[i] = dbttest.Scenario{Name: project, Files: filesOf(t, project)}
	}
	for i, seen := range dbttest.Find(t).Batch(t, scenarios) {
		refused := seen.Exit != 0
		said := slices.ContainsFunc(findings(t, projects[i]), func(f diagnostics.Finding) bool { return f.Refuses })
		if refused != said && !unseen(projects[i]) {
			t.Errorf("%s: dbt ends with %d; we say that it refuses: %v\n%s%s", projects[i], seen.Exit, said, seen.Stdout, seen.Stderr)
		}
	}
}

// unseen names the projects about which the open-source build of the engine
// cannot be asked.
func unseen(project string) bool { return project == filepath.Join("broken", "mesh-unlinked") }

func brokenProjects(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("broken")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// filesOf reads the files of a project, without what dbt writes there.
func filesOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{"target", "logs", "dbt_packages", "dbt_internal_packages"}, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		content, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, folder+string(filepath.Separator))] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
