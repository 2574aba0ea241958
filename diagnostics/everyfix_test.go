package diagnostics_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// TestEveryFix applies each fix of each finding of the archives by itself, the
// unsafe ones and those that only an editor offers too: its finding is gone, it
// brings no error and no warning, it is not offered once more, and what it is
// not about stays as it was: other files, modes, line ends, comments, values and
// their order.
func TestEveryFix(t *testing.T) {
	for _, rule := range diagnostics.Rules() {
		t.Run(rule.Code, func(t *testing.T) {
			for _, c := range casesOf(t, rule) {
				t.Run(c.name, c.eachFix)
				if c.hasCR() {
					continue
				}
				c.useCRLF()
				t.Run(c.name+", CRLF", c.eachFix)
			}
		})
	}
}

// eachFix begins anew for every fix.
func (c *testCase) eachFix(t *testing.T) {
	c.setUp(t)
	for i, f := range c.check(c.workspace.Snapshot()) {
		for j, fix := range f.Offers() {
			if fix.Command != nil {
				continue // a person decides what becomes of it
			}
			c.setUp(t)
			c.setModes(t)
			before, files := c.check(c.workspace.Snapshot()), c.read(t)
			chosen := &before[i].Offers()[j]
			c.apply(t, chosen)
			c.compareOne(t, before, &before[i], chosen)
			c.compareFiles(t, files, chosen)
			c.compareContents(t, &before[i], chosen)
		}
	}
}

// typed is what a person types where a fix leaves the cursor.
const typed = "typed_1"

// apply makes the changes of a fix on disk and in open documents, as an editor
// does, and types a value where it asks for one.
func (c *testCase) apply(t *testing.T, chosen *diagnostics.Fix) {
	var batch fix.Batch
	if !batch.Add(chosen) {
		t.Fatalf("%q does not fit together", chosen.Title)
	}
	changed := map[string][]byte{}
	for _, e := range chosen.Edits {
		var all []text.Edit
		for _, other := range chosen.Edits {
			if other.File == e.File {
				all = append(all, other.Edit)
			}
		}
		content, err := text.Apply(e.File.Content, all)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(e.File.Content, []byte("\r\n")) && lone(content) > lone(e.File.Content) {
			t.Errorf("%q: %s has line ends of two kinds", chosen.Title, c.rel(e.File.Path))
		}
		changed[e.File.Path] = content
	}
	for _, created := range chosen.Create {
		changed[created.Path] = []byte(created.Content)
	}
	if at := chosen.Cursor; at != nil {
		content, known := changed[at.Path]
		if file, there := c.workspace.Snapshot().File(at.Path); !known && there {
			content = file.Content
		}
		changed[at.Path] = slices.Insert(slices.Clone(content), at.Offset, []byte(typed)...)
	}
	for path, content := range changed {
		write(t, path, string(content))
		if _, open := c.open[c.rel(path)]; open {
			c.workspace.SetDocument(path, 2, content)
		}
	}
	for _, path := range chosen.Delete {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // it was never saved
			t.Fatal(err)
		}
		c.workspace.CloseDocument(path)
	}
	c.workspace.FilesChanged(append(slices.Collect(maps.Keys(changed)), chosen.Delete...))
}

// lone counts line feeds without a carriage return.
func lone(content []byte) int {
	return bytes.Count(content, []byte("\n")) - bytes.Count(content, []byte("\r\n"))
}

// compareOne holds what is found after one fix against what was found before.
func (c *testCase) compareOne(t *testing.T, before []diagnostics.Finding, mended *diagnostics.Finding, chosen *diagnostics.Fix) {
	said, now := map[string]int{}, map[string]int{}
	for _, f := range before {
		said[c.what(f)]++
		said[c.kind(f)]++
		for _, offered := range f.Offers() {
			said[c.offer(f, offered)]++
		}
	}
	for _, f := range c.check(c.workspace.Snapshot()) {
		now[c.what(f)]++
		now[c.kind(f)]++
		for _, again := range f.Offers() {
			now[c.offer(f, again)]++
		}
		if f.Severity >= diagnostics.Warning && now[c.kind(f)] > said[c.kind(f)] && !follows(mended.Rule.Code, f.Rule.Code) {
			t.Errorf("%s: %q brings %s: %s", c.what(*mended), chosen.Title, c.what(f), f.Text())
		}
	}
	if now[c.what(*mended)] >= said[c.what(*mended)] {
		t.Errorf("after %q there is still %s", chosen.Title, c.what(*mended))
	}
	if offer := c.offer(*mended, *chosen); now[offer] >= said[offer] {
		t.Errorf("%q is offered once more for %s", chosen.Title, c.what(*mended))
	}
}

// lineNumber is the name of a place that a fix may move.
var lineNumber = regexp.MustCompile(`line \d+`)

// offer says what a fix is about.
func (c *testCase) offer(f diagnostics.Finding, offered diagnostics.Fix) string {
	return c.what(f) + ": " + lineNumber.ReplaceAllString(offered.Title, "line")
}

// kind says what a finding is about, without the place, which a fix of something
// else may move.
func (c *testCase) kind(f diagnostics.Finding) string {
	return f.Rule.Code + " in " + c.rel(f.At.File.Path)
}

// follows reports whether a fix that a person chooses may show what another rule
// has to say, because it asks for more, or since dbt now gets further.
func follows(mended, shown string) bool {
	switch mended {
	case "env-empty", "env-missing": // a value was typed, which names a profile or an output
		return shown == "profile-missing" || shown == "target-missing" || shown == "env-substitution"
	case "profile-field-required":
		return shown == "env-missing" // the field is a variable now
	case "profile-missing":
		return shown == "target-missing"
	case "profile-unset":
		return shown == "project-schema" // of an empty file dbt asks for the profile before the name
	case "mesh-ignored", "mesh-both", "mesh-unused-project":
		return shown == "mesh-unlinked" || shown == "dependencies-schema"
	case "mesh-unknown-project":
		return shown == "link-missing"
	case "yaml-duplicate-key", "file-misnamed":
		return true
	}
	return reveals(mended, shown)
}

// compareFiles holds the files on the disk after one fix against those before:
// others than its own are the same, and the mode of every file is.
func (c *testCase) compareFiles(t *testing.T, before map[string]content, chosen *diagnostics.Fix) {
	own := map[string]bool{}
	for _, path := range fix.Paths(chosen) {
		own[c.rel(path)] = true
	}
	if chosen.Cursor != nil {
		own[c.rel(chosen.Cursor.Path)] = true
	}
	after := c.read(t)
	for name, was := range before {
		now, there := after[name]
		switch {
		case !there && own[name]:
		case now.Mode != was.Mode, now.Text != was.Text && !own[name]:
			t.Errorf("%q changes %s", chosen.Title, name)
		}
	}
	for name := range after {
		if _, there := before[name]; !there && !own[name] {
			t.Errorf("%q leaves %s", chosen.Title, name)
		}
	}
}

// compareContents holds each file that a fix edits against what it was.
func (c *testCase) compareContents(t *testing.T, mended *diagnostics.Finding, chosen *diagnostics.Fix) {
	for _, group := range fix.ByFile(chosen.Edits) {
		file := group[0].File
		after, _ := c.workspace.Snapshot().File(file.Path)
		var problems []string
		switch {
		case after == nil:
			continue // it moved
		case mended.Rule.Code == "env-swallowed" && !chosen.Safe: // lines that a quote hid count again, which is why a person has to look
		case workspace.IsEnvFile(file.Path):
			problems = otherValues(file, after, group)
		case strings.HasSuffix(file.Path, ".yml"):
			problems = otherTexts(file, after, group)
		}
		if mended.Rule.Code != "env-encoding" { // which writes a file in another encoding
			problems = append(problems, rewritten(group)...)
		}
		for _, problem := range problems {
			t.Errorf("%q in %s: %s", chosen.Title, c.rel(file.Path), problem)
		}
	}
	for _, comment := range c.lostComments(chosen) {
		if !takesComments(mended, chosen) {
			t.Errorf("%q: the comment %q is lost", chosen.Title, comment)
		}
	}
}

// rewritten returns the edits that replace a line by itself.
func rewritten(edits []diagnostics.Edit) (problems []string) {
	for _, e := range edits {
		old := e.Span.Of(e.File.Content)
		common := text.Shared(old, []byte(e.New))
		if bytes.Contains(old[:common.Head], []byte("\n")) || bytes.Contains(bytes.TrimSuffix(old[len(old)-common.Tail:], []byte("\n")), []byte("\n")) {
			problems = append(problems, fmt.Sprintf("%q is replaced by %q", old, e.New))
		}
	}
	return problems
}

func touched(edits []diagnostics.Edit, span text.Span) bool {
	return slices.ContainsFunc(edits, func(e diagnostics.Edit) bool { return e.Span.Overlaps(span) })
}

// otherValues returns the variables that an edit is not about and that have
// another value since.
func otherValues(before, after *workspace.File, edits []diagnostics.Edit) (problems []string) {
	now := map[string]string{}
	for _, v := range after.Dotenv().Values(nil).All() {
		if v.Effective() {
			now[v.Name] = v.Text.Reveal()
		}
	}
	for _, v := range before.Dotenv().Values(nil).All() {
		if value, there := now[v.Name]; v.Effective() && !touched(edits, v.Entry.Line()) && (!there || value != v.Text.Reveal()) {
			problems = append(problems, v.Name+" has another value")
		}
	}
	return problems
}

// otherTexts returns the scalars that an edit is not about and that are not
// there any more, or not in their order.
func otherTexts(before, after *workspace.File, edits []diagnostics.Edit) (problems []string) {
	if before.YAML().Broken() {
		return nil
	}
	type leaf struct{ key, text string }
	leaves := func(file *workspace.File, skip func(*yamlfile.Node) bool) (all []leaf) {
		file.YAML().Walk(func(path []string, n *yamlfile.Node) bool {
			if value, ok := n.Text(); ok && !skip(n) {
				key := ""
				if len(path) > 0 {
					key = path[len(path)-1]
				}
				if strings.HasPrefix(key, "[") {
					key = "[]"
				}
				all = append(all, leaf{key, value})
			}
			return true
		})
		return all
	}
	rest := leaves(after, func(*yamlfile.Node) bool { return false })
	for _, was := range leaves(before, func(n *yamlfile.Node) bool {
		key := bytes.LastIndexByte(before.Content[:n.Span.Start], '\n') + 1
		return touched(edits, text.Span{Start: key, End: n.Span.End})
	}) {
		at := slices.Index(rest, was)
		if at < 0 {
			problems = append(problems, fmt.Sprintf("%s: %s is gone, or elsewhere", was.key, was.text))
			continue
		}
		rest = rest[at+1:]
	}
	return problems
}

// takesComments reports whether a fix is about a comment, or removes the line of
// one without being a safe fix.
func takesComments(mended *diagnostics.Finding, chosen *diagnostics.Fix) bool {
	switch mended.Rule.Code {
	case "unused-suppression":
		return true
	case "example-secret": // in what is commented out
		return strings.HasPrefix(chosen.Title, "Empty the value of ")
	}
	return strings.HasPrefix(chosen.Title, "Uncomment ") || strings.HasPrefix(chosen.Title, "Remove ") && !chosen.Safe
}

// lostComments returns the comments of the files that a fix edits that are in
// none of its files any more.
func (c *testCase) lostComments(chosen *diagnostics.Fix) (lost []string) {
	var now strings.Builder
	for _, path := range fix.Paths(chosen) {
		if file, ok := c.workspace.Snapshot().File(path); ok {
			now.Write(file.Content)
		}
	}
	for _, group := range fix.ByFile(chosen.Edits) {
		for line := range strings.Lines(string(group[0].File.Content)) {
			if at := strings.Index(" "+line, " #"); at >= 0 && !strings.Contains(now.String(), strings.TrimSpace(line[at:])) {
				lost = append(lost, strings.TrimSpace(line[at:]))
			}
		}
	}
	return lost
}
