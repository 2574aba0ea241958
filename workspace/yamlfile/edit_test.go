package yamlfile

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

func TestInsertKey(t *testing.T) {
	for _, test := range []struct{ before, path, key, value, after string }{
		{"", "", "a", "1", "a: 1\n"},
		{"\ufeff", "", "a", "1", "\ufeffa: 1\n"},
		{"# c\n", "", "a", "1", "# c\na: 1\n"},
		{"# c", "", "a", "1", "# c\na: 1\n"},
		{"---\n", "", "a", "1", "---\na: 1\n"},
		{"a: 1\n", "", "b", "2", "a: 1\nb: 2\n"},
		{"a: 1", "", "b", "2", "a: 1\nb: 2"},
		{"a: 1 # c\n\n# end\n", "", "b", "2", "a: 1 # c\nb: 2\n\n# end\n"},
		{"a: 1\n...\n", "", "b", "2", "a: 1\nb: 2\n...\n"},
		{"a: 1\r\n", "", "b", "2", "a: 1\r\nb: 2\r\n"},
		{"a:\n    b: 1\nc: 2\n", "a", "d", "3", "a:\n    b: 1\n    d: 3\nc: 2\n"},
		{"a:\n  b: |\n    x\n\nc: 2\n", "a", "d", "3", "a:\n  b: |\n    x\n  d: 3\n\nc: 2\n"},
		{"a:\n  b:\nc: 2\n", "a", "d", "3", "a:\n  b:\n  d: 3\nc: 2\n"},
		{"a:\n  b: [1,\n    2] # c\nc: 2\n", "a", "d", "3", "a:\n  b: [1,\n    2] # c\n  d: 3\nc: 2\n"},
		{"a:\n  b:\n    c: 1\n", "a", "d", "3", "a:\n  b:\n    c: 1\n  d: 3\n"},
		{"a:\nb: 1\n", "a", "c", "2", "a:\n  c: 2\nb: 1\n"},
		{"x:\n    y: 1\na: # c\nb: 1\n", "a", "c", "2", "x:\n    y: 1\na: # c\n    c: 2\nb: 1\n"},
		{"a: ~\n", "a", "c", "2", "a: {c: 2}\n"},
		{"a: {b: 1}\n", "a", "c", "2", "a: {b: 1, c: 2}\n"},
		{"a: {b: 1, }\n", "a", "c", "2", "a: {b: 1, c: 2 }\n"},
		{"a: {}\n", "a", "c", "2", "a: {c: 2}\n"},
		{"a: {\n  b: 1\n}\n", "a", "c", "2", "a: {\n  b: 1,\n  c: 2\n}\n"},
		{"{a: 1}\n", "", "b", "2", "{a: 1, b: 2}\n"},
		{"a:\n  b: 1\n", "", "c", "\n  d: 1\n  e: 2", "a:\n  b: 1\nc: \n  d: 1\n  e: 2\n"},
		{"a:\n  b: 1\n", "a", "c", "|\n  x\n  y\n", "a:\n  b: 1\n  c: |\n    x\n    y\n"},
		{"- a: 1\n  b: 2\n- c: 3\n", "[0]", "d", "4", "- a: 1\n  b: 2\n  d: 4\n- c: 3\n"},
		{"- &x a: 1\n- b\n", "[0]", "d", "4", "- &x a: 1\n  d: 4\n- b\n"},
		{"- a:\n- b\n", "[0] a", "d", "4", "- a:\n    d: 4\n- b\n"},
		{"a: text\n", "a", "c", "2", "a: text\n"},
	} {
		f := Parse([]byte(test.before))
		parent := at(f.Root, test.path)
		if test.path == "" {
			parent = nil
		}
		got, err := text.Apply(f.Content, []text.Edit{f.InsertKey(parent, test.key, test.value)})
		if err != nil || string(got) != test.after {
			t.Errorf("%q at %q: %q %v, want %q", test.before, test.path, got, err, test.after)
		}
		if g := Parse(got); g.Refused() {
			t.Errorf("%q: %v", got, g.Problems)
		}
	}
}

// at follows keys and [0].
func at(n *Node, path string) *Node {
	for _, key := range strings.Fields(path) {
		if key == "[0]" {
			n = n.Items[0]
		} else {
			n = n.Get(key)
		}
	}
	return n
}

func TestAppendTopLevel(t *testing.T) {
	for before, after := range map[string]string{
		"":              "x:\n  y: 1\n",
		"a: 1\n":        "a: 1\nx:\n  y: 1\n",
		"a: 1":          "a: 1\nx:\n  y: 1\n",
		"a: 1\r\n":      "a: 1\r\nx:\r\n  y: 1\r\n",
		"a: 1\n\n# c\n": "a: 1\n\n# c\nx:\n  y: 1\n",
		"a: 1\n...\n\n": "a: 1\nx:\n  y: 1\n...\n\n",
		"\n  a: 1\n":    "\n  a: 1\n  x:\n    y: 1\n",
	} {
		f := Parse([]byte(before))
		got, err := text.Apply(f.Content, []text.Edit{f.AppendTopLevel("x:\n  y: 1\n")})
		if err != nil || string(got) != after {
			t.Errorf("%q: %q %v", before, got, err)
		}
	}
}

func TestRemovePair(t *testing.T) {
	for _, test := range []struct{ before, path, key, after string }{
		{"a: 1\nb: 2\n", "", "a", "b: 2\n"},
		{"a: 1\nb: 2 # c\n# d\n", "", "b", "a: 1\n# d\n"},
		{"a: 1\r\nb:\r\n  c: 1\r\n  d: 2\r\n", "", "b", "a: 1\r\n"},
		{"a: 1\nb: |\n  x\n  y\nc: 1\n", "", "b", "a: 1\nc: 1\n"},
		{"a: 1\nb: 2", "", "b", "a: 1\n"},
		{"a:\n  b: 1\n", "a", "b", "a:\n"},
		{"- a: 1\n  b: 2\n", "[0]", "a", "- b: 2\n"},
		{"- a: 1\n  b: 2\n", "[0]", "b", "- a: 1\n"},
		{"- a: 1\n", "[0]", "a", "- \n"},
		{"a: {b: 1, c: 2}\n", "a", "b", "a: {c: 2}\n"},
		{"a: {b: 1, c: 2}\n", "a", "c", "a: {b: 1}\n"},
		{"a: {b: 1}\n", "a", "b", "a: {}\n"},
		{"a: &x 1\n? &y b\n: 2\n", "", "a", "? &y b\n: 2\n"},
	} {
		f := Parse([]byte(test.before))
		parent := at(f.Root, test.path)
		pair, ok := parent.Pair(test.key)
		if !ok {
			t.Fatalf("%q: no %s", test.before, test.key)
		}
		got, err := text.Apply(f.Content, []text.Edit{f.RemovePair(parent, pair)})
		if err != nil || string(got) != test.after {
			t.Errorf("%q without %s: %q %v, want %q", test.before, test.key, got, err, test.after)
		}
	}
}

func TestQuoteReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("ab '\"\\{}%#:\n\t,[]-é\u0085\u2028\ufeff")), rapid.Rune())).Draw(t, "value")
		for i, content := range []string{"a: " + Quote(value) + "\n", "[" + Quote(value) + "]", Quote(value) + ": 1\n"} {
			f := Parse([]byte(content))
			n := f.Root.Get("a")
			if i == 1 {
				n = f.Root.Items[0]
			} else if i == 2 {
				n = f.Root.Pairs[0].Key
			}
			if got, _ := n.Text(); len(content) < 900 && (got != value || n.Type() != String || f.Refused()) {
				t.Fatalf("%q: %q %v", content, got, f.Problems)
			}
		}
	})
}
