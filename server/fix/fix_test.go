package fix_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/google/go-cmp/cmp"
)

// A bench is a project with fixes made by hand.
type bench struct {
	root      string
	workspace *workspace.Workspace
	fixes     func(file func(name string) *workspace.File) []diagnostics.Fix
}

func newBench(t *testing.T, files map[string]string, fixes func(file func(name string) *workspace.File) []diagnostics.Fix) *bench {
	b := &bench{root: emptyProject(t), fixes: fixes}
	for name, content := range files {
		b.write(t, name, content)
	}
	b.workspace = workspace.New(&workspace.Machine{})
	b.workspace.SetFolders([]string{b.root})
	return b
}

func (b *bench) path(name string) string { return filepath.Join(b.root, name) }

func (b *bench) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(b.path(name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// read returns a file's content, "absent" without one.
func (b *bench) read(name string) string {
	content, err := os.ReadFile(b.path(name))
	if err != nil {
		return "absent"
	}
	return string(content)
}

func (b *bench) options(unsafe bool) fix.Options {
	return fix.Options{Unsafe: unsafe, Within: func(string) bool { return true }, Find: func(s *workspace.Snapshot) []diagnostics.Finding {
		p := s.Projects()[0]
		file := func(name string) *workspace.File {
			f, ok := s.File(b.path(name))
			if !ok {
				return p.File
			}
			return f
		}
		var found []diagnostics.Finding
		for _, one := range b.fixes(file) {
			found = append(found, diagnostics.Finding{Rule: &diagnostics.Rule{Code: "test"}, At: p.File.Start(), Fixes: []diagnostics.Fix{one}})
		}
		return found
	}}
}

func (b *bench) run(unsafe bool) *fix.Result { return fix.Run(b.workspace, b.options(unsafe)) }

// replace is a fix that puts one text in the place of another, once.
func replace(f *workspace.File, old, new string) []diagnostics.Fix {
	at := strings.Index(string(f.Content), old)
	if at < 0 {
		return nil
	}
	return []diagnostics.Fix{{
		Title: "replace " + old, Safe: true, Preferred: true,
		Edits: []diagnostics.Edit{{File: f, Edit: text.Edit{Span: text.Span{Start: at, End: at + len(old)}, New: new}}},
	}}
}

func unsafe(title string, parts ...[]diagnostics.Fix) []diagnostics.Fix {
	one := diagnostics.Fix{Title: title, Preferred: true}
	for _, part := range parts {
		if part == nil {
			return nil
		}
		one.Edits = append(one.Edits, part[0].Edits...)
	}
	return []diagnostics.Fix{one}
}

func TestOverlapsWait(t *testing.T) {
	b := newBench(t, map[string]string{".env": "A=abc\n"}, func(file func(string) *workspace.File) []diagnostics.Fix {
		f := file(".env")
		return append(append(replace(f, "abc", "xbc"), replace(f, "bc", "y")...), replace(f, "A=", "B=")...)
	})
	result := b.run(false)
	if got := b.read(".env"); got != "B=xy\n" || len(result.Changes) != 1 || len(result.Changes[0].Done) != 3 {
		t.Errorf("got %q after %v", got, result.Changes[0].Done)
	}
}

func TestLinesAreAddedOnce(t *testing.T) {
	for before, want := range map[string]string{"A=1": "A=1\nB=2\nC=3\n", "A=1\r\n": "A=1\r\nB=2\r\nC=3\r\n", "": "B=2\nC=3\n"} {
		b := newBench(t, map[string]string{".env": before}, func(file func(string) *workspace.File) []diagnostics.Fix {
			f := file(".env")
			var all []diagnostics.Fix
			for _, line := range []string{"B=2", "C=3", "C=3"} {
				if !strings.Contains(string(f.Content), line) {
					all = append(all, diagnostics.Fix{Title: line, Safe: true, Edits: []diagnostics.Edit{{File: f, Edit: f.Dotenv().AppendText(line)}}})
				}
			}
			return all
		})
		if b.run(false); b.read(".env") != want {
			t.Errorf("%q becomes %q, want %q", before, b.read(".env"), want)
		}
	}
}

func TestFixesEndSomewhere(t *testing.T) {
	b := newBench(t, map[string]string{".env": "A=1\n"}, func(file func(string) *workspace.File) []diagnostics.Fix {
		return append(replace(file(".env"), "=1", "=2"), replace(file(".env"), "=2", "=1")...)
	})
	b.run(false)
	if got := b.read(".env"); got != "A=1\n" && got != "A=2\n" {
		t.Errorf("got %q", got)
	}
}

func TestValuesBecomeComments(t *testing.T) {
	for before, want := range map[string]string{"X=1": "X=1\n# A=\n# B=\n", "": "# A=\n# B=\n", "# A=\n": "# A=\n# B=\n"} {
		b := newBench(t, map[string]string{".env": before}, func(file func(string) *workspace.File) []diagnostics.Fix {
			f := file(".env")
			var all []diagnostics.Fix
			for _, name := range []string{"A", "B"} {
				one := diagnostics.Fix{Title: "Add " + name, Preferred: true}
				edit, cursor := f.Dotenv().Append(name)
				if i := strings.Index(string(f.Content), "# "+name+"="); i >= 0 {
					edit, cursor = text.Edit{Span: text.Span{Start: i, End: i + 2}}, i+2
				}
				one.Edits, one.Cursor = []diagnostics.Edit{{File: f, Edit: edit}}, &diagnostics.Cursor{Path: f.Path, Offset: cursor}
				all = append(all, one)
			}
			return all
		})
		if b.run(false); b.read(".env") != before {
			t.Errorf("a value is asked for by a safe fix")
		}
		if b.run(true); b.read(".env") != want {
			t.Errorf("%q becomes %q, want %q", before, b.read(".env"), want)
		}
	}
}

func TestCreateWithoutValue(t *testing.T) {
	b := newBench(t, nil, nil)
	b.fixes = func(file func(string) *workspace.File) []diagnostics.Fix {
		var all []diagnostics.Fix
		if !file(".env").Exists() {
			for _, name := range []string{"A", "B"} {
				all = append(all, diagnostics.Fix{
					Title: "Add " + name, Preferred: true, Cursor: &diagnostics.Cursor{Path: b.path(".env"), Offset: 2},
					Create: []diagnostics.NewFile{{Path: b.path(".env"), Content: name + "=\n"}},
				})
			}
		}
		return all
	}
	b.run(true)
	info, err := os.Stat(b.path(".env"))
	if got := b.read(".env"); err != nil || got != "# A=\n" || info.Mode().Perm() != 0o600 {
		t.Errorf("got %q, %v, %v", got, info, err)
	}
}

func TestChangedMeanwhile(t *testing.T) {
	b := newBench(t, map[string]string{".env": "A=1\n", ".gitignore": "x\n"}, func(file func(string) *workspace.File) []diagnostics.Fix {
		return append(replace(file(".env"), "A=1", "A=2"), replace(file(".gitignore"), "x", "y")...)
	})
	plan := fix.Make(b.workspace, b.options(false))
	b.write(t, ".env", "A=1\n\n")
	failures := plan.Write()
	if len(failures) != 1 || failures[0].Path != b.path(".env") || !errors.Is(failures[0].Err, fix.ErrChanged) {
		t.Errorf("failures: %v", failures)
	}
	if b.read(".env") != "A=1\n\n" || b.read(".gitignore") != "y\n" {
		t.Errorf("got %q and %q", b.read(".env"), b.read(".gitignore"))
	}
	b.noStages(t)
}

func TestCreatedMeanwhile(t *testing.T) {
	b := newBench(t, nil, nil)
	b.fixes = func(file func(string) *workspace.File) []diagnostics.Fix {
		return []diagnostics.Fix{{Title: "create", Preferred: true, Create: []diagnostics.NewFile{{Path: b.path(".env"), Content: "A=1\n"}}}}
	}
	plan := fix.Make(b.workspace, b.options(true))
	b.write(t, ".env", "B=2\n")
	if failures := plan.Write(); len(failures) != 1 || !errors.Is(failures[0].Err, fix.ErrChanged) || b.read(".env") != "B=2\n" {
		t.Errorf("failures %v, content %q", failures, b.read(".env"))
	}
	plan.Forget(b.workspace)
	if result := b.run(true); len(result.Changes) > 0 || len(result.Left) != 1 || b.read(".env") != "B=2\n" {
		t.Errorf("a file that is there was replaced: %q, left %v", b.read(".env"), result.Left)
	}
	b.noStages(t)
}

// TestCreateInAFolder creates files in folders that do not exist: one of the
// project, and one that a link puts outside of it.
func TestCreateInAFolder(t *testing.T) {
	b := newBench(t, nil, nil)
	outside := t.TempDir()
	if err := os.Symlink(outside, b.path("link")); err != nil {
		t.Skip(err) // Windows, as most people use it
	}
	b.fixes = func(func(string) *workspace.File) (all []diagnostics.Fix) {
		for _, name := range []string{"config/dbt/profiles.yml", "link/dbt/profiles.yml"} {
			if b.read(name) == "absent" {
				all = append(all, diagnostics.Fix{Title: "create", Preferred: true, Create: []diagnostics.NewFile{{Path: b.path(name), Content: "shop:\n"}}})
			}
		}
		return all
	}
	o := b.options(true)
	o.Within = func(path string) bool { return strings.HasPrefix(path, b.root) }
	result := fix.Run(b.workspace, o)
	if len(result.Failures) > 0 || b.read("config/dbt/profiles.yml") != "shop:\n" {
		t.Errorf("failures %v, content %q", result.Failures, b.read("config/dbt/profiles.yml"))
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 || len(result.Left) != 1 {
		t.Errorf("outside: %v, %v; left: %v", left, err, result.Left)
	}
}

// TestTogetherOrNotAtAll moves a text from one file to another.
func TestTogetherOrNotAtAll(t *testing.T) {
	b := newBench(t, map[string]string{".env": "A=1\n", ".env.example": "A=\n", ".gitignore": "x\n"}, func(file func(string) *workspace.File) []diagnostics.Fix {
		move := unsafe("move", replace(file(".env"), "A=1", "B=1"), replace(file(".env.example"), "A=", "B="))
		return append(move, replace(file(".gitignore"), "x", "y")...)
	})
	plan := fix.Make(b.workspace, b.options(true))
	if err := os.Remove(b.path(".env.example")); err != nil {
		t.Fatal(err)
	}
	failures := plan.Write()
	if len(failures) != 2 || b.read(".env") != "A=1\n" || b.read(".gitignore") != "y\n" {
		t.Errorf("failures %v, content %q and %q", failures, b.read(".env"), b.read(".gitignore"))
	}
	plan.Forget(b.workspace)
	b.write(t, ".env.example", "A=\n")
	b.workspace.Rescan()
	if result := b.run(true); len(result.Failures) > 0 || b.read(".env") != "B=1\n" || b.read(".env.example") != "B=\n" {
		t.Errorf("failures %v, content %q and %q", result.Failures, b.read(".env"), b.read(".env.example"))
	}
	b.noStages(t)
}

func TestDeleteAndRename(t *testing.T) {
	b := newBench(t, map[string]string{"packages.yml": "packages: []\n"}, nil)
	b.fixes = func(file func(string) *workspace.File) []diagnostics.Fix {
		if !file("packages.yml").Exists() {
			return nil
		}
		return []diagnostics.Fix{{Title: "delete", Preferred: true, Delete: []string{b.path("packages.yml")}}}
	}
	result := b.run(true)
	want := []fix.Left{{Path: b.path("packages.yml"), Rule: "test", Title: "delete", Reason: "git does not hold its content"}}
	if diff := cmp.Diff(want, result.Left); diff != "" || b.read("packages.yml") == "absent" {
		t.Errorf("a file is deleted that nobody holds: %s", diff)
	}
	remove := b.fixes
	b.fixes = func(file func(string) *workspace.File) []diagnostics.Fix {
		all := remove(file)
		for i := range all {
			all[i].Create = []diagnostics.NewFile{{Path: b.path("dependencies.yml"), Content: "packages: []\n"}}
		}
		return all
	}
	if b.run(true); b.read("packages.yml") != "absent" || b.read("dependencies.yml") != "packages: []\n" {
		t.Errorf("not renamed: %q and %q", b.read("packages.yml"), b.read("dependencies.yml"))
	}
}

// noStages checks that nothing is left of writing.
func (b *bench) noStages(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob(b.path(".dbt-hybrid-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestClean(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".dbt-hybrid-1.tmp", ".dbt-hybrid-2.tmp", "dbt-hybrid-3.tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, name, ".git"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, ".git", "content"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, ".dbt-hybrid-2.tmp", "mine"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	count := func() int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	if fix.Clean(dir, time.Now().Add(-time.Minute)); count() != 3 {
		t.Error("what is in use was removed")
	}
	if fix.Clean(dir, time.Now().Add(time.Hour)); count() != 2 {
		t.Errorf("%d folders are left, want the two that are not only ours", count())
	}
}
