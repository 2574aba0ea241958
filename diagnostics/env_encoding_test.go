package diagnostics_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// TestEnvEncoding holds the contents that an archive of texts cannot hold.
func TestEnvEncoding(t *testing.T) {
	for _, test := range []struct {
		name, content, want, fixed string
		safe                       bool
	}{
		{"UTF-16 with a mark", "\xff\xfeA\x00=\x001\x00\n\x00", "UTF-16", "A=1\n", true},
		{"UTF-16 without a mark", "A\x00=\x001\x00\n\x00", "UTF-16", "A=1\n", true},
		{"Latin-1", "A=1\nB=caf\xe9\n", "not UTF-8", "", false},
		{"lone CR", "A=1\rB=2\r", "lone CR", "A=1\nB=2\n", true},
		{"lone CR within a quoted value", "A=\"1\r2\"\r", "lone CR", "A=\"1\n2\"\n", false},
		{"CRLF", "A=1\r\nB=2\r\n", "", "", false},
		{"UTF-8 with a mark", "\xef\xbb\xbfA=1\n", "", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			for name, content := range scaffold {
				write(t, filepath.Join(root, name), content)
			}
			write(t, filepath.Join(root, ".env"), test.content)
			w := workspace.New(&workspace.Machine{Home: t.TempDir()})
			w.SetFolders([]string{root})
			findings := diagnostics.Check(w.Snapshot().Projects()[0], diagnostics.Options{Scope: diagnostics.Machine, Select: []string{"env-encoding", "env-parse"}})
			switch {
			case test.want == "":
				if len(findings) != 0 {
					t.Errorf("found %v", findings)
				}
				return
			case len(findings) != 1 || findings[0].Rule.Code != "env-encoding" || !strings.Contains(findings[0].Message, test.want):
				t.Fatalf("want one row of env-encoding about %s, got %v", test.want, findings)
			}
			fixed, safe := "", false
			if fixes := findings[0].Offers(); len(fixes) > 0 {
				fixed, safe = fixes[0].Edits[0].New, fixes[0].Safe
			}
			if fixed != test.fixed || safe != test.safe {
				t.Errorf("the fix leaves %q (safe: %v), want %q (%v)", fixed, safe, test.fixed, test.safe)
			}
		})
	}
}
