package workspace

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/google/go-cmp/cmp"
)

// dump writes all of a snapshot that rules can see, but no value.
func dump(s *Snapshot) string {
	var b strings.Builder
	for _, p := range s.Projects() {
		fmt.Fprintf(&b, "project %s %s profile %s/%s %d adapter %s mesh %d refs %d\n", p.Root, p.Name, p.Profile.Name, p.Profile.Target,
			p.Profile.Problem, p.Profile.Adapter, len(p.Mesh.Projects), len(p.Refs))
		for _, c := range p.Calls {
			fmt.Fprintf(&b, "  call %q %s:%s %s need %d silent %v default %v\n", c.Name, p.Rel(c.File.Path), c.At().Position(), c.Scope, c.Need, c.Silent, c.Default)
		}
		for _, v := range p.SortedVariables() {
			fmt.Fprintf(&b, "  variable %s %s %s need %d example %v\n", v.Name, p.State(v), p.Source(v), v.Need, v.Example != nil)
		}
		for _, f := range slices.Concat(p.Strays, p.Tools) {
			fmt.Fprintf(&b, "  around %s %q\n", p.Rel(f.Path), f.Content)
		}
		for _, f := range p.Properties {
			fmt.Fprintf(&b, "  properties %s problems %d\n", p.Rel(f.Path), len(f.YAML().Problems))
		}
	}
	return b.String()
}

func testMachine(home string) *Machine {
	return &Machine{Home: home, Environ: map[string]secret.Text{"HOME": secret.New(home), "SHELL_SET": secret.New("x")}}
}

// contents are what the files of TestIncremental may hold.
var contents = map[string][]string{
	"dbt_project.yml": {
		"name: p\nprofile: p\n",
		"name: p\nprofile: \"{{ env_var('A', 'p') }}\"\nmodel-paths: [models, more]\n",
		"name: p\nprofile: p\nmodels:\n  p:\n    +enabled: false\n",
		"name: p\n  broken",
		"name: p\nprofile: p\nvars:\n  v: \"{{ env_var('N') }}\"\n",
	},
	"profiles.yml": {
		"p: {target: dev, outputs: {dev: {type: duckdb, schema: \"{{ env_var('B') }}\"}}}\n",
		"p: {target: \"{{ env_var('C', 'dev') }}\", outputs: {dev: {type: duckdb}, prod: {type: duckdb, schema: \"{{ env_var('D') }}\"}}}\n",
	},
	".env":              {"A=p\nB=1\n", "B=x y\nC=2\n", "SHELL_SET=other\n", ""},
	".env.example":      {"A=\n# B=\n", "C=1\n"},
	"models/a.sql":      {"select {{ env_var('E') }}", "select 1", "{{ m() }}"},
	"models/deep/b.sql": {"{{ env_var('F', 'x') }}", "{% if env_var('A','') == 'p' %}{{ env_var('G') }}{% endif %}", "{% if target.schema == '1' %}{{ env_var('M') }}{% endif %}", "{{ var('v') }}"},
	"models/schema.yml": {"models:\n  - name: a\n    description: \"{{ env_var('H') }}\"\n", "models:\n  - name: a\n    config: {enabled: false}\n", "a: [\n"},
	"models/others.yml": {
		"seeds: [{name: s, description: \"{{ env_var('R') }}\"}]\ndata_tests: [{name: t, description: \"{{ env_var('S') }}\"}]\n",
		"snapshots: [{name: h, description: \"{{ env_var('T') }}\"}]\nsources: [{name: o, description: \"{{ env_var('U') }}\", tables: [{name: t}]}]\n",
	},
	"seeds/s.csv":            {"a,b\n"},
	"tests/t.sql":            {"select 1", "select {{ env_var('V') }}"},
	"snapshots/h.sql":        {"{% snapshot h %}select 1{% endsnapshot %}"},
	"more/c.sql":             {"{{ env_var('I') }}"},
	"macros/m.sql":           {"{% macro m() %}{{ env_var('J') }}{% endmacro %}", "{% macro m() %}1{% endmacro %}", "{% macro other() %}{{ env_var('K') }}{% endmacro %}"},
	"dependencies.yml":       {"projects:\n  - name: up\n", "packages: []\n"},
	"packages.yml":           {"", "packages:\n  - local: \"{{ env_var('L') }}\"\n", "packages:\n  - local: nested\n"},
	"profiles.yaml":          {"p: {}\n"},
	"scripts/run.sh":         {"dbt run\n", "dbt build\n"},
	"work/.env":              {"A=p\n", "C=3\n"},
	"work/profiles.yml":      {"p: {target: dev, outputs: {dev: {type: duckdb, schema: \"{{ env_var('W') }}\"}}}\n", "p: {}\n"},
	"nested/dbt_project.yml": {"name: n\nprofile: p\n", "name: n\nmodel-paths: [other]\n"},
	"nested/packages.yml":    {"packages:\n  - local: deeper\n"},
	"nested/models/n.sql":    {"{{ env_var('O') }}", "{{ n.m() }}"},
	"nested/macros/m.sql":    {"{% macro m() %}{{ env_var('P') }}{% endmacro %}"},
	"deeper/dbt_project.yml": {"name: d\n"},
	"deeper/models/d.yml":    {"models:\n  - name: d\n    description: \"{{ env_var('Q') }}\"\n", "a: ["},
}

// TestIncremental makes random changes, on disk, in open documents, of settings and
// of folders, and compares what the workspace knows after each with what a new one
// finds. Of changes on disk it is told where a look before said that they matter.
func TestIncremental(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			root, home := t.TempDir(), t.TempDir()
			names := slices.Sorted(maps.Keys(contents))
			open := map[string]string{}
			w := New(testMachine(home))
			folders, settings := []string{root}, Settings{}
			w.SetFolders(folders)
			looked := w.Snapshot()
			looked.Projects()
			written := func(path string) {
				watched := func(p *Project) bool { return p.Watched(path) }
				if w.Snapshot() != looked || looked.MayMoveProjects(path) || slices.ContainsFunc(looked.Projects(), watched) {
					w.FilesChanged([]string{path})
				}
			}
			for step := range 60 {
				name := names[r.IntN(len(names))]
				path := filepath.Join(root, name)
				text := contents[name][r.IntN(len(contents[name]))]
				action := r.IntN(12)
				switch {
				case action < 5:
					put(t, path, text)
					written(path)
				case action < 6:
					if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
						t.Fatal(err)
					}
					written(path)
				case action < 9:
					open[path] = text
					w.SetDocument(path, int32(step), []byte(text))
				case action < 10:
					delete(open, path)
					w.CloseDocument(path)
				case action < 11:
					settings.WorkingDir = []string{"", "work", "nested"}[r.IntN(3)]
					given := settings
					w.SetSettings(func(string) Settings { return given })
				default:
					folders = [][]string{{root}, {filepath.Join(root, "nested")}, {root, filepath.Join(root, "deeper")}}[r.IntN(3)]
					w.SetFolders(folders)
				}
				if r.IntN(3) == 0 {
					continue // so that several changes come before the next look
				}
				fresh := New(testMachine(home))
				fresh.SetFolders(folders)
				fresh.SetSettings(func(string) Settings { return settings })
				for path, text := range open {
					fresh.SetDocument(path, 1, []byte(text))
				}
				looked = w.Snapshot()
				if diff := cmp.Diff(dump(fresh.Snapshot()), dump(looked)); diff != "" {
					t.Fatalf("step %d, %s action %d: (-new workspace +changed one)\n%s", step, name, action, diff)
				}
			}
		})
	}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestSnapshotsDoNotChange holds that a snapshot shows what was there when it
// was taken, however many changes and readers there are since.
func TestSnapshotsDoNotChange(t *testing.T) {
	root := t.TempDir()
	put(t, filepath.Join(root, "dbt_project.yml"), "name: p\nprofile: p\n")
	put(t, filepath.Join(root, "models/a.sql"), "select {{ env_var('A') }}")
	w := New(testMachine(t.TempDir()))
	w.SetFolders([]string{root})
	env := filepath.Join(root, ".env")
	var wg sync.WaitGroup
	for i := range 100 {
		w.SetDocument(env, int32(i), fmt.Appendf(nil, "A=%d\nN%d=\n", i, i))
		s := w.Snapshot()
		wg.Go(func() {
			if s.Projects()[0].Variable(fmt.Sprintf("N%d", i)) == nil {
				t.Errorf("snapshot %d shows another content", i)
			}
		})
	}
	wg.Wait()
}

// TestUnchangedProjectsAreKept holds that a change of one project leaves the
// others as they are, so that nobody looks at them again.
func TestUnchangedProjectsAreKept(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a", "b"} {
		put(t, filepath.Join(root, name, "dbt_project.yml"), "name: "+name+"\nprofile: p\n")
	}
	w := New(testMachine(t.TempDir()))
	w.SetFolders([]string{root})
	before := w.Snapshot().Projects()
	w.SetDocument(filepath.Join(root, "b", ".env"), 1, []byte("X=1\n"))
	after := w.Snapshot().Projects()
	if before[0] != after[0] {
		t.Error("a was made again")
	}
	if before[1] == after[1] {
		t.Error("b was not")
	}
}

// TestProjectThatVanishes holds that a project whose folder is gone goes as a
// whole, although somebody has told of one of its files only, and so does one whose
// folder goes while it is read.
func TestProjectThatVanishes(t *testing.T) {
	for _, during := range []bool{false, true} {
		t.Run(fmt.Sprintf("during a look: %v", during), func(t *testing.T) {
			root := t.TempDir()
			for _, name := range []string{"goes", "stays"} {
				put(t, filepath.Join(root, name, "dbt_project.yml"), "name: "+name+"\nprofile: p\n")
				put(t, filepath.Join(root, name, ".env"), "A=1\n")
			}
			w := New(testMachine(t.TempDir()))
			w.SetFolders([]string{root})
			w.Snapshot().Projects()
			vanish := sync.OnceFunc(func() {
				if err := os.Rename(filepath.Join(root, "goes"), filepath.Join(t.TempDir(), "elsewhere")); err != nil {
					t.Error(err)
				}
			})
			if during {
				w.SetSettings(func(string) Settings { vanish(); return Settings{} }) // asked for by a look
			} else {
				vanish()
			}
			w.FilesChanged([]string{filepath.Join(root, "goes", ".env")})
			projects := w.Snapshot().Projects()
			if len(projects) != 1 || projects[0].Name != "stays" {
				t.Errorf("got %d projects, the first of them %s", len(projects), projects[0].Name)
			}
		})
	}
}

// TestHalfTyped holds that a YAML file is still understood while somebody types
// in it: what it says by its last content that dbt could read, and where its
// calls are by the text as it is.
func TestHalfTyped(t *testing.T) {
	root := t.TempDir()
	put(t, filepath.Join(root, "dbt_project.yml"), "name: p\nprofile: p\n")
	w := New(testMachine(t.TempDir()))
	w.SetFolders([]string{root})
	path := filepath.Join(root, "profiles.yml")
	const good = "p:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      schema: \"{{ env_var('A') }}\"\n"
	w.SetDocument(path, 1, []byte(good))
	w.Snapshot().Projects()
	w.SetDocument(path, 2, []byte("# {{ env_var('C') }}\n"+good+"      path: [ \"{{ env_var('B') }}\"\n"))
	p := w.Snapshot().Projects()[0]
	if p.Profile.Target != "dev" || p.Profile.Adapter != "duckdb" {
		t.Errorf("target %q, adapter %q", p.Profile.Target, p.Profile.Adapter)
	}
	var got []string
	for _, c := range p.Calls {
		got = append(got, fmt.Sprint(c.Name, " ", c.At().Text(), " ", c.At().Line()))
	}
	if diff := cmp.Diff([]string{"A A 7", "B B 8"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestTypedProfiles types at random places of a profiles.yml of many profiles,
// which dbt can read after some keys and not after others, and compares the calls
// with those that a new workspace finds.
func TestTypedProfiles(t *testing.T) {
	var all strings.Builder
	for _, name := range []string{"a", "p", "q", "'r'"} {
		fmt.Fprintf(&all, "%s:\n  target: dev\n  outputs:\n", name)
		for _, target := range []string{"dev", "prod"} {
			fmt.Fprintf(&all, "    %s:\n      type: duckdb\n      # {{ env_var('NO') }}\n      path: \"{{ env_var('PATH_%s') }}\"\n      schema: '{{ env_var(\"SAME\") }}'\n", target, target)
		}
	}
	keys := []string{"x", ": ", " ", "\n", "'", "{{ env_var('NEW') }}", "\n      user: \"{{ env_var('NEW') }}\"", "#", "\nz:\n  outputs: {dev: {path: \"{{ env_var('Z') }}\"}}\n", "&s ", "é"}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		root, home := t.TempDir(), t.TempDir()
		put(t, filepath.Join(root, "dbt_project.yml"), "name: p\nprofile: p\n")
		path, content, good := filepath.Join(root, "profiles.yml"), all.String(), all.String()
		w := New(testMachine(home))
		w.SetFolders([]string{root})
		for step := range int32(60) {
			if r.IntN(3) == 0 {
				content = good
			}
			at := r.IntN(len(content) + 1)
			content = content[:at] + keys[r.IntN(len(keys))] + content[min(len(content), at+r.IntN(2)*r.IntN(30)):]
			w.SetDocument(path, step, []byte(content))
			if r.IntN(4) == 0 {
				continue // so that some versions are never looked at
			}
			fresh := New(testMachine(home))
			fresh.SetFolders([]string{root})
			fresh.SetDocument(path, step, []byte(content))
			if file, _ := fresh.Snapshot().File(path); !file.YAML().Refused() {
				good = content
			}
			if diff := cmp.Diff(dumpCalls(fresh.Snapshot()), dumpCalls(w.Snapshot())); diff != "" {
				t.Fatalf("seed %d, step %d: (-new workspace +typed in)\n%s\n%s", seed, step, diff, content)
			}
		}
	}
}

func dumpCalls(s *Snapshot) string {
	var b strings.Builder
	for _, c := range s.Projects()[0].Calls {
		fmt.Fprintf(&b, "%s %s %q %q need %d selected %v\n", c.At().Position(), c.Scope, c.Name, c.File.At(c.Span).Text(), c.Need, c.Selected)
	}
	return b.String()
}
