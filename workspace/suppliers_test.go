package workspace

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSupplier holds that the nearest file counts, none outside the repository,
// and that a change of one is seen.
func TestSupplier(t *testing.T) {
	top := t.TempDir()
	put := func(name, content string) string {
		t.Helper()
		path := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	put(".envrc", "export OUTSIDE=1\n")
	put("repository/.git/HEAD", "ref: refs/heads/main\n")
	put("repository/.envrc", "export AT_THE_TOP=1\nexport EVERYWHERE=1\n")
	put("repository/data/meltano.yml", "env: {ABOVE: 1}\nplugins: {utilities: [{name: dbt, env: {EVERYWHERE: 1}}]}\n")
	put("repository/data/shop/dbt_project.yml", "name: shop\n")
	put("repository/data/shop/models/.envrc", "export BELOW=1\n")

	w := New(&Machine{})
	w.SetFolders([]string{filepath.Join(top, "repository/data/shop")})
	expect := func(name, want string) {
		t.Helper()
		got := ""
		if file := w.Snapshot().Projects()[0].Supplier(name); file != nil {
			rel, err := filepath.Rel(top, file.Path)
			if err != nil {
				t.Fatal(err)
			}
			got = filepath.ToSlash(rel)
		}
		if got != want {
			t.Errorf("%s comes from %q, not %q", name, got, want)
		}
	}
	expect("AT_THE_TOP", "repository/.envrc")
	expect("ABOVE", "repository/data/meltano.yml")
	expect("EVERYWHERE", "repository/data/meltano.yml")
	expect("MELTANO_ENVIRONMENT", "repository/data/meltano.yml")
	expect("OUTSIDE", "")
	expect("BELOW", "")

	w.FilesChanged([]string{put("repository/data/shop/.envrc", "export EVERYWHERE=1\n")})
	expect("EVERYWHERE", "repository/data/shop/.envrc")
}
