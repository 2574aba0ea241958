package yamlfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// spans writes a tree with what its spans cover.
func spans(f *File, n *Node, indent string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%d %q\n", indent, n.Kind, n.Span.Of(f.Content))
	for _, p := range n.Pairs {
		b.WriteString(spans(f, p.Key, indent+" "))
		b.WriteString(spans(f, p.Value, indent+"  "))
	}
	for _, item := range n.Items {
		b.WriteString(spans(f, item, indent+" "))
	}
	return b.String()
}

func TestSpans(t *testing.T) {
	f := Parse([]byte("\ufeffé: &a 'x' # c\r\nb:\r\n  - !t \"y\"\r\n  -\r\n  - [1, {k: v}, *a]\r\nc: |\r\n  l1\r\n  l2\r\n\r\nd: a\r\n  b # c\r\ne:\r\n"))
	want := strings.Join([]string{
		`1 "é: &a 'x' # c\r\nb:\r\n  - !t \"y\"\r\n  -\r\n  - [1, {k: v}, *a]\r\nc: |\r\n  l1\r\n  l2\r\n\r\nd: a\r\n  b # c\r\ne:"`,
		` 0 "é"`, `  0 "'x'"`,
		` 0 "b"`, `  2 "- !t \"y\"\r\n  -\r\n  - [1, {k: v}, *a]"`, `   0 "\"y\""`, `   0 ""`,
		`   2 "[1, {k: v}, *a]"`, `    0 "1"`, `    1 "{k: v}"`, `     0 "k"`, `      0 "v"`, `    3 "*a"`,
		` 0 "c"`, `  0 "|\r\n  l1\r\n  l2"`,
		` 0 "d"`, `  0 "a\r\n  b"`,
		` 0 "e"`, `  0 ""`, "",
	}, "\n")
	if diff := cmp.Diff(want, spans(f, f.Root, "")); diff != "" {
		t.Error(diff)
	}
}

func TestNilNodes(t *testing.T) {
	var n *Node
	if _, ok := n.Pair("a"); ok || n.Get("a") != nil || n.Path("a", "b") != nil || n.Resolved() != nil || n.Source(3) != 0 {
		t.Error("something in nothing")
	}
	if _, ok := n.Text(); ok || !n.IsNull() || n.Type() != Null {
		t.Error("nothing is not null")
	}
	for range n.All() {
		t.Error("a pair in nothing")
	}
	(&File{}).Walk(func([]string, *Node) bool { t.Error("a node in nothing"); return true })
}

func TestPath(t *testing.T) {
	f := Parse([]byte("p: &p\n  outputs: {dev: {type: x, \"q\": [1]}}\nr: *p\n1: one\n"))
	for path, want := range map[string]string{"p outputs dev type": "x", "r outputs dev type": "x", "r outputs nope type": "", "1": ""} {
		if got, _ := f.Root.Path(strings.Fields(path)...).Text(); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
	if n := f.Root.Path("p", "outputs", "dev", "q"); n.Type() != List || len(n.Items) != 1 {
		t.Error(outline(n))
	}
}

// TestMerges holds merge keys against target.schema as dbt-core 2.0.0-alpha.4
// read it; "" is a schema that is not given.
func TestMerges(t *testing.T) {
	for text, want := range map[string]string{
		"{<<: {s: a}}":                                   "a",
		"{<<: [{s: a}, {s: b}]}":                         "a",
		"{<<: [{<<: {s: a}}, {s: b}]}":                   "b",
		"{<<: [{<<: {s: a}}, {<<: {s: b}}]}":             "a",
		"{<<: {s: a, <<: {s: b}}}":                       "a",
		"{s: z, <<: {s: a}}":                             "z",
		"{<<: {s: a}, s: z}":                             "z",
		"{<<: [{x: 1, <<: {x: 2}}, {<<: {s: b}}], s: c}": "c",
		"{<<: {<<: [{<<: {s: d}}, {s: e}]}}":             "e",
		"{<<: {<<: {<<: {s: f}}}}":                       "f",
		"{'<<': {s: g}}":                                 "g",
		"{!!str <<: {s: h}}":                             "h",
		"{<<: [{y: 1}, {<<: {s: b}}]}":                   "b",
		"{<<: [{<<: {y: 1}}, {<<: {s: b}}]}":             "",
	} {
		f := Parse([]byte(text))
		if got, _ := f.Root.Get("s").Text(); got != want || f.Refused() {
			t.Errorf("%s: %q, want %q %v", text, got, want, f.Problems)
		}
		keys := map[string]int{}
		for p := range f.Root.All() {
			keys[p.Key.Value]++
		}
		for key, n := range keys {
			if n > 1 || key == "<<" {
				t.Errorf("%s: %s %d times", text, key, n)
			}
		}
	}
}

func TestAllStopsEarly(t *testing.T) {
	f := Parse([]byte("{a: 1, b: 2, <<: {c: 3, d: 4}}"))
	for n := range 4 {
		var keys []string
		for p := range f.Root.All() {
			if keys = append(keys, p.Key.Value); len(keys) > n {
				break
			}
		}
		if want := []string{"a", "b", "c", "d"}[:n+1]; !slices.Equal(keys, want) {
			t.Errorf("got %q", keys)
		}
	}
}

func TestWalk(t *testing.T) {
	f := Parse([]byte("a: &a {b: 1}\nc: [2, {d: *a}, [3]]\n? [k]\n: 4\n{{ x }}: 5\n"))
	var got []string
	f.Walk(func(path []string, n *Node) bool {
		got = append(got, strings.Join(path, ".")+"="+n.Value)
		return n.Value != "4"
	})
	if diff := cmp.Diff([]string{"a.b=1", "c.[0]=2", "c.[2].[0]=3", "=4"}, got); diff != "" {
		t.Error(diff)
	}
}

// A file that is being typed keeps what stands before the error.
func TestPartial(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb:\n  c: 2\n  d":         `{0"a": 0"1", 0"b": {0"c": 0"2", 0"d": 0"", }, }`,
		"a: 1\nb: \"x\nc: 2\n":          `{0"a": 0"1", 0"b": 0"", }`,
		"a: [1, 2\nb: 3\n":              `{0"a": [0"1", 0"2 b", ], }`,
		"a: {b: 1, c\n":                 `{0"a": {0"b": 0"1", 0"c": 0"", }, }`,
		"a:\n  - b\n\t- c\n":            `{0"a": [0"", ], }`,
		"a: *nope\n":                    `{0"a": *nope, }`,
		"a: {{ f('x', 'y') }}\nb: 1\n":  `{0"a": 0"{{ f('x', 'y') }}", 0"b": 0"1", }`,
		"a: 1\n---\nb: 2\n":             `{0"a": 0"1", }`,
		"a: 1\nb: \x00\n":               `{0"a": 0"1", 0"b": 0"", }`,
		"a: &a {b: *a}\n":               `{0"a": &a {0"b": *a, }, }`,
		"models:\n  - name: m\n    col": `{0"models": [{0"name": 0"m", 0"col": 0"", }, ], }`,
	} {
		f := Parse([]byte(text))
		if f.Root != nil || !f.Broken() || !f.Refused() {
			t.Errorf("%q is not broken", text)
		}
		if got := outline(f.Partial); got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}
