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
	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
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
func findings(t *testing.T, folder string, dbt *workspace.Engine) []diagnostics.Finding {
	t.Helper()
	return findingsAt(t, folder, t.TempDir(), dbt)
}

func findingsAt(t *testing.T, folder, home string, dbt *workspace.Engine) []diagnostics.Finding {
	t.Helper()
	w := workspace.New(&workspace.Machine{Home: home})
	w.SetFolders([]string{absolute(t, folder)})
	w.SetEngine(dbt)
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
	for _, f := range findings(t, "healthy", current()) {
		t.Errorf("%s: %s %s", f.At.File.Path, f.Rule.Code, f.Text())
	}
}

func TestBrokenShowsEveryRule(t *testing.T) {
	var shown []string
	for _, project := range brokenProjects(t) {
		found := codes(findings(t, filepath.Join("broken", project), current()))
		if diagnostics.ByCode(project) != nil && !slices.Contains(found, project) {
			t.Errorf("broken/%s does not show the rule that it is named after: %v", project, found)
		}
		shown = append(shown, found...)
	}
	shown = append(shown, codes(onOtherMachines(t, "broken/shop"))...)
	for _, rule := range diagnostics.Rules() {
		if !slices.Contains(shown, rule.Code) {
			t.Errorf("no example shows %s", rule.Code)
		}
	}
}

// onOtherMachines returns what the project shows where there is no dbt, an old
// one of pip, dbt v1 before dbt v2, other files in ~/.dbt, or a variable in the
// shell: no file here can show that.
func onOtherMachines(t *testing.T, folder string) []diagnostics.Finding {
	t.Helper()
	missing, stale, v1 := current(), current(), current()
	missing.Installs = nil
	stale.Installs[0].Version = "2.0.0"
	v1.Installs = append([]engine.Install{{Path: "/opt/dbt", Real: "/opt/dbt", Kind: engine.KindV1, Version: "1.11.0"}}, v1.Installs...)
	var all []diagnostics.Finding
	older := current()
	older.Installs = []engine.Install{stale.Installs[0], current().Installs[0]}
	bad := current()
	bad.Releases = bad.Releases.WithKnownBad([]string{bad.Installs[0].Version})
	older.Installs[0].Channel, older.Installs[0].Update = engine.ChannelPip, "pip install --upgrade dbt"
	for _, dbt := range []*workspace.Engine{missing, stale, bad, v1, older} {
		all = append(all, findings(t, folder, dbt)...)
	}
	cloud := `version: "1"
context: {active-host: abc123.us1.dbt.com, active-project: "1"}
projects:
  - {project-name: other, project-id: "1", account-name: a, account-id: "1", account-host: abc123.us1.dbt.com, token-name: t, token-value: none}
`
	for _, file := range [][2]string{
		{"dbt_cloud.yml", cloud}, {"dbt_cloud.yml", "projects: []\n"}, {"dbt_cloud (2).yml", cloud},
		{"profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb}}}\n"},
	} {
		home := t.TempDir()
		if err := os.Mkdir(filepath.Join(home, ".dbt"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, ".dbt", file[0]), []byte(file[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		all = append(all, findingsAt(t, folder, home, current())...)
	}
	w := workspace.New(&workspace.Machine{Home: t.TempDir(), Environ: map[string]secret.Text{"DBT_SHOP_PATH": secret.New("elsewhere.duckdb")}})
	w.SetFolders([]string{absolute(t, folder)})
	w.SetEngine(current())
	for _, p := range w.Snapshot().Projects() {
		all = append(all, diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine})...)
	}
	return append(all, afterADeferral(t, folder, cloud)...)
}

// afterADeferral returns what the project shows where dbt has fetched a
// manifest of another project.
func afterADeferral(t *testing.T, folder, cloud string) []diagnostics.Finding {
	t.Helper()
	home, project := t.TempDir(), t.TempDir()
	if err := os.CopyFS(project, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string]string{
		filepath.Join(home, ".dbt", "dbt_cloud.yml"):                         strings.ReplaceAll(cloud, `project-id: "1"`, `project-id: "123456"`),
		filepath.Join(project, "target", "dbt_cloud_defer", "manifest.json"): `{"metadata": {"project_name": "other"}}`,
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return findingsAt(t, project, home, current())
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
		said := slices.ContainsFunc(findings(t, projects[i], current()), func(f diagnostics.Finding) bool { return f.Refuses })
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
