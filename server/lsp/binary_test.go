//go:build unix

package lsp

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// TestBinary is the whole way once: the program as it is shipped, a project on
// disk, an unsaved mistake, its fix, and the end.
func TestBinary(t *testing.T) {
	bin := buildBinary(t)
	s := newProgramSession(t, bin, shop)
	var result struct{ ServerInfo struct{ Version string } }
	s.must(json.Unmarshal(s.start(all, nil), &result))
	said, err := exec.Command(bin, "version").Output()
	if want := "dbt-hybrid " + result.ServerInfo.Version + " "; err != nil || !strings.HasPrefix(string(said), want) {
		t.Errorf("the server is of version %q, the program says %q, %v", result.ServerInfo.Version, said, err)
	}
	open := map[string]string{".env": duplicate}
	s.open(".env", 1, open[".env"])
	if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
		t.Fatalf("got %q", got)
	}
	actions := s.actions(".env", span(2, 0, 2, 0), "quickfix")
	if len(actions) == 0 {
		t.Fatal("no action")
	}
	s.apply(actions[0].Edit, open)
	s.edit(".env", 2, whole(open[".env"]))
	if got := s.diagnostics(".env").codes(); got != "" {
		t.Errorf("after the fix: %q", got)
	}
	s.shutdown()
}
