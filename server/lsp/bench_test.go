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

// BenchmarkKey is what one key in a long .env costs the server, from the edit
// to the encoded diagnostics. Every other key puts a blank into a value in the
// middle of the file, so that dbt loses all that follows; the next takes it out.
func BenchmarkKey(b *testing.B) {
	for _, lines := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			dir := b.TempDir()
			if err := generate.Project(dir, 0, 1); err != nil {
				b.Fatal(err)
			}
			env := generate.Env(generate.Clean, lines, 1)
			name := generate.Variable(lines*10/12/2) + "="
			at := strings.Index(env, name) + len(name) + 1
			line := strings.Count(env[:at], "\n")
			character := at - strings.LastIndex(env[:at], "\n") - 1
			s := newServer(strings.NewReader(""), discard{}, Options{})
			s.phase = phaseRunning
			s.workspace.SetFolders([]string{dir})
			u := uri.File(filepath.Join(dir, ".env"))
			open := &protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: u, Text: env}}
			if _, err := s.didOpen(open); err != nil {
				b.Fatal(err)
			}
			s.publishNow()
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				end, text := character, " "
				if i%2 == 1 {
					end, text = character+1, ""
				}
				key := fmt.Appendf(nil, `{"textDocument":{"uri":%q,"version":%d},"contentChanges":[{"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}},"text":%q}]}`, u, i, line, character, line, end, text)
				if _, err := s.didChange(key); err != nil {
					b.Fatal(err)
				}
				s.settle()
				s.publishNow()
			}
			b.StopTimer()
			s.close()
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
