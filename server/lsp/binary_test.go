//go:build unix

package lsp

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

// buildBinary builds the program as it is shipped.
func buildBinary(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "dbt-hybrid")
	build := exec.Command("go", "build", "-ldflags", "-X main.version=9.8.7", "-o", bin, "../dbt-hybrid")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// newBinarySession is newSession with the program in a process of its own.
func newBinarySession(t *testing.T, bin, files string, environment ...string) *session {
	t.Helper()
	s := prepare(t, files)
	log := &lockedBuffer{}
	cmd := exec.Command(bin, "serve", "--log-level", "debug")
	cmd.Env = environment
	p := startCommand(t, cmd, log)
	s.Client = p.Client
	s.Tap(s.output)
	go func() {
		if err := <-p.ended; err != nil {
			t.Logf("the program: %v", err)
		}
		s.exit <- p.cmd.ProcessState.ExitCode()
	}()
	s.Listen()
	t.Cleanup(func() {
		_ = p.stdin.Close()
		s.Finish()
		if strings.Contains(s.output.String(), canary) || strings.Contains(log.String(), canary) {
			t.Error("a secret got out")
		}
	})
	return s
}

// TestBinary is the whole way once: the program as it is shipped, a project on
// disk, an unsaved mistake, its fix, and the end.
func TestBinary(t *testing.T) {
	bin := buildBinary(t)
	s := newSession(t, shop) // for its files; its own server gets nothing to do
	s.Notify("exit", nil)
	<-s.exit

	var log bytes.Buffer
	p := startCommand(t, exec.Command(bin, "serve", "--log-level", "debug"), &log)
	var output lockedBuffer
	p.Tap(&output)
	for _, method := range []string{"dbtHybrid/status", "workspace/configuration", "client/registerCapability", "experimental/serverStatus"} {
		p.Handle(method, func(lsptest.Message) any { return nil })
	}
	p.Listen()
	var result struct{ ServerInfo struct{ Version string } }
	p.Call("initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": s.uri(""), "capabilities": json.RawMessage(all),
		"initializationOptions": map[string]any{"trusted": false, "rules": rules(nil), "updates": map[string]any{"check": false}},
	}, &result)
	if result.ServerInfo.Version != "9.8.7" {
		t.Errorf("version %q", result.ServerInfo.Version)
	}
	p.Notify("initialized", map[string]any{})
	document := map[string]any{"uri": s.uri(".env"), "languageId": "dotenv", "version": 1, "text": env + "DBT_HOST=localhost\n"}
	p.Notify("textDocument/didOpen", map[string]any{"textDocument": document})
	var shown published
	if err := json.Unmarshal(p.Next("textDocument/publishDiagnostics").Params, &shown); err != nil {
		t.Fatal(err)
	}
	if shown.URI != s.uri(".env") || shown.codes() != "env-duplicate@2:0" {
		t.Fatalf("got %+v", shown)
	}
	var actions []action
	p.Call("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": s.uri(".env")}, "range": span(2, 0, 2, 0),
		"context": map[string]any{"diagnostics": []any{}, "only": []string{"quickfix"}},
	}, &actions)
	if len(actions) == 0 {
		t.Fatal("no action")
	}
	open := map[string]string{".env": env + "DBT_HOST=localhost\n"}
	s.apply(actions[0].Edit, open)
	p.Notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": s.uri(".env"), "version": 2},
		"contentChanges": []any{whole(open[".env"])},
	})
	if err := json.Unmarshal(p.Next("textDocument/publishDiagnostics").Params, &shown); err != nil {
		t.Fatal(err)
	}
	if len(shown.Diagnostics) != 0 {
		t.Errorf("after the fix: %+v", shown)
	}
	p.Call("shutdown", nil, nil)
	p.Notify("exit", nil)
	if got := p.status(t, 10*time.Second); got != 0 {
		t.Errorf("exit status %d", got)
	}
	p.Finish()
	if strings.Contains(output.String(), canary) || strings.Contains(log.String(), canary) {
		t.Error("a secret got out")
	}
}
