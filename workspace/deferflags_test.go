package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// checkout writes files below a folder of its own, and opens it.
func checkout(t *testing.T, machine *Machine, files map[string]string) (root string, put func(name, content string) string, w *Workspace) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	put = func(name, content string) string {
		t.Helper()
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, content := range files {
		put(name, content)
	}
	w = New(machine)
	w.SetFolders([]string{root})
	return root, put, w
}

func flagsOf(w *Workspace) []string {
	var all []string
	p := w.Snapshot().Projects()[0]
	for _, f := range p.DeferFlags() {
		all = append(all, fmt.Sprintf("%s:%d %s", p.Rel(f.File.Path), f.At().Line(), f.Name))
	}
	slices.Sort(all)
	return all
}

// TestDeferFlagsFollowFiles holds that a flag is seen when its file is saved, when
// it is typed, and when a script is new, also one that lies beside other files.
func TestDeferFlagsFollowFiles(t *testing.T) {
	_, put, w := checkout(t, &Machine{}, map[string]string{"dbt_project.yml": "name: shop\n", "Makefile": "x:\n\tdbt build\n"})
	expect := func(what string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, flagsOf(w)); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	expect("at first")
	makefile := put("Makefile", "x:\n\tdbt build --no-defer\n")
	w.FilesChanged([]string{makefile})
	expect("saved", "Makefile:2 --no-defer")
	w.SetDocument(makefile, 1, []byte("x:\n\tdbt build\n\tdbt run --state st\n"))
	expect("typed", "Makefile:3 --state")
	script := put("run.sh", "dbt build --no-defer\n")
	p := w.Snapshot().Projects()[0]
	if !p.Watched(script) || p.Watched(filepath.Join(p.Root, "notes.txt")) {
		t.Error("of the files of the project's folder only scripts are watched")
	}
	w.FilesChanged([]string{script})
	expect("a new script", "Makefile:3 --state", "run.sh:1 --no-defer")
	if err := os.Remove(script); err != nil {
		t.Fatal(err)
	}
	w.FilesChanged([]string{script})
	expect("a script that is gone", "Makefile:3 --state")
}

// TestDeferFlagsOncePerChange holds that a keystroke elsewhere looks for nothing again.
func TestDeferFlagsOncePerChange(t *testing.T) {
	root, _, w := checkout(t, &Machine{}, map[string]string{"dbt_project.yml": "name: shop\n", "run.sh": "dbt build --no-defer\n", ".env": "A=1\n"})
	before := w.Snapshot().Projects()[0].DeferFlags()
	w.SetDocument(filepath.Join(root, ".env"), 1, []byte("A=12\n"))
	after := w.Snapshot().Projects()[0].DeferFlags()
	if len(before) != 1 || len(after) != 1 || &before[0] != &after[0] {
		t.Errorf("looked for again: %d, %d", len(before), len(after))
	}
}

func TestDeferralCaches(t *testing.T) {
	const manifest = `{"metadata": {"project_name": "shop", "dbt_version": "2.0.8", "generated_at": "2026-11-28T08:00:00Z", "env": {"DBT_CLOUD_ENVIRONMENT_ID": "77"}}}`
	const folder = "target/dbt_cloud_defer/"
	for name, test := range map[string]struct {
		files map[string]string
		env   string
		want  string // of the command line; "" for what an absent one gives
		there string
	}{
		"nothing":                  {want: "absent"},
		"both files":               {files: map[string]string{folder + "manifest.json": manifest, folder + "manifest.info": "1764000000"}, want: "fine shop 77 2.0.8 1764000000", there: "manifest.json manifest.info"},
		"no time":                  {files: map[string]string{folder + "manifest.json": manifest}, want: "fine shop 77 2.0.8", there: "manifest.json"},
		"a time that is none":      {files: map[string]string{folder + "manifest.json": manifest, folder + "manifest.info": "soon"}, want: "fine shop 77 2.0.8", there: "manifest.json manifest.info"},
		"a time alone":             {files: map[string]string{folder + "manifest.info": "1764000000"}, want: "absent", there: "manifest.info"},
		"no metadata":              {files: map[string]string{folder + "manifest.json": "{}"}, want: "silent", there: "manifest.json"},
		"no JSON":                  {files: map[string]string{folder + "manifest.json": "\x00"}, want: "silent", there: "manifest.json"},
		"a folder instead of it":   {files: map[string]string{folder + "manifest.json/x": ""}, want: "no file"},
		"a folder instead of both": {files: map[string]string{folder + "manifest.json/x": "", folder + "manifest.info/x": ""}, want: "no file"},
		"the folder is a file":     {files: map[string]string{"target/dbt_cloud_defer": ""}, want: "absent"},
		"another target path":      {files: map[string]string{"out/dbt_cloud_defer/manifest.json": manifest, folder + "manifest.json": "{}"}, env: "out", want: "fine shop 77 2.0.8", there: "manifest.json"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"dbt_project.yml": "name: shop\n"}
			for path, content := range test.files {
				files[path] = content
			}
			machine := &Machine{Environ: map[string]secret.Text{}}
			if test.env != "" {
				machine.Environ["DBT_TARGET_PATH"] = secret.New(test.env)
			}
			_, _, w := checkout(t, machine, files)
			caches := w.Snapshot().Projects()[0].DeferralCaches()
			if len(caches) != 2 || caches[0].Editor || !caches[1].Editor || caches[1].State != dbt.CacheAbsent {
				t.Fatalf("%+v", caches)
			}
			c := caches[0]
			got := map[dbt.CacheState]string{dbt.CacheAbsent: "absent", dbt.CacheFine: "fine", dbt.CacheSilent: "silent", dbt.CacheUnreadable: "unreadable", dbt.CacheNoFile: "no file"}[c.State]
			for _, part := range []string{c.Project, c.Environment, c.Version} {
				if part != "" {
					got += " " + part
				}
			}
			if c.State == dbt.CacheFine && !c.Fetched.IsZero() {
				got += fmt.Sprint(" ", c.Fetched.Unix())
			}
			var names []string
			for _, path := range c.Files() {
				names = append(names, filepath.Base(path))
			}
			if got != test.want || strings.Join(names, " ") != test.there {
				t.Errorf("%s, files %v; want %s, %s", got, names, test.want, test.there)
			}
		})
	}
}

// TestDeferralCachesFollowFiles holds that a new manifest is seen when it is told of.
func TestDeferralCachesFollowFiles(t *testing.T) {
	_, put, w := checkout(t, &Machine{}, map[string]string{"dbt_project.yml": "name: shop\n", "target/x": ""})
	state := func() dbt.CacheState { return w.Snapshot().Projects()[0].DeferralCaches()[0].State }
	if got := state(); got != dbt.CacheAbsent {
		t.Fatal(got)
	}
	path := put("target/dbt_cloud_defer/manifest.json", "{}")
	if !w.Snapshot().Projects()[0].Watched(path) {
		t.Error("the manifest is not watched")
	}
	w.FilesChanged([]string{path})
	if got := state(); got != dbt.CacheSilent {
		t.Error(got)
	}
}
