//go:build unix

package diagnostics_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// TestWhatIsNoProjectFile: a path with the name of dbt_project.yml that holds no
// file is one error, with its true reason.
func TestWhatIsNoProjectFile(t *testing.T) {
	for name, c := range map[string]struct {
		put  func(path string) error
		want string
	}{
		"a pipe":                      {func(path string) error { return unix.Mkfifo(path, 0o644) }, "dbt stops: dbt_project.yml cannot be read, it is a folder, a pipe or a device. Put a file in its place."},
		"a link that leads nowhere":   {func(path string) error { return os.Symlink("nowhere", path) }, "dbt stops: it does not take this folder for a project, since dbt_project.yml is a link that leads nowhere. Put a file in its place."},
		"a link that leads to itself": {func(path string) error { return os.Symlink("dbt_project.yml", path) }, "dbt stops: dbt_project.yml cannot be read, it is a link that leads back to itself. Put a file in its place."},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if err := c.put(filepath.Join(root, "dbt_project.yml")); err != nil {
				t.Fatal(err)
			}
			w := workspace.New(&workspace.Machine{Home: t.TempDir(), Clock: clock})
			w.SetFolders([]string{root})
			projects := w.Snapshot().Projects()
			if len(projects) != 1 {
				t.Fatalf("%d projects", len(projects))
			}
			findings := diagnostics.Check(projects[0], diagnostics.Options{Scope: diagnostics.Machine})
			if len(findings) != 1 || findings[0].Text() != c.want || !findings[0].Refuses || findings[0].Rule.Code != "project-schema" {
				for _, f := range findings {
					t.Errorf("%s %s", f.Rule.Code, f.Text())
				}
			}
		})
	}
}

// TestWhatIsNoProfilesFile: the same for profiles.yml. A link that leads nowhere is
// none.
func TestWhatIsNoProfilesFile(t *testing.T) {
	for name, c := range map[string]struct {
		put  func(path string) error
		want string
	}{
		"a pipe":                      {func(path string) error { return unix.Mkfifo(path, 0o644) }, "dbt stops: profiles.yml cannot be read, it is a folder, a pipe or a device. Put a file in its place."},
		"a link that leads to itself": {func(path string) error { return os.Symlink("profiles.yml", path) }, "dbt stops: profiles.yml cannot be read, it is a link that leads back to itself. Put a file in its place."},
		"without the permission":      {func(path string) error { return os.WriteFile(path, nil, 0) }, "dbt stops: profiles.yml cannot be read, the permissions do not allow it. Make it readable."},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			path := filepath.Join(root, "profiles.yml")
			if err := errors.Join(os.WriteFile(filepath.Join(root, "dbt_project.yml"), []byte("name: p\nprofile: p\n"), 0o600), c.put(path)); err != nil {
				t.Fatal(err)
			}
			if f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0); err == nil && name == "without the permission" {
				_ = f.Close()
				t.Skip("the administrator may read everything")
			}
			w := workspace.New(&workspace.Machine{Home: t.TempDir(), Clock: clock})
			w.SetFolders([]string{root})
			var got []string
			for _, f := range diagnostics.Check(w.Snapshot().Projects()[0], diagnostics.Options{Scope: diagnostics.Machine}) {
				if f.Severity == diagnostics.Error {
					got = append(got, f.Rule.Code+" "+f.Text())
				}
			}
			if diff := cmp.Diff([]string{"profile-structure " + c.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
