package diagnostics_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// TestSupplierAbove holds that the file that supplies a variable is named from the
// project's folder: a path of the machine says nothing to others.
func TestSupplierAbove(t *testing.T) {
	top := t.TempDir()
	project := filepath.Join(top, "data", "shop")
	for path, content := range scaffold {
		write(t, filepath.Join(project, path), content)
	}
	write(t, filepath.Join(top, ".git", "HEAD"), "ref: refs/heads/main\n")
	write(t, filepath.Join(top, "data", "meltano.yml"), "env: {DBT_A: x}\n")
	write(t, filepath.Join(project, "models", "m.sql"), "select '{{ env_var(\"DBT_A\") }}' as a\n")
	w := workspace.New(&workspace.Machine{})
	w.SetFolders([]string{project})
	found := diagnostics.Check(w.Snapshot().Projects()[0], diagnostics.Options{Scope: diagnostics.Machine, Select: []string{"env-missing"}})
	if len(found) != 1 || found[0].Severity != diagnostics.Warning || !strings.Contains(found[0].Message, "what ../meltano.yml gives") {
		t.Errorf("%+v", found)
	}
}
