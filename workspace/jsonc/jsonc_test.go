package jsonc_test

import (
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jsonc"
)

// TestParse: what is JSON with comments and what is not.
func TestParse(t *testing.T) {
	for _, good := range []string{
		"{}", "[]", `"a"`, "1", " null ", "// a\n{}", "{} // a", "/* { */ {}", `{"a": [1, 2,], "b": {"c": "// no"},}`, "\ufeff{}", `{"a":"\u00e9\"\\"}`, "{\"a\": 1 /* x */ , \"b\": -1.5e3}",
	} {
		if d := jsonc.Parse(good); d.Err != nil {
			t.Errorf("%q: %v", good, d.Err)
		}
	}
	for _, bad := range []string{
		"", "{", "}", "{]", `{"a"}`, `{"a":}`, `{a: 1}`, `{"a": 1 "b": 2}`, "[1 2]", "[,]", "{,}", `"a`, "\"a\nb\"", "/* x", "{} {}", "[1,,2]", "nope", `"\x"`, strings.Repeat("[", 100_000), "{ /*/ }",
	} {
		if d := jsonc.Parse(bad); d.Err == nil {
			t.Errorf("%q is %+v", bad, d.Root)
		}
	}
}

// TestValues: comments and commas do not hide what stands around them, the last of
// equal keys counts, and what is half typed keeps what comes before.
func TestValues(t *testing.T) {
	for content, want := range map[string]string{
		"{ // \"a\": \"9\"\n\"a\": \"x\", \"a\": \"//y\",\n}": "//y",
		"\ufeff{\"a\": \"marked\"}":                           "marked",
		`{"a": "\u00e9\ud83d\ude00\n"}`:                       "é😀\n",
		`{"b": [1, {"a": 0}], "a": "x", "c`:                   "x",
		`{"b" 1, "a": "x"}`:                                   "x",
		`{"a": "not closed`:                                   "not closed",
		`{"a": false}`:                                        "false",
		`{"b": "x"}`:                                          "-",
		`["a", "x"]`:                                          "-",
		``:                                                    "-",
	} {
		got := "-"
		if v := jsonc.Parse(content).Root.Get("a"); v != nil {
			got = v.Text
		}
		if got != want {
			t.Errorf("%q gives %q, want %q", content, got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	content := `{"a": "x\u00e9y", "b": "plain"}`
	root := jsonc.Parse(content).Root
	a, b := root.Get("a"), root.Get("b")
	if got := content[a.Place(strings.Index(a.Text, "y")):]; !strings.HasPrefix(got, `y"`) {
		t.Errorf("y is at %q", got)
	}
	if got := content[b.Place(1):]; !strings.HasPrefix(got, `lain"`) {
		t.Errorf("the second letter is at %q", got)
	}
	if got := string(b.Span.Of([]byte(content))); got != `"plain"` {
		t.Errorf("b is %q", got)
	}
}

// FuzzParse holds that all places lie in the text, one within the other.
func FuzzParse(f *testing.F) {
	f.Add("{\"a\": [1, {}], // x\n}")
	f.Add("{\"args\": [\"dbt\", \"\\u00e9 --state\"], \"x\": '' /* , }")
	f.Fuzz(func(t *testing.T, content string) {
		var walk func(v, around *jsonc.Value)
		walk = func(v, around *jsonc.Value) {
			if v.Span.Start < around.Span.Start || v.Span.End > around.Span.End || v.Span.Start > v.Span.End || v.Kind == jsonc.Object && len(v.Keys) != len(v.Items) {
				t.Fatalf("%q: %+v", content, v)
			}
			for i := range len(v.Text) {
				if at := v.Place(i); at < v.Span.Start || at >= v.Span.End {
					t.Fatalf("%q: byte %d of %+v is at %d", content, i, v, at)
				}
			}
			for _, item := range v.Items {
				walk(item, v)
			}
		}
		if root := jsonc.Parse(content).Root; root != nil {
			whole := &jsonc.Value{}
			whole.Span.End = len(content)
			walk(root, whole)
		}
	})
}
