//go:build unix

package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unprivileged runs the program as a user who must obey modes, also where the
// tests run as one who need not.
func unprivileged(t *testing.T, dir string, args ...string) result {
	t.Helper()
	if os.Getuid() != 0 {
		return check(t, dir, args...)
	}
	const nobody = 65534
	copied := filepath.Join(t.TempDir(), "dbt-hybrid")
	content, err := os.ReadFile(executable(t))
	must(t, err)
	must(t, os.WriteFile(copied, content, 0o755))
	for _, path := range []string{dir, copied} {
		for at := path; at != filepath.Dir(at); at = filepath.Dir(at) {
			if info, err := os.Stat(at); err == nil && info.Mode().Perm()&0o001 == 0 && info.IsDir() && strings.Contains(at, "Test") {
				must(t, os.Chmod(at, info.Mode().Perm()|0o055))
			}
		}
	}
	must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(path, nobody, nobody)
		}
		return err
	}))
	cmd := exec.Command(copied, append([]string{"check", "--offline", "--no-probe"}, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{"DBT_HYBRID_TEST_MAIN=1", "PATH=/nonexistent", "HOME=" + filepath.Join(dir, "home")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String()+errs.String(), canary) {
		t.Errorf("a value is shown:\n%s%s", out.String(), errs.String())
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

func TestReadOnly(t *testing.T) {
	for name, test := range map[string]struct {
		path string
		mode fs.FileMode
		kept []string
	}{
		"a file":   {".env", 0o444, []string{".env"}},
		"a folder": {"models", 0o555, []string{"models/a.yml"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeAll(t, t.TempDir(), broken())
			path := filepath.Join(dir, test.path)
			info, err := os.Stat(path)
			must(t, err)
			must(t, os.Chmod(path, test.mode))
			r := unprivileged(t, dir, "--fix")
			must(t, os.Chmod(path, info.Mode().Perm()))
			want := mended()
			for _, name := range test.kept {
				want[name] = broken()[name]
			}
			got := readAll(t, dir)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if r.status != exitFailure || !strings.Contains(r.stderr, test.kept[0]+" is not fixed: ") || !strings.Contains(r.stderr, "permission denied") {
				t.Errorf("exit status %d\n%s", r.status, r.stderr)
			}
		})
	}
}

// TestFullDisk lets the system refuse to write more than a few kilobytes to any
// file, as a full disk would.
func TestFullDisk(t *testing.T) {
	files, want := broken(), mended()
	large := "# " + strings.Repeat("x", 100_000) + "\r\n"
	files[".env"] += large
	want[".env"] = files[".env"]
	dir := writeAll(t, t.TempDir(), files)
	cmd := invocation(t, dir, nil, "check", "--fix", "--offline", "--no-probe")
	cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", `ulimit -f 16 && exec "$0" "$@"`}, cmd.Args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if cmd.ProcessState.ExitCode() != exitFailure || !strings.Contains(errs.String(), ".env is not fixed: write: file too large") {
		t.Errorf("%v\n%s", cmd.ProcessState, errs.String())
	}
	if diff := cmp.Diff(want, readAll(t, dir)); diff != "" {
		t.Error(diff)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".dbt-hybrid-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
