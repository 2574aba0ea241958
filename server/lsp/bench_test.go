package lsp

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
)

// BenchmarkKey is what one key costs the server, from the edit to the encoded
// diagnostics. Every other key breaks the file; the next takes that out. In a
// .env it is a blank in a value in the middle, so that dbt loses all that follows;
// in a profiles.yml it is a colon near the top, or a letter, which breaks nothing
// but the name of a target.
func BenchmarkKey(b *testing.B) {
	for _, lines := range []int{10, 1000, 100_000} {
		env := generate.Env(generate.Clean, lines, 1)
		name := generate.Variable(lines*10/12/2) + "="
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			benchmarkKey(b, ".env", env, strings.Index(env, name)+len(name)+1, " ")
		})
	}
	for _, size := range []int{0, 310_000} {
		profiles := generate.Profiles(size)
		for name, key := range map[string]string{"colon": ": ", "letter": "x"} {
			b.Run(fmt.Sprintf("profiles/%d/%s", len(profiles), name), func(b *testing.B) {
				benchmarkKey(b, "profiles.yml", profiles, strings.Index(profiles, "target: dev")+len("target: d"), key)
			})
		}
	}
}

func benchmarkKey(b *testing.B, name, content string, at int, key string) {
	dir := b.TempDir()
	if err := generate.Project(dir, 0, 1); err != nil {
		b.Fatal(err)
	}
	line := strings.Count(content[:at], "\n")
	character := at - strings.LastIndex(content[:at], "\n") - 1
	s := newServer(strings.NewReader(""), discard{}, Options{})
	s.phase = phaseRunning
	s.workspace.SetFolders([]string{dir})
	u := uri.File(filepath.Join(dir, name))
	open := &protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: u, Text: content}}
	if _, err := s.didOpen(open); err != nil {
		b.Fatal(err)
	}
	s.publishNow()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		end, text := character, key
		if i%2 == 1 {
			end, text = character+len(key), ""
		}
		change := fmt.Appendf(nil, `{"textDocument":{"uri":%q,"version":%d},"contentChanges":[{"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}},"text":%q}]}`, u, i, line, character, line, end, text)
		if _, err := s.didChange(change); err != nil {
			b.Fatal(err)
		}
		s.settle()
		s.publishNow()
	}
	b.StopTimer()
	s.close()
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
