package yamlfile

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

func FuzzParse(f *testing.F) {
	for _, a := range engineAnswers(f) {
		if len(a.Text) < 1000 {
			f.Add([]byte(strings.TrimPrefix(a.Text, profile)))
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file := Parse(content)
		if file.Broken() != (file.Root == nil && len(file.Problems) > 0) {
			t.Fatalf("%q: broken %v, root %v, %v", content, file.Broken(), file.Root, file.Problems)
		}
		for _, p := range file.Problems {
			checkSpan(t, file, p.Span)
			checkSpan(t, file, p.Related)
			if p.Message == "" || strings.Contains(p.Message, "\n") {
				t.Fatalf("%q: message %q", content, p.Message)
			}
			if _, err := text.Apply(content, p.Edits); err != nil {
				t.Fatalf("%q: %v", content, err)
			}
		}
		checkSource(t, file)
		checkTree(t, file, file.Root, 0)
		checkTree(t, file, file.Partial, 0)
		checkJinja(t, file)
		compareV3(t, file)
	})
}

// profile is in front of all texts that the engine was asked about.
const profile = "p:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.duckdb, schema: main}\n"

func checkSpan(t *testing.T, f *File, span text.Span) {
	t.Helper()
	if span.Start < 0 || span.End < span.Start || span.End > len(f.Content) {
		t.Fatalf("%q: span %v", f.Content, span)
	}
}

func checkTree(t *testing.T, f *File, n *Node, depth int) {
	t.Helper()
	if n == nil {
		return
	}
	checkSpan(t, f, n.Span)
	if depth > MaxDepth {
		t.Fatalf("%q: depth %d", f.Content, depth)
	}
	n.Type()
	for range n.All() {
		continue
	}
	inside := func(c *Node) {
		if c.Span.Start < n.Span.Start || c.Span.End > n.Span.End {
			t.Fatalf("%q: %v leaves %v", f.Content, c.Span, n.Span)
		}
		checkTree(t, f, c, depth+1)
	}
	for _, p := range n.Pairs {
		inside(p.Key)
		inside(p.Value)
	}
	for _, item := range n.Items {
		inside(item)
	}
}

// checkJinja applies the quotes of unquoted Jinja: then nothing of it is left.
func checkJinja(t *testing.T, f *File) {
	t.Helper()
	var edits []text.Edit
	for _, p := range f.Problems {
		if p.Kind == UnquotedJinja {
			edits = append(edits, p.Edits...)
		}
	}
	if edits == nil {
		return
	}
	content, err := text.Apply(f.Content, edits)
	if err != nil {
		t.Fatalf("%q: %v", f.Content, err)
	}
	for _, p := range Parse(content).Problems {
		if p.Kind == UnquotedJinja {
			t.Fatalf("%q becomes %q: %v", f.Content, content, p)
		}
	}
}

// compareV3 holds the tree against yaml.v3's, where both have one and neither
// of the differences that are known is at hand: commas behind tags, line
// breaks that are none for people, and keys that yaml.v3 loses.
func compareV3(t *testing.T, f *File) {
	t.Helper()
	if f.Root == nil || bytes.ContainsAny(f.Content, "!\u0085\u2028\u2029\ufeff") || v3LosesKey(f, f.Root) {
		return
	}
	start, end := extent(f.Content)
	var n yaml.Node
	if err := parseV3(f.Content[start:end], &n); err != nil {
		return
	}
	if ours, theirs := outline(f.Root), outlineV3(&n); ours != theirs {
		t.Errorf("%q:\n  %s\nyaml.v3:\n  %s", f.Content, ours, theirs)
	}
}

// v3LosesKey reports whether a key of the tree is a collection in brackets that
// begins with a question mark, as in {? a}: b. At the closing bracket yaml.v3
// forgets that the collection may be a key, and ends the document there. dbt
// takes it for a key.
func v3LosesKey(f *File, n *Node) bool {
	for _, p := range n.Pairs {
		if p.Key.Style == Flow && strings.HasPrefix(strings.TrimLeft(string(p.Key.Span.Of(f.Content)[1:]), " \t"), "?") {
			return true
		}
		if v3LosesKey(f, p.Key) || v3LosesKey(f, p.Value) {
			return true
		}
	}
	return slices.ContainsFunc(n.Items, func(item *Node) bool { return v3LosesKey(f, item) })
}

// parseV3 is yaml.Unmarshal, which may panic.
func parseV3(content []byte, n *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = os.ErrInvalid
		}
	}()
	return yaml.Unmarshal(content, n)
}
