package diagnostics_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// TestSecretsBehindAnything puts secrets behind one sign, behind two and so on.
func TestSecretsBehindAnything(t *testing.T) {
	tokens := []string{
		"AKIA" + "IOSFODNN7WXYZABC", "ghp_" + strings.Repeat("aZ09bY18", 5), "xoxb-" + "1029384756-qpwoeiruty",
		"dbtc_" + strings.Repeat("aZ09bY18", 4), "dapi" + strings.Repeat("0a1b2c3d", 4), "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJlLW9mLWl0",
	}
	root := t.TempDir()
	var lines strings.Builder
	for i, token := range tokens {
		for before := range 6 {
			fmt.Fprintf(&lines, "SETTING_%d_%d='%s%s'\n", i, before, strings.Repeat("/", before), token)
		}
	}
	for name, content := range map[string]string{"dbt_project.yml": "name: shop\n", ".env.example": lines.String()} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := workspace.New(&workspace.Machine{Repository: true})
	w.SetFolders([]string{root})
	found := diagnostics.Check(w.Snapshot().Projects()[0], diagnostics.Options{Select: []string{"example-secret"}})
	if want := strings.Count(lines.String(), "\n"); len(found) != want {
		t.Errorf("%d findings, want one for each of %d lines:\n%s", len(found), want, lines.String())
		for _, f := range found {
			t.Log(f.Message)
		}
	}
}
