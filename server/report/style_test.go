package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// TestFilesDoNotSteerTheTerminal has names and lines with escape sequences in the
// files of a project: they could rename a window, or fill the clipboard.
func TestFilesDoNotSteerTheTerminal(t *testing.T) {
	root := t.TempDir()
	for name, content := range map[string]string{
		"dbt_project.yml":  "name: \"sh\\e]0;x\\aop\"\nprofile: \"\\e[2Jshop\" # \x1b]52;c;eA==\x07\n",
		"profiles.yml":     "other: {target: dev, outputs: {dev: {type: duckdb}}}\n",
		"dependencies.yml": "projects: [{name: \"\\e[31mfinance\"}]\n",
		".env":             "DBT_\x1b[31mA=1\n\x1b]0;title\x07\n",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := workspace.New(&workspace.Machine{})
	w.SetFolders([]string{root})
	snapshot := w.Snapshot()
	check := &Check{Cwd: root}
	for _, p := range snapshot.Projects() {
		check.Projects = append(check.Projects, Project{p, diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine})})
	}
	var found, status, annotations strings.Builder
	if err := GitHub(&annotations, check); err != nil {
		t.Fatal(err)
	}
	if err := Text(&found, check, Style{}); err != nil {
		t.Fatal(err)
	}
	if err := NewStatus(snapshot, root, false).Text(&status, Style{}, true); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{found.String(), status.String(), annotations.String()} {
		if strings.ContainsAny(out, "\x1b\x07") || !strings.Contains(out, "\ufffd") {
			t.Errorf("%q", out)
		}
	}
}
