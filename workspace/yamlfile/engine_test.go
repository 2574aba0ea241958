package yamlfile

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// answer is what dbt-core 2.0.0-alpha.4 (2026-07-06) said to a profiles.yml:
// whether it refused it, and the message and place it gave. tests/oracle asks
// the engine again where there is one.
type answer struct {
	Text    string
	Bytes   []byte // in place of Text where that is not UTF-8
	Refused bool
	Message string
	Line    int
	Column  int // counts characters
}

func (a answer) content() []byte {
	if a.Bytes != nil {
		return a.Bytes
	}
	return []byte(a.Text)
}

// engineAnswers are those that the engine has given.
func engineAnswers(t testing.TB) []answer {
	t.Helper()
	data, err := os.ReadFile("testdata/engine.json")
	if err != nil {
		t.Fatal(err)
	}
	var answers []answer
	if err := json.Unmarshal(data, &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

func TestAgreesWithTheEngine(t *testing.T) {
	for _, a := range engineAnswers(t) {
		f := Parse(a.content())
		if f.Refused() != a.Refused {
			t.Errorf("%q: refused %v, dbt says %v: %s\n%v", shorten(a.Text), f.Refused(), a.Refused, a.Message, f.Problems)
			continue
		}
		if a.Refused && a.Line > 0 {
			comparePlace(t, f, a)
		}
	}
}

// comparePlace holds the first problem's place and words against dbt's.
func comparePlace(t *testing.T, f *File, a answer) {
	t.Helper()
	p := f.Problems[0]
	switch {
	case p.Kind != Syntax && p.Kind != Tab:
		return // dbt names another place, or none
	case strings.HasPrefix(a.Message, "found duplicate anchor"):
		return // dbt names the anchor, we the value
	case p.At >= len(strings.TrimSpace(a.Text)):
		return // dbt counts the end of the file as a line
	case strings.ContainsAny(a.Text, "\u0085\u2028\u2029"):
		return // line breaks for YAML, not for people
	}
	pos := f.Lines.Position(p.At)
	line := f.Lines.Line(pos.Line - 1)
	column := utf8.RuneCountInString(a.Text[line.Start:p.At]) + 1
	if pos.Line != a.Line || column != a.Column {
		t.Errorf("%q: %d:%d %s; dbt says %d:%d %s", shorten(a.Text), pos.Line, column, p.Message, a.Line, a.Column, a.Message)
	}
	words, _, _ := strings.Cut(p.Message, ", while")
	if p.Kind == Tab {
		words = strings.TrimSuffix(strings.TrimPrefix(p.Message, "a tab stands where YAML wants blanks ("), ")")
	}
	if !strings.HasPrefix(a.Message, words) {
		t.Errorf("%q: %s; dbt says %s", shorten(a.Text), p.Message, a.Message)
	}
}

func shorten(s string) string {
	if len(s) > 200 {
		return s[:100] + "…" + s[len(s)-100:]
	}
	return s
}
