//go:build unix

package oracle

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
)

// TestWhatIsNoProjectFile asks the engine about paths with the name of
// dbt_project.yml that hold no file: it takes the folder for no project.
func TestWhatIsNoProjectFile(t *testing.T) {
	dbt := dbttest.Find(t)
	for name, put := range map[string]func(path string) error{
		"a pipe":                      func(path string) error { return unix.Mkfifo(path, 0o644) },
		"a link that leads nowhere":   func(path string) error { return os.Symlink("nowhere", path) },
		"a link that leads to itself": func(path string) error { return os.Symlink("dbt_project.yml", path) },
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if err := put(filepath.Join(root, "dbt_project.yml")); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			parse := exec.CommandContext(ctx, dbt.Path(), "parse")
			parse.Dir, parse.Env = root, []string{"HOME=" + t.TempDir()}
			out, err := parse.CombinedOutput()
			if err == nil || ctx.Err() != nil || !strings.Contains(string(out), "The current dir is not a dbt project dir") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
