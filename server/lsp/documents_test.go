package lsp

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"go.lsp.dev/protocol"
	"go.uber.org/zap"
	"pgregory.net/rapid"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// model is the plainest way to apply a change: lines of characters.
func model(content string, r protocol.Range, newText string, enc text.Encoding) (string, bool) {
	start, end := modelOffset(content, r.Start, enc), modelOffset(content, r.End, enc)
	if end < start {
		return content, false
	}
	return content[:start] + newText + content[end:], true
}

func modelOffset(content string, p protocol.Position, enc text.Encoding) int {
	at, line := 0, uint32(0)
	for line < p.Line {
		switch {
		case at >= len(content):
			return len(content)
		case strings.HasPrefix(content[at:], "\r\n"):
			at, line = at+2, line+1
		case content[at] == '\n' || content[at] == '\r':
			at, line = at+1, line+1
		default:
			at++
		}
	}
	for left := int(p.Character); left > 0 && at < len(content) && content[at] != '\n' && content[at] != '\r'; {
		r, size := utf8.DecodeRuneInString(content[at:])
		units := size
		if enc == text.UTF16 {
			units = max(utf16.RuneLen(r), 1)
		}
		if units > left {
			break
		}
		left, at = left-units, at+size
	}
	return at
}

// TestChangesAgainstAModel edits random texts in both encodings.
func TestChangesAgainstAModel(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "=", " ", "\n", "\r\n", "\r", "é", "☕", "🎉", "\x00", "\xff", "DBT_X=1\n"})
	rapid.Check(t, func(t *rapid.T) {
		enc := rapid.SampledFrom([]text.Encoding{text.UTF8, text.UTF16}).Draw(t, "encoding")
		content := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "content"), "")
		d := &document{content: []byte(content)}
		for range rapid.IntRange(1, 5).Draw(t, "edits") {
			draw := func(name string) protocol.Position {
				return protocol.Position{Line: rapid.Uint32Range(0, 9).Draw(t, name+" line"), Character: rapid.Uint32Range(0, 9).Draw(t, name+" character")}
			}
			r := protocol.Range{Start: draw("start"), End: draw("end")}
			newText := strings.Join(rapid.SliceOfN(piece, 0, 5).Draw(t, "text"), "")
			want, ok := model(content, r, newText, enc)
			err := d.apply(&contentChange{Range: &r, Text: &newText}, enc)
			if (err == nil) != ok {
				t.Fatalf("%q, %v: %v", content, r, err)
			}
			if rapid.Bool().Draw(t, "settled") {
				d.join()
			}
			whole := *d
			whole.join()
			if string(whole.content) != want {
				t.Fatalf("%q, %v → %q: got %q, want %q", content, r, newText, whole.content, want)
			}
			content = want
		}
	})
}

// FuzzDidChange sends parameters of any kind to a server with an open document:
// it survives, and afterwards it follows a whole text.
func FuzzDidChange(f *testing.F) {
	const known = `file:///fuzz/.env`
	f.Add([]byte(`{"textDocument":{"uri":"` + known + `","version":2},"contentChanges":[{"text":"A=1"}]}`))
	f.Add([]byte(`{"textDocument":{"uri":"` + known + `","version":2},"contentChanges":[{"range":{"start":{"line":0,"character":1},"end":{"line":0,"character":2}},"text":"☕"}]}`))
	f.Add([]byte(`{"textDocument":{"uri":"` + known + `"},"contentChanges":[null,{},7]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, params []byte) {
		s := newServer(strings.NewReader(""), discard{}, Options{Log: zap.NewNop()})
		defer s.close()
		s.phase = phaseRunning
		open := &protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: known, Text: "A=1\nB=2\n"}}
		if _, err := s.didOpen(open); err != nil {
			t.Fatal(err)
		}
		_, _ = s.didChange(params)
		s.settle()
		d := s.documents[known]
		if file, ok := s.workspace.Snapshot().Open(d.path); ok == d.lost || ok && string(file.Content) != string(d.content) {
			t.Fatalf("the workspace has something else than the document")
		}
		last := `{"textDocument":{"uri":"` + known + `","version":3},"contentChanges":[{"text":"C=3"}]}`
		if _, err := s.didChange([]byte(last)); err != nil {
			t.Fatal(err)
		}
		s.settle()
		if file, ok := s.workspace.Snapshot().Open(d.path); !ok || string(file.Content) != "C=3" {
			t.Fatal("the whole text does not count")
		}
	})
}
