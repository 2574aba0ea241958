package lsp

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

func TestBeforeLastEnd(t *testing.T) {
	at := func(start, end int, s string) text.Edit {
		return text.Edit{Span: text.Span{Start: start, End: end}, New: s}
	}
	for name, c := range map[string]struct {
		content string
		edits   []text.Edit
		want    []text.Edit // nil: the same
	}{
		"a line at the end":          {"A=1\n", []text.Edit{at(4, 4, "B=\n")}, []text.Edit{at(3, 3, "\nB=")}},
		"two of them":                {"A=1\n", []text.Edit{at(4, 4, "B=\n"), at(4, 4, "C=\n")}, []text.Edit{at(3, 3, "\nB="), at(3, 3, "\nC=")}},
		"CRLF":                       {"A=1\r\n", []text.Edit{at(5, 5, "B=\r\n")}, []text.Edit{at(3, 3, "\r\nB=")}},
		"with one further up":        {"A=1\n", []text.Edit{at(2, 3, "2"), at(4, 4, "B=\n")}, []text.Edit{at(2, 3, "2"), at(3, 3, "\nB=")}},
		"LF behind CRLF":             {"A=1\r\n", []text.Edit{at(5, 5, "B=\n")}, nil},
		"CRLF behind LF":             {"A=1\n", []text.Edit{at(4, 4, "B=\r\n")}, nil},
		"no line ending":             {"A=1", []text.Edit{at(3, 3, "\nB=\n")}, nil},
		"half a line":                {"A=1\n", []text.Edit{at(4, 4, "B=")}, nil},
		"an empty file":              {"", []text.Edit{at(0, 0, "B=\n")}, nil},
		"the last line goes as well": {"A=1\n", []text.Edit{at(0, 4, ""), at(4, 4, "B=\n")}, nil},
		"not at the end":             {"A=1\n", []text.Edit{at(0, 0, "B=\n")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if c.want == nil {
				c.want = c.edits
			}
			if got := plainEdits(beforeLastEnd(editsIn(c.content, c.edits))); !slices.Equal(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestBeforeLastEndChangesNoResult(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.StringMatching(`[ab\r\n]{0,8}(\n|\r\n)?`).Draw(t, "content")
		var edits []text.Edit
		for at := 0; at <= len(content); {
			start := rapid.IntRange(at, len(content)).Draw(t, "start")
			end := rapid.IntRange(start, len(content)).Draw(t, "end")
			edits = append(edits, text.Edit{Span: text.Span{Start: start, End: end}, New: rapid.StringMatching(`[c\r\n]{0,3}(\n|\r\n)?`).Draw(t, "new")})
			at = end
			if rapid.Bool().Draw(t, "stop") {
				break
			}
		}
		want, err := text.Apply([]byte(content), edits)
		if err != nil {
			t.Fatal(err)
		}
		got, err := text.Apply([]byte(content), plainEdits(beforeLastEnd(editsIn(content, edits))))
		if err != nil || string(got) != string(want) {
			t.Fatalf("got %q (%v), want %q", got, err, want)
		}
	})
}

func editsIn(content string, edits []text.Edit) []diagnostics.Edit {
	file := &workspace.File{Path: "f", Content: []byte(content)}
	var all []diagnostics.Edit
	for _, e := range edits {
		all = append(all, diagnostics.Edit{File: file, Edit: e})
	}
	return all
}

func plainEdits(edits []diagnostics.Edit) []text.Edit {
	var all []text.Edit
	for _, e := range edits {
		all = append(all, e.Edit)
	}
	return all
}
