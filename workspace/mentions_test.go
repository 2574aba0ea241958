package workspace

import (
	"os"
	"path/filepath"
	"testing"
)

// TestUsedElsewhere holds that the words of other files are read once, and again
// when one of them is saved, but not while somebody types.
func TestUsedElsewhere(t *testing.T) {
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
	put(".git/HEAD", "ref: refs/heads/main\n")
	put("shop/dbt_project.yml", "name: shop\n")
	env := put("shop/.env", "A_NAME=1\n")
	put("shop/models/m.sql", "select 1 -- IN_A_MODEL\n")
	put("other/dbt_project.yml", "name: other\n")
	put("other/run.sh", "echo $OF_ANOTHER_PROJECT\n")
	put("services/deploy/main.tf", "var.FROM_TERRAFORM\n")
	script := put("tools/load.py", "FIRST\n")

	w := New(&Machine{})
	w.SetFolders([]string{filepath.Join(top, "shop")})
	expect := func(name string, want bool) {
		t.Helper()
		if got := w.Snapshot().Projects()[0].UsedElsewhere(name); got != want {
			t.Errorf("%s is used elsewhere: %v", name, got)
		}
	}
	expect("FROM_TERRAFORM", true)
	expect("FIRST", true)
	expect("A_NAME", false)
	expect("IN_A_MODEL", false)
	expect("OF_ANOTHER_PROJECT", false)

	put("tools/load.py", "SECOND\n")
	w.SetDocument(env, 1, []byte("A_NAME=12\n"))
	expect("SECOND", false)
	w.FilesChanged([]string{script})
	expect("SECOND", true)
	expect("FIRST", false)

	w.FilesChanged([]string{put("compose.yml", "services: {db: {env_file: shop/.env}}\n")})
	expect("ANYTHING", true)
}
