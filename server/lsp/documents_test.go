package lsp

import (
	"reflect"
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

// TestChangesAreReadAsByReflection: parameters are read member by member as the
// library reads them into the same types.
func TestChangesAreReadAsByReflection(t *testing.T) {
	type change struct {
		Range *protocol.Range `json:"range"`
		Text  *string         `json:"text"`
	}
	type params struct {
		TextDocument   protocol.VersionedTextDocumentIdentifier `json:"textDocument"`
		ContentChanges []*change                                `json:"contentChanges"`
	}
	const document = `"textDocument":{"uri":"file:///x/.env","version":2}`
	const place = `"range":{"start":{"line":1,"character":2},"end":{"line":3,"character":4}}`
	for _, raw := range []string{
		`{` + document + `,"contentChanges":[{` + place + `,"rangeLength":1,"text":"a\n\"☕\u00e9\ud83c\udf89"},{"text":""}]}`,
		`{"more":{"a":[1,{}]},"contentChanges":[{"text":"x","more":[{}],` + place + `}],` + document + `}`,
		`{"textDocument":null,"contentChanges":null}`, `{"contentChanges":[]}`, `{}`, `null`,
		`{"contentChanges":[null,{},{"text":null,"range":null},{` + place + `}]}`,
		`{"contentChanges":[{"text":"a","text":"b"}],"contentChanges":[{"text":"c"}]}`,
		`{"contentChanges":[7]}`, `{"contentChanges":[{"text":7}]}`, `{"contentChanges":[{"text":{}}]}`, `{"contentChanges":[{"range":7,"text":""}]}`,
		`{"contentChanges":{}}`, `{"textDocument":7}`, `[]`, `7`, ``, `{`, `{"contentChanges":[`, `{"contentChanges":[{"text":"a"`, `{"contentChanges":[{"text":"a"]}`,
		`{"contentChanges":[{"range":{"start":{"line":-1}},"text":""}]}`, `{"Text":1,"ContentChanges":[{"Text":"a"}]}`, `{} {}`,
	} {
		var want params
		var got changeParams
		wantErr, gotErr := protocol.Unmarshal([]byte(raw), &want), protocol.Unmarshal([]byte(raw), &got)
		if (wantErr == nil) != (gotErr == nil) {
			t.Errorf("%s: error %v, want %v", raw, gotErr, wantErr)
		}
		if wantErr != nil {
			continue
		}
		same := len(got.ContentChanges) == len(want.ContentChanges) && got.TextDocument == want.TextDocument
		for i := 0; same && i < len(want.ContentChanges); i++ {
			a, b := got.ContentChanges[i], want.ContentChanges[i]
			same = (a == nil) == (b == nil) && (a == nil || reflect.DeepEqual(*a, contentChange(*b)))
		}
		if !same {
			t.Errorf("%s: read as %+v, want %+v", raw, got, want)
		}
	}
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
