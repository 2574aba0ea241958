package fix_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var onDisk = flag.Int("fix.ondisk", 400, "how many generated projects are fixed on the disk by the program; a tenth of it with -short")

// TestGeneratedOnDisk writes generated projects to the disk and lets the program
// fix them. What it leaves is what TestGenerated holds against the files before,
// in their modes, and beside them nothing; a second run changes nothing.
func TestGeneratedOnDisk(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "dbt-hybrid")
	if out, err := exec.Command("go", "build", "-o", bin, "../dbt-hybrid").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	n := *onDisk
	if testing.Short() {
		n /= 10
	}
	const parts = 4
	for part := range parts {
		t.Run(fmt.Sprint("part ", part), func(t *testing.T) {
			t.Parallel()
			planned, changed := emptyProject(t), 0
			for seed := part + 1; seed <= n; seed += parts {
				changed += min(generate(uint64(seed)).fixOnDisk(t, bin, planned), 1)
			}
			if changed < n/parts/2 {
				t.Errorf("only %d of %d projects had something to fix", changed, n/parts)
			}
		})
	}
}

// fixOnDisk fixes a project twice with the program. It returns how many files
// that changed.
func (g *generated) fixOnDisk(t *testing.T, bin, planned string) int {
	t.Helper()
	root := emptyProject(t)
	for name, content := range g.files {
		path := filepath.Join(root, name)
		if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o640); err != nil { // whatever the umask is
			t.Fatal(err)
		}
	}
	want, changes := filesOf(t, root), g.fix(t, planned)
	for _, c := range changes {
		name, err := filepath.Rel(planned, c.Path)
		if err != nil {
			t.Fatal(err)
		}
		want[name] = onDiskFile{string(c.After.Content), want[name].Mode}
	}
	for run := range 2 {
		cmd := exec.Command(bin, "check", "--fix", "--offline", "--no-probe", "--scope", "all", "--fail-on", "never")
		cmd.Dir, cmd.Env = root, []string{"PATH=" + filepath.Join(root, "nowhere")}
		for name, value := range g.shell {
			cmd.Env = append(cmd.Env, name+"="+value.Reveal())
		}
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Run(); err != nil {
			t.Errorf("seed %d: run %d: %v\n%s", g.seed, run+1, err, said.String())
		}
		if diff := cmp.Diff(want, filesOf(t, root)); diff != "" {
			t.Errorf("seed %d: after run %d the files are others than planned:\n%s", g.seed, run+1, diff)
		}
	}
	return len(changes)
}

// onDiskFile is a file with its mode.
type onDiskFile struct {
	Text string
	Mode fs.FileMode
}

// filesOf returns all files below a folder.
func filesOf(t *testing.T, root string) map[string]onDiskFile {
	t.Helper()
	files := map[string]onDiskFile{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		files[name] = onDiskFile{string(content), info.Mode()}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
