//go:build unix

package lsp

import (
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

// bothWays runs a test with the server in this process, and with the program.
func bothWays(t *testing.T, test func(t *testing.T, open func(t *testing.T, files string) *session)) {
	if *program == "" {
		t.Run("in memory", func(t *testing.T) { test(t, newSession) })
	}
	t.Run("the program", func(t *testing.T) {
		bin := buildBinary(t)
		test(t, func(t *testing.T, files string) *session { return newProgramSession(t, bin, files) })
	})
}

// lives fails unless the server still answers and still finds what is wrong.
func (s *session) lives() {
	s.t.Helper()
	s.open(".env", 1, duplicate)
	if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
		s.t.Errorf("afterwards: %q", got)
	}
	s.close(".env")
	if got := s.diagnostics(".env").codes(); got != "" {
		s.t.Errorf("closed: %q", got)
	}
}

// TestFaultsOfAClient: each is answered as the protocol says, or swallowed where
// it has no answer, and the session goes on.
func TestFaultsOfAClient(t *testing.T) {
	bothWays(t, func(t *testing.T, open func(*testing.T, string) *session) {
		s := open(t, shop)
		if reply := s.Wait(s.Start("textDocument/hover", map[string]any{})); reply.Code() != -32002 {
			t.Errorf("before initialize: %v", reply)
		}
		s.start(all, nil)
		for _, test := range []struct {
			name, send, id string
			code           int // 0: no reply
		}{
			{"a second initialize", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}`, "1", -32600},
			{"an unknown request", `{"jsonrpc":"2.0","id":2,"method":"textDocument/nothing","params":{}}`, "2", -32601},
			{"an unknown $ request", `{"jsonrpc":"2.0","id":3,"method":"$/nothing"}`, "3", -32601},
			{"an unknown notification", `{"jsonrpc":"2.0","method":"nothing","params":{}}`, "", 0},
			{"an unknown $ notification", `{"jsonrpc":"2.0","method":"$/nothing","params":[1]}`, "", 0},
			{"a bad request", `{"jsonrpc":"2.0","id":4,"method":"textDocument/hover","params":{"textDocument":7}}`, "4", -32602},
			{"a bad notification", `{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":"CANARY-7f3a"}}`, "", 0},
			{"a string id", `{"jsonrpc":"2.0","id":"á\"b","method":"nothing"}`, `"á\"b"`, -32601},
			{"no JSON", `{"jsonrpc":`, "null", -32700},
			{"nothing", ``, "null", -32700},
			{"an empty batch", `[]`, "null", -32600},
			{"a reply to nothing", `{"jsonrpc":"2.0","id":4711,"result":{}}`, "", 0},
			{"a cancel of nothing", `{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":4711}}`, "", 0},
			{"a change of what is not open", `{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///x/.env","version":2},"contentChanges":[{"text":"A=1"}]}}`, "", 0},
			{"a close of what is not open", `{"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"file:///x/.env"}}}`, "", 0},
			{"nested brackets", `{"jsonrpc":"2.0","id":5,"method":"textDocument/hover","params":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, "5", -32602},
			{"a URI of no file", `{"jsonrpc":"2.0","id":8,"method":"textDocument/hover","params":{"textDocument":{"uri":"git:/x/.env?%7B%7D"},"position":{"line":0,"character":0}}}`, "8", -32602},
		} {
			s.Body(test.send)
			if test.code != 0 {
				if reply := s.Wait(test.id); reply.Code() != test.code {
					t.Errorf("%s: %v", test.name, reply)
				}
			}
		}
		s.Body(`[{"jsonrpc":"2.0","id":9,"method":"nothing"},{"jsonrpc":"2.0","method":"nothing"},{"jsonrpc":"2.0","id":10,"method":"$/nothing"}]`)
		if batch := s.WaitBatch(); len(batch) != 2 || batch[0].Code() != -32601 || batch[1].Code() != -32601 {
			t.Errorf("a batch: %v", batch)
		}
		s.Raw([]byte("content-length: 44\nContent-Type: x/y; charset=utf-16\nX-Odd\n\n" + `{"jsonrpc":"2.0","id":11,"method":"nothing"}`))
		if reply := s.Wait("11"); reply.Code() != -32601 {
			t.Errorf("odd headers: %v", reply)
		}
		for _, c := range lsptest.Frame(`{"jsonrpc":"2.0","id":12,"method":"nothing","params":{"ü":"\ud83d"}}`) {
			s.Raw([]byte{c})
		}
		if reply := s.Wait("12"); reply.Code() != -32601 {
			t.Errorf("a frame in pieces: %v", reply)
		}
		s.Body(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"` + s.uri(".env") + `","languageId":"x","version":1,"text":"DBT_HOST=\ud83d\nDBT_ENV_SECRET_PASSWORD=\ude80\nDBT_HOST=\ud83d"}}}`)
		if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
			t.Errorf("halves of characters: %q", got)
		}
		s.close(".env")
		if got := s.diagnostics(".env").codes(); got != "" {
			t.Errorf("halves of characters, closed: %q", got)
		}
		s.lives()
		s.Call("shutdown", nil, nil)
		if reply := s.Wait(s.Start("textDocument/hover", map[string]any{})); reply.Code() != -32600 {
			t.Errorf("after shutdown: %v", reply)
		}
		s.Notify("exit", nil)
		if status := <-s.exit; status != 0 {
			t.Errorf("exit status %d", status)
		}
	})
}

// TestOddURIs: documents of Windows, of a network and of nowhere are taken and
// asked about like others.
func TestOddURIs(t *testing.T) {
	bothWays(t, func(t *testing.T, open func(*testing.T, string) *session) {
		s := open(t, shop)
		s.start(all, nil)
		for _, u := range []string{
			"file:///c%3A/shop/.env", "file:///C:/shop/.env", "file://server/share/shop/.env", "file:////server/share/.env", `file:///c:\\shop\\.env`,
			"file:///", "file://", "file:", "file:relative/.env", "FILE:///x/.env", "untitled:Untitled-1", "vscode-notebook-cell:/x#1", "vscode-remote://ssh-remote%2Bhost/home/me/shop/.env", "vscode-vfs://github/me/shop/.env", "jar:file:///x.jar!/.env",
			"file://wsl.localhost/Ubuntu/home/me/%C3%BC%20%25/.env", "file://wsl%24/Ubuntu/.env", "file://[::1]/share/.env", "file://user:word@host:1/share/.env", "", ":", "\ufeff", "%", "::%zz\x00 \\",
			"file:///x/%00/.env", "file:///x/%zz/.env", "file:///x/%ff%fe/.env", "file:///" + strings.Repeat("a/", 5000) + ".env", "file:///x/.env?query#fragment",
		} {
			s.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": u, "languageId": "x", "version": 1, "text": "A=1\nA=2\n"}})
			s.Notify("textDocument/didChange", map[string]any{
				"textDocument": map[string]any{"uri": u, "version": 2}, "contentChanges": []any{replace(0, 0, 0, 0, "B=\n")},
			})
			for _, method := range []string{"textDocument/hover", "textDocument/completion", "textDocument/definition"} {
				reply := s.Wait(s.Start(method, map[string]any{"textDocument": map[string]any{"uri": u}, "position": map[string]int{"line": 0, "character": 1}}))
				if code := reply.Code(); code != 0 && code != -32602 {
					t.Errorf("%s of %q: %v", method, u, reply)
				}
			}
			s.Notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": u}})
			s.Notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": u, "type": 3}}})
			s.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": u}})
		}
		for !strings.Contains(s.ask("dbtHybrid.status"), "shop") { // nothing of that hides the project
			t.Fatal("the project is gone")
		}
		s.stillFinds()
	})
}

// TestURISpellings: a folder of any name is the same one however a client writes
// its address, and what is published, offered and changed leads back to it.
func TestURISpellings(t *testing.T) {
	bothWays(t, func(t *testing.T, open func(*testing.T, string) *session) {
		for _, name := range []string{"a b+c@d", "100% of #1?", "%20", "ünï–日本 🎉", "e\u0301 \u00e9", "it's (a) [b] {c} & ~;,=!$*", `c:\x|y"^<z>`} {
			t.Run(name, func(t *testing.T) { spellings(t, open(t, shop), name) })
		}
	})
}

func spellings(t *testing.T, s *session, name string) {
	s.write(name+"/dbt_project.yml", "name: odd\nprofile: odd\n")
	s.write(name+"/.gitignore", ".env\n")
	s.write(name+"/.env", "A=1\n")
	s.start(all, nil, name)
	_ = s.diagnostics(name + "/dbt_project.yml")
	file := filepath.ToSlash(s.path(name + "/.env"))
	var each strings.Builder // digits of either case
	for _, c := range []byte(file) {
		if c == '/' {
			each.WriteByte(c)
		} else {
			fmt.Fprintf(&each, "%%%02x", c)
		}
	}
	spelled := []string{s.uri(name + "/.env"), "file://" + each.String(), "file://" + strings.ToUpper(each.String())}
	if !strings.ContainsAny(name, "%#?") {
		spelled = append(spelled, "file://"+file)
	}
	for i, spelling := range spelled {
		s.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
			"uri": spelling, "languageId": "x", "version": i, "text": "A=1\nA=1\n",
		}})
		got := s.diagnostics(name + "/.env")
		if got.codes() != "env-duplicate@1:0" || got.Diagnostics[0].RelatedInformation[0].Location.URI != got.URI {
			t.Errorf("%s: %+v", spelling, got)
		}
		actions := s.actions(name+"/.env", span(1, 0, 1, 0), "quickfix")
		if len(actions) == 0 || len(actions[0].Edit.DocumentChanges) != 1 {
			t.Fatalf("%s: %+v", spelling, actions)
		}
		text := map[string]string{name + "/.env": "A=1\nA=1\n"}
		s.apply(actions[0].Edit, text)
		if text[name+"/.env"] != "A=1\n" {
			t.Errorf("%s: fixed to %q", spelling, text)
		}
		s.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": spelling}})
		if got := s.diagnostics(name + "/.env").codes(); got != "" {
			t.Errorf("%s: closed: %q", spelling, got)
		}
	}
	s.shutdown()
}

// ask returns the text that a command gives.
func (s *session) ask(command string) string {
	s.t.Helper()
	var text string
	s.command(command, &text)
	return text
}

// stillFinds fails unless a mistake in a document is found, whatever is published
// meanwhile.
func (s *session) stillFinds() {
	s.t.Helper()
	s.open(".env", 9, duplicate)
	if got := s.actions(".env", span(2, 0, 2, 0), "quickfix"); len(got) == 0 {
		s.t.Error("nothing is offered any more")
	}
	s.close(".env")
	s.shutdown()
	s.Ignore("textDocument/publishDiagnostics")
}

// TestOddTexts: documents that are large, deep or no text at all. Every question
// about them is answered, and afterwards all is as before.
func TestOddTexts(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+string(c-1)+", ", 9), ", "))
	}
	bin := buildBinary(t)
	for _, test := range []struct{ name, file, text string }{
		{"30 MB", ".env", strings.Repeat("# "+strings.Repeat("x", 1000)+"\n", 30_000)},
		{"300,000 lines", ".env", many(300_000)},
		{"one line of 5 MB", ".env", "A=" + strings.Repeat("$", 5_000_000)},
		{"NUL and halves of characters", ".env", "A=\x00\x00\n\x00=\ufffd\nB='\x01\u2028\u0085'\n"},
		{"NUL in YAML", "profiles.yml", "shop:\x00\n  outputs: \ufffe\n"},
		{"brackets in YAML", "profiles.yml", strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)},
		{"open brackets in YAML", "dbt_project.yml", strings.Repeat("{a: ", 100_000)},
		{"brackets in Jinja", "models/orders.sql", "{{ env_var(" + strings.Repeat("(", 100_000) + strings.Repeat(")", 100_000) + ") }}"},
		{"blocks in Jinja", "models/orders.sql", "{{ env_var('A','') }}" + strings.Repeat("{% if a %}", 100_000)},
		{"unary signs in Jinja", "models/orders.sql", "{{ env_var(" + strings.Repeat("not ", 100_000) + "'A') }}"},
		{"an alias bomb", "profiles.yml", bomb + "shop:\n  outputs: *j\n"},
		{"aliases of themselves", "profiles.yml", "shop: &s\n  outputs: *s\n  <<: *s\n"},
		{"deep folds", "dependencies.yml", strings.Repeat("- ", 50_000) + "x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newProgramSession(t, bin, shop)
			s.start(all, nil)
			s.open(test.file, 1, test.text)
			s.open(test.file, 2, test.text) // twice
			s.edit(test.file, 3, replace(1<<30, 1<<30, 1<<31-1, 1<<31-1, "\n"))
			at := map[string]any{"textDocument": map[string]any{"uri": s.uri(test.file)}, "position": map[string]int{"line": 0, "character": 3}}
			for _, method := range []string{"textDocument/hover", "textDocument/completion", "textDocument/definition"} {
				s.Call(method, at, nil)
			}
			s.Call("textDocument/inlayHint", map[string]any{"textDocument": at["textDocument"], "range": span(0, 0, 1<<30, 0)}, nil)
			s.actions(test.file, span(0, 0, 1, 0), "quickfix")
			s.close(test.file)
			s.stillFinds()
		})
	}
}

// many returns lines that give names a value, of which the first is given twice.
func many(count int) string {
	lines := []byte("N1=1\n")
	for i := range count - 1 {
		lines = fmt.Appendf(lines, "N%d=1\n", i+1)
	}
	return string(lines)
}

// TestManyEdits: 20,000 edits are taken in their order.
func TestManyEdits(t *testing.T) {
	bothWays(t, func(t *testing.T, open func(*testing.T, string) *session) {
		s := open(t, "-- dbt_project.yml --\nname: shop\n-- .gitignore --\n.env\n")
		s.start(all, map[string]any{"rules": rules(map[string]string{"profiles-not-found": "off"})})
		text := duplicate
		s.open(".env", 1, text)
		if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
			t.Fatalf("opened: %q", got)
		}
		const count = 20_000
		go func() {
			lines := 0 // above the assignments
			for version := 2; version < count; version++ {
				step := version % 5
				if lines == 0 {
					step = 0
				}
				switch step { // out of order, any of them spoils the rest
				case 0, 1:
					s.edit(".env", version, replace(lines, 0, lines, 0, fmt.Sprintf("#%d\n", version)))
					lines++
				case 2, 3:
					s.edit(".env", version, replace(lines-1, 0, lines, 0, ""))
					lines--
				case 4:
					s.edit(".env", version, replace(lines-1, 1, lines-1, 2, "ü𝒳"), replace(lines-1, 1, lines-1, 4, "é"))
				}
			}
			s.edit(".env", count, replace(0, 0, lines, 0, "#\n"))
		}()
		for last := 1; last < count; {
			got := s.diagnostics(".env")
			if *got.Version <= last || len(got.Diagnostics) != 1 {
				t.Fatalf("version %d after %d: %q", *got.Version, last, got.codes())
			}
			if last = *got.Version; last == count && got.codes() != "env-duplicate@3:0" {
				t.Errorf("in the end: %q", got.codes())
			}
		}
		s.shutdown()
	})
}

// TestManyRequestsHalfCancelled: each of 2,000 requests is answered once.
func TestManyRequestsHalfCancelled(t *testing.T) {
	bothWays(t, func(t *testing.T, open func(*testing.T, string) *session) {
		s := open(t, shop)
		s.start(all, nil)
		methods := []string{"textDocument/hover", "textDocument/codeAction", "textDocument/completion", "workspace/executeCommand"}
		params := map[string]any{
			"textDocument": map[string]any{"uri": s.uri(".env")}, "position": map[string]int{"line": 0, "character": 1},
			"range": span(0, 0, 9, 0), "context": map[string]any{"diagnostics": []any{}}, "command": "dbtHybrid.status",
		}
		var ids []string
		for i := range 2000 {
			id := s.Start(methods[i%len(methods)], params)
			if ids = append(ids, id); i%2 == 0 {
				s.Cancel(id)
			}
		}
		for i, id := range ids {
			if reply := s.Wait(id); reply.Error != nil && (i%2 != 0 || reply.Code() != -32800) {
				t.Errorf("request %d: %v", i, reply)
			}
		}
		s.shutdown() // a second answer would be unexpected
	})
}

// TestClientThatAnswersNothing: neither the question for settings nor one for
// registrations holds up the findings.
func TestClientThatAnswersNothing(t *testing.T) {
	bothWays(t, func(t *testing.T, open func(*testing.T, string) *session) {
		s := open(t, shop)
		s.write(".env", duplicate)
		s.Handle("dbtHybrid/status", func(lsptest.Message) any { return nil })
		s.Handle("experimental/serverStatus", func(lsptest.Message) any { return nil })
		s.Call("initialize", map[string]any{
			"processId": nil, "rootUri": s.uri(""), "capabilities": json.RawMessage(all), "initializationOptions": map[string]any{"rules": rules(nil)},
		}, nil)
		s.Notify("initialized", map[string]any{})
		s.Next("workspace/configuration")
		if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
			t.Errorf("got %q", got)
		}
		s.Next("client/registerCapability")
		s.Next("$/cancelRequest") // of the settings
		s.Next("client/registerCapability")
		s.Next("$/cancelRequest")
		s.Ignore("$/cancelRequest") // of the second registration, where the machine is that slow
		s.Call("shutdown", nil, nil)
		s.Notify("exit", nil)
		if status := <-s.exit; status != 0 {
			t.Errorf("exit status %d", status)
		}
	})
}

// TestProgramEnds: the program ends, whatever becomes of its client, with the
// status that the protocol gives.
func TestProgramEnds(t *testing.T) {
	bin := buildBinary(t)
	for _, test := range []struct {
		name string
		end  func(p *process)
		want int
	}{
		{"shutdown and exit", func(p *process) { p.Call("shutdown", nil, nil); p.Notify("exit", nil) }, 0},
		{"exit", func(p *process) { p.Notify("exit", nil) }, 1},
		{"the input ends", func(p *process) { _ = p.stdin.Close() }, 1},
		{"the input ends within a header", func(p *process) { p.Raw([]byte("Content-Le")); _ = p.stdin.Close() }, 1},
		{"the input ends within a body", func(p *process) { p.Raw([]byte("Content-Length: 100\r\n\r\n{")); _ = p.stdin.Close() }, 1},
		{"a terabyte is promised", func(p *process) { p.Raw([]byte("Content-Length: 1099511627776\r\n\r\n")) }, 1},
		{"the input ends after shutdown", func(p *process) { p.Call("shutdown", nil, nil); _ = p.stdin.Close() }, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := startCommand(t, exec.Command(bin, "serve"), io.Discard)
			p.Handle("dbtHybrid/status", func(lsptest.Message) any { return nil })
			p.Listen()
			p.initialize(nil)
			test.end(p)
			if got := p.status(t); got != test.want {
				t.Errorf("exit status %d, want %d", got, test.want)
			}
			p.Finish()
		})
	}
	t.Run("a client that never reads", func(t *testing.T) {
		p := startCommand(t, exec.Command(bin, "serve"), io.Discard)
		p.Start("initialize", map[string]any{"processId": nil, "rootUri": nil, "capabilities": map[string]any{}})
		p.Notify("initialized", map[string]any{})
		for range 5000 { // more than a pipe holds
			p.Start("dbtHybrid/nothing", nil)
		}
		_ = p.stdin.Close()
		if got := p.status(t); got != 1 {
			t.Errorf("exit status %d, want 1", got)
		}
	})
}
