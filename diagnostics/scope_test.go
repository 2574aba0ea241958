package diagnostics_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// TestRepositoryScope checks every project of the archives as a machine of
// CI does, with its .env and without: what follows from the repository is the
// same. Only env-not-ignored is about the file itself.
func TestRepositoryScope(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range readCases(archive) {
			t.Run(filepath.Base(path)+"/"+c.name, func(t *testing.T) {
				with := c.repositoryFindings(t)
				without := *c
				without.files, without.open = withoutEnv(c.files), withoutEnv(c.open)
				without.git = slices.DeleteFunc(slices.Clone(c.git), func(arguments string) bool { return strings.HasSuffix(arguments, " .env") })
				if diff := cmp.Diff(without.repositoryFindings(t), with); diff != "" {
					t.Errorf("(-without .env, +with it):\n%s", diff)
				}
			})
		}
	}
}

func withoutEnv(files map[string]string) map[string]string {
	rest := maps.Clone(files)
	delete(rest, ".env")
	return rest
}

func (c *testCase) repositoryFindings(t *testing.T) string {
	c.setUp(t)
	w := workspace.New(&workspace.Machine{Repository: true})
	w.SetFolders([]string{c.project})
	w.SetEngine(&workspace.Engine{})
	for name, content := range c.open {
		w.SetDocument(filepath.Join(c.project, name), 1, []byte(content))
	}
	var kept []diagnostics.Finding
	for _, p := range w.Snapshot().Projects() {
		for _, f := range diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Repository}) {
			if f.Rule.Code != "env-not-ignored" {
				kept = append(kept, f)
			}
		}
	}
	return c.format(kept)
}
