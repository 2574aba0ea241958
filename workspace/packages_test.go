package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// projectsAndCalls writes the roots of the projects below a folder, each with its
// calls.
func projectsAndCalls(root string, s *Snapshot) []string {
	var all []string
	for _, p := range s.Projects() {
		rel, err := filepath.Rel(root, p.Root)
		if err != nil {
			rel = err.Error()
		}
		all = append(all, "project "+filepath.ToSlash(rel))
		for _, c := range p.Calls {
			all = append(all, fmt.Sprintf("%s in %s of %q", c.Name, p.Rel(c.File.Path), c.Package))
		}
	}
	return all
}

// TestLocalPackages holds that a package within the repository belongs to the
// project that installs it, and is a project only where it has a connection.
func TestLocalPackages(t *testing.T) {
	const shop = `
-- dbt_project.yml --
name: shop
profile: shop
-- profiles.yml --
shop: {target: dev, outputs: {dev: {type: duckdb}}}
-- packages.yml --
packages:
  - local: packages/util
-- packages/util/dbt_project.yml --
name: util
profile: nowhere
-- packages/util/packages.yml --
packages:
  - local: packages/deep
-- packages/util/models/u.sql --
{{ env_var('U') }}
-- packages/deep/dbt_project.yml --
name: deep
-- packages/deep/models/d.sql --
{{ env_var('D') }}
`
	belongs := []string{
		"project .",
		`D in packages/deep/models/d.sql of "deep"`,
		`U in packages/util/models/u.sql of "util"`,
	}
	for name, test := range map[string]struct {
		files  string
		change func(t *testing.T, root string, w *Workspace)
		want   []string
	}{
		"not installed": {want: belongs},
		"installed as links": {
			change: func(t *testing.T, root string, w *Workspace) {
				if err := os.Mkdir(filepath.Join(root, "dbt_packages"), 0o755); err != nil {
					t.Fatal(err)
				}
				for _, pkg := range []string{"util", "deep"} {
					if err := os.Symlink(filepath.Join("..", "packages", pkg), filepath.Join(root, "dbt_packages", pkg)); err != nil {
						t.Fatal(err)
					}
				}
				w.FilesChanged([]string{filepath.Join(root, "dbt_packages")})
			},
			want: belongs,
		},
		"with a connection of its own": {
			files: "-- packages/deep/profiles.yml --\ndeep: {target: dev, outputs: {dev: {type: duckdb}}}\n-- packages/deep/dbt_project.yml --\nname: deep\nprofile: deep\n",
			want:  append(belongs[:3:3], "project packages/deep", `D in models/d.sql of ""`),
		},
		"no longer listed": {
			change: func(t *testing.T, root string, w *Workspace) {
				path := filepath.Join(root, "packages.yml")
				put(t, path, "packages: []\n")
				w.FilesChanged([]string{path})
			},
			// dbt, run in util, takes the path of deep from there.
			want: []string{"project .", "project packages/deep", `D in models/d.sql of ""`, "project packages/util", `U in models/u.sql of ""`},
		},
		"a document of a package": {
			change: func(_ *testing.T, root string, w *Workspace) {
				w.SetDocument(filepath.Join(root, "packages/util/models/u.sql"), 1, []byte("{{ env_var('V') }}"))
				w.SetDocument(filepath.Join(root, "packages/util/models/new.sql"), 1, []byte("{{ env_var('N') }}"))
			},
			want: []string{
				"project .", `D in packages/deep/models/d.sql of "deep"`,
				`N in packages/util/models/new.sql of "util"`, `V in packages/util/models/u.sql of "util"`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for _, f := range txtar.Parse([]byte(shop + test.files)).Files {
				put(t, filepath.Join(root, f.Name), string(f.Data))
			}
			w := New(testMachine(t.TempDir()))
			w.SetFolders([]string{root})
			if test.change != nil {
				w.Snapshot().Projects()
				test.change(t, root, w)
			}
			if diff := cmp.Diff(test.want, projectsAndCalls(root, w.Snapshot())); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestIsPackage: what is only ever installed is told from a project that lacks a
// profile by what stands around it.
func TestIsPackage(t *testing.T) {
	for name, test := range map[string]struct {
		root, project string
		others        []string
		want          bool
	}{
		"a project without a profile":            {"shop", "name: p\n", nil, false},
		"with tests of a package's usual name":   {"shop", "name: p\n", []string{"shop/integration_tests/dbt_project.yml"}, true},
		"with a project of another name":         {"shop", "name: p\n", []string{"shop/other/dbt_project.yml"}, false},
		"the macros of an adapter":               {"dbt/include/duckdb", "name: p\n", nil, true},
		"a profile, and so a project of its own": {"dbt/include/duckdb", "name: p\nprofile: p\n", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			root := filepath.Join(top, filepath.FromSlash(test.root))
			put(t, filepath.Join(root, "dbt_project.yml"), test.project)
			for _, other := range test.others {
				put(t, filepath.Join(top, filepath.FromSlash(other)), "name: o\nprofile: o\n")
			}
			w := New(testMachine(root))
			w.SetFolders([]string{root})
			if got := w.Snapshot().Projects()[0].IsPackage(); got != test.want {
				t.Errorf("a package: %v", got)
			}
		})
	}
}
