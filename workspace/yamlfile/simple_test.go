package yamlfile

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestSimple holds that what people write is simple, and that what is simple has no
// problem.
func TestSimple(t *testing.T) {
	for _, test := range []struct {
		content string
		simple  bool
	}{
		{"version: 2\n\nmodels:\n  - name: a\n    description: The key of the row\n    columns:\n      - name: id\n        data_tests: [unique, not_null]\n", true},
		{"---\nmodels:\n- name: a # the first\n  meta:\n    owner: \"me\"\n- name: b\nseeds:\n- name: c\n", true},
		{"models:\n  - name: a\n    description: |\n      Two lines:\n\n        - with more\n      # and a sign\n    config:\n      tags: []\n", true},
		{"sources:\n  - name: a\n    tables:\n      -\n        name: b\n", true},
		{"models:\r\n  - name: a\r\n", true},
		{"a: - b\n", false},
		{"a: b\n  c\n", false},
		{"a: b\na: c\n", false},
		{"l:\n  - a: b\n    a: c\n", false},
		{"a:\n  b: 1\n c: 2\n", false},
		{"a:\n    b: 1\n  c: 2\n", false},
		{"a: b: c\n", false},
		{"a: \"b\n", false},
		{"a: {{ b }}\n", false},
		{"a:\tb\n", false},
		{"a: 'b' c\n", false},
		{"a: [b, c\n", false},
		{"a: b\n---\nc: d\n", false},
		{"- a\nb: c\n", false},
		{"a: |\n    b\n  c\n", false},
		{"a: 12345678901234567890\n", false},
		{"", false},
		{"# nothing\n", false},
	} {
		content := []byte(test.content)
		if got := Simple(content); got != test.simple {
			t.Errorf("%q: simple %v", content, got)
		}
		checkSimple(t, content)
	}
}

func checkSimple(t *testing.T, content []byte) {
	t.Helper()
	if !Simple(content) {
		return
	}
	if f := Parse(content); len(f.Problems) > 0 || f.Root == nil {
		t.Fatalf("%q is simple, and has problems: %v", content, f.Problems)
	}
}

// TestSimpleLines puts contents together of lines that are simple one by one.
func TestSimpleLines(t *testing.T) {
	parts := []string{
		"a:", "b: c", "- ", "- a: b", "- - a", "- |", "a: |", "b: >-", "text: more", "# sign", "a: [b, 'c']", "- \"q\" # c", "", "c: 'd'", "- -", "- b:", "d: e # f",
	}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(1, 9).Draw(t, "lines") {
			b.WriteString(strings.Repeat(" ", rapid.IntRange(0, 5).Draw(t, "indent")))
			b.WriteString(rapid.SampledFrom(parts).Draw(t, "part") + "\n")
		}
		if content := []byte(b.String()); Simple(content) && len(Parse(content).Problems) > 0 {
			t.Fatalf("%q is simple, and has problems: %v", content, Parse(content).Problems)
		}
	})
}

// FuzzSimple looks for a content that is simple and has a problem.
func FuzzSimple(f *testing.F) {
	for _, a := range engineAnswers(f) {
		if text := strings.TrimPrefix(a.Text, profile); len(text) < 300 {
			f.Add([]byte(text))
		}
	}
	f.Add([]byte("---\nmodels:\n- name: a # the first\n  meta:\n    owner: \"me\"\n- - b\n  - c: >-\n     d\n\n    e: [f, 'g']\n"))
	f.Fuzz(func(t *testing.T, content []byte) { checkSimple(t, content) })
}
