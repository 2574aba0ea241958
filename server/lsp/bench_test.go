package lsp

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// BenchmarkKey is what one key in a long .env costs the server, from the edit
// to the encoded diagnostics.
func BenchmarkKey(b *testing.B) {
	for _, lines := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			dir := b.TempDir()
			for name, content := range map[string]string{
				"dbt_project.yml": "name: shop\nprofile: shop\n",
				"profiles.yml":    "shop:\n  outputs:\n    default:\n      type: postgres\n      host: \"{{ env_var('DBT_1') }}\"\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
					b.Fatal(err)
				}
			}
			var env strings.Builder
			for i := range lines {
				fmt.Fprintf(&env, "DBT_%d=value\n", i)
			}
			s := newServer(strings.NewReader(""), discard{}, Options{})
			s.phase = phaseRunning
			s.workspace.SetFolders([]string{dir})
			u := uri.File(filepath.Join(dir, ".env"))
			open := &protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: u, Text: env.String()}}
			if _, err := s.didOpen(open); err != nil {
				b.Fatal(err)
			}
			s.publishNow()
			b.ResetTimer()
			for i := range b.N {
				key := fmt.Appendf(nil, `{"textDocument":{"uri":%q,"version":%d},"contentChanges":[{"range":{"start":{"line":%d,"character":8},"end":{"line":%d,"character":8}},"text":"x"}]}`, u, i, lines-2, lines-2)
				if _, err := s.didChange(key); err != nil {
					b.Fatal(err)
				}
				s.publishNow()
			}
			b.StopTimer()
			s.close()
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
