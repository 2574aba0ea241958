package diagnostics_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/google/go-cmp/cmp"
)

// TestSafeFixes applies all safe fixes to every case of the archives until
// nothing is left, once with LF and once with CRLF as the line end.
func TestSafeFixes(t *testing.T) { fixArchives(t, false) }

// TestUnsafeFixes does the same with the preferred fixes that are not safe.
func TestUnsafeFixes(t *testing.T) { fixArchives(t, true) }

func fixArchives(t *testing.T, unsafe bool) {
	for _, rule := range diagnostics.Rules() {
		t.Run(rule.Code, func(t *testing.T) {
			twins := casesOf(t, rule)
			for i, c := range casesOf(t, rule) {
				c.unsafe, twins[i].unsafe = unsafe, unsafe
				t.Run(c.name, func(t *testing.T) { c.fixAll(t, twins[i]) })
			}
		})
	}
}

// fixAll applies the fixes to a case, and to its twin with other line ends.
func (c *testCase) fixAll(t *testing.T, twin *testCase) {
	c.open, twin.open = nil, nil // what is not saved is not fixed
	c.setUp(t)
	before := c.check(c.workspace.Snapshot())
	if !slices.ContainsFunc(before, c.fixable) {
		return
	}
	c.setModes(t)
	kept := c.read(t)
	planned := c.plan()
	planned.Forget(c.workspace)
	result := fix.Run(c.workspace, c.fixOptions())
	if len(result.Failures) > 0 || len(result.Left) > 0 && !c.unsafe {
		t.Errorf("not done: %v %v", result.Failures, result.Left)
	}
	c.compareFindings(t, before, c.check(c.workspace.Snapshot()), result.Left)
	after := c.read(t)
	want := maps.Clone(kept)
	for _, change := range planned.Changes() {
		name := c.rel(change.Path)
		if !change.After.Exists() {
			delete(want, name)
			continue
		}
		mode := kept[name].Mode
		if !change.Before.Exists() {
			mode = after[name].Mode // that of a new file
		}
		want[name] = content{string(change.After.Content), mode}
	}
	if diff := cmp.Diff(want, after); diff != "" {
		t.Errorf("the files are not what was planned:\n%s", diff)
	}
	if again := fix.Run(c.workspace, c.fixOptions()); len(again.Changes) > 0 {
		t.Errorf("a second run changes %s", again.Changes[0].Path)
	}
	if !slices.ContainsFunc(planned.Changes(), replacesLineEnds) && !hasCR(kept) {
		twin.compareLineEnds(t, kept, after)
	}
}

func (c *testCase) fixOptions() fix.Options {
	return fix.Options{
		Find:   c.check,
		Unsafe: c.unsafe,
		Within: func(path string) bool { return strings.HasPrefix(path, c.project+string(filepath.Separator)) },
	}
}

func (c *testCase) plan() *fix.Plan { return fix.Make(c.workspace, c.fixOptions()) }

// fixable reports whether a finding has a fix within the project that mends it
// without a person.
func (c *testCase) fixable(f diagnostics.Finding) bool {
	chosen := fix.Pick(&f, c.unsafe)
	return chosen != nil && chosen.Cursor == nil && !slices.ContainsFunc(fix.Paths(chosen), func(path string) bool { return !c.fixOptions().Within(path) })
}

// compareFindings holds what is found after the fixes against what was found
// before: no fix is left, unless it was said why, and no error or warning is new
// unless what was mended hid it.
func (c *testCase) compareFindings(t *testing.T, before, after []diagnostics.Finding, left []fix.Left) {
	said, mended := map[string]int{}, map[string]bool{}
	for _, f := range before {
		said[c.what(f)]++
		said[c.kind(f)]++
		if c.fixable(f) {
			mended[f.Rule.Code] = true
		}
	}
	explains := reveals
	if c.unsafe {
		explains = follows
	}
	now := map[string]int{}
	for _, f := range after {
		now[c.kind(f)]++
		isNew := said[c.what(f)] == 0 && now[c.kind(f)] > said[c.kind(f)]
		switch {
		case c.fixable(f) && !slices.ContainsFunc(left, func(l fix.Left) bool { return l.Rule == f.Rule.Code }):
			t.Errorf("there is still %s", c.what(f))
		case f.Severity >= diagnostics.Warning && isNew && !slices.ContainsFunc(slices.Collect(maps.Keys(mended)), func(code string) bool { return explains(code, f.Rule.Code) }):
			t.Errorf("new: %s", c.what(f))
		}
	}
}

// what says what a finding is about, without its place in the file, which a fix
// may move.
func (c *testCase) what(f diagnostics.Finding) string {
	return f.Rule.Code + " " + c.rel(f.At.File.Path) + " " + f.At.Text()
}

// reveals reports whether the finding of one rule, mended, may show what
// another one has to say: rules.md, "One cause, one row".
func reveals(mended, shown string) bool {
	switch mended {
	case "env-parse", "env-swallowed", "env-encoding", "env-lost":
		return strings.HasPrefix(shown, "env-") || strings.HasPrefix(shown, "example-") || shown == "local-missing-key"
	case "example-missing-key", "example-absent":
		return shown == "env-absent" // .env can be made of the example once that is complete
	case "dependencies-schema":
		return strings.HasPrefix(shown, "mesh-")
	case "yaml-syntax", "jinja-unquoted", "project-schema", "profile-structure", "link-key":
		return true
	}
	return false
}

// content is a file with its mode.
type content struct {
	Text string
	Mode fs.FileMode
}

// setModes gives every file a mode that no program gives by itself.
func (c *testCase) setModes(t *testing.T) {
	for name := range c.read(t) {
		if err := os.Chmod(c.abs(name), 0o764); err != nil {
			t.Fatal(err)
		}
	}
}

// read returns the files of the project and of the home folder, without git's
// own.
func (c *testCase) read(t *testing.T) map[string]content {
	files := map[string]content{}
	err := filepath.WalkDir(filepath.Dir(c.project), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !entry.Type().IsRegular() {
			if err == nil && entry.Name() == ".git" {
				return filepath.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		files[c.rel(path)] = content{string(data), info.Mode().Perm()}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// replacesLineEnds reports whether a change is one whose purpose is that.
func replacesLineEnds(change *fix.Change) bool {
	return slices.ContainsFunc(change.Done, func(d fix.Done) bool { return d.Rule == "env-encoding" })
}

func hasCR(files map[string]content) bool {
	for _, file := range files {
		if strings.Contains(file.Text, "\r") {
			return true
		}
	}
	return false
}

// compareLineEnds fixes a case whose files end their lines with CRLF: the
// outcome is that of LF, with CRLF, save in files that are new.
func (c *testCase) compareLineEnds(t *testing.T, before, after map[string]content) {
	c.useCRLF()
	c.setUp(t)
	got, want := map[string]string{}, map[string]string{}
	for _, change := range fix.Run(c.workspace, c.fixOptions()).Changes {
		if change.After.Exists() {
			got[c.rel(change.Path)] = string(change.After.Content)
		}
	}
	for name, file := range after {
		if file == before[name] {
			continue
		}
		want[name] = crlf(file.Text)
		if _, old := before[name]; !old && !strings.Contains(got[name], "\r") {
			want[name] = file.Text
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with CRLF:\n%s", diff)
	}
}

func (c *testCase) hasCR() bool {
	for _, files := range []map[string]string{c.files, c.open} {
		for _, text := range files {
			if strings.ContainsAny(text, "\r\x00") { // or UTF-16
				return true
			}
		}
	}
	return false
}

// useCRLF ends the lines of all files of the project with CRLF.
func (c *testCase) useCRLF() {
	for name, text := range scaffold {
		if _, own := c.files[name]; !own && !slices.Contains(c.absent, name) {
			c.files[name] = text
		}
	}
	for _, files := range []map[string]string{c.files, c.open} {
		for name, text := range files {
			files[name] = crlf(text)
		}
	}
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
