package lsp

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

const shop = `
-- dbt_project.yml --
name: shop
profile: shop
-- profiles.yml --
shop:
  target: dev
  outputs:
    dev:
      type: postgres
      host: "{{ env_var('DBT_HOST') }}"
      port: 5432
      user: shop
      password: "{{ env_var('DBT_ENV_SECRET_PASSWORD') }}"
      dbname: shop
      schema: dev
-- .env --
DBT_HOST=localhost
DBT_ENV_SECRET_PASSWORD=CANARY-7f3a
-- .env.example --
DBT_HOST=
DBT_ENV_SECRET_PASSWORD=
-- .gitignore --
.env
-- models/orders.sql --
select '{{ env_var("DBT_REGION", "eu") }}' as region
`

const (
	env       = "DBT_HOST=localhost\nDBT_ENV_SECRET_PASSWORD=CANARY-7f3a\n"
	duplicate = env + "DBT_HOST=elsewhere\n"
)

func TestInitializeAnswers(t *testing.T) {
	for _, test := range []struct{ name, capabilities, want string }{
		{"the encoding of a client that knows UTF-8", all, "utf-8"},
		{"the encoding of a client that says nothing", little, "utf-16"},
		{"the encoding of a client that knows UTF-16 only", `{"general":{"positionEncodings":["utf-16"]}}`, "utf-16"},
		{"the encoding of a client that knows UTF-32 and must know UTF-16", `{"general":{"positionEncodings":["utf-32"]}}`, "utf-16"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSession(t, shop)
			var result struct {
				Capabilities struct {
					PositionEncoding string
					TextDocumentSync struct{ Change int }
				}
				ServerInfo struct{ Name, Version string }
			}
			if err := json.Unmarshal(s.start(test.capabilities, nil), &result); err != nil {
				t.Fatal(err)
			}
			if got := result.Capabilities.PositionEncoding; got != test.want {
				t.Errorf("encoding %q, want %q", got, test.want)
			}
			if result.Capabilities.TextDocumentSync.Change != 2 {
				t.Error("edits are not incremental")
			}
			if result.ServerInfo.Name != "dbt-hybrid" || result.ServerInfo.Version != "1.2.3" && *program == "" {
				t.Errorf("server %+v", result.ServerInfo)
			}
			s.shutdown()
		})
	}
}

func TestLifecycle(t *testing.T) {
	s := newSession(t, shop)
	if reply := s.Wait(s.Start("textDocument/hover", map[string]any{})); reply.Code() != -32002 {
		t.Errorf("before initialize: %v", reply)
	}
	s.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": s.uri(".env"), "text": duplicate}})
	s.start(all, nil)
	if reply := s.Wait(s.Start("initialize", map[string]any{"capabilities": map[string]any{}})); reply.Code() != -32600 {
		t.Errorf("a second initialize: %v", reply)
	}
	if reply := s.Wait(s.Start("dbtHybrid/nothing", nil)); reply.Code() != -32601 {
		t.Errorf("an unknown request: %v", reply)
	}
	s.Notify("dbtHybrid/nothing", nil)
	s.Notify("$/setTrace", map[string]any{"value": "verbose"})
	s.Call("shutdown", nil, nil)
	if reply := s.Wait(s.Start("textDocument/hover", map[string]any{})); reply.Code() != -32600 {
		t.Errorf("after shutdown: %v", reply)
	}
	s.open(".env", 1, duplicate)
	s.Notify("exit", nil)
	if status := <-s.exit; status != 0 {
		t.Errorf("exit status %d", status)
	}
}

func TestExitWithoutShutdown(t *testing.T) {
	for name, before := range map[string]func(*session){
		"before initialize": func(*session) {},
		"after initialize":  func(s *session) { s.start(all, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, shop)
			before(s)
			s.Notify("exit", nil)
			if status := <-s.exit; status != 1 {
				t.Errorf("exit status %d, want 1", status)
			}
		})
	}
}

func TestParameters(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	for _, test := range []struct{ method, params string }{
		{"textDocument/hover", `null`},
		{"textDocument/hover", `[]`},
		{"textDocument/hover", `{}`},
		{"textDocument/hover", `{"textDocument":{"uri":"untitled:x"},"position":{"line":0,"character":0}}`},
		{"textDocument/hover", `{"textDocument":{"uri":"file:///x"},"position":{"line":-1,"character":0}}`},
		{"textDocument/hover", `{"textDocument":{"uri":"file:///x"},"position":{"line":4294967296,"character":0}}`},
		{"textDocument/codeAction", `{"textDocument":{},"range":{},"context":{}}`},
		{"textDocument/completion", `{"textDocument":{"uri":7}}`},
		{"workspace/executeCommand", `{"command":"dbtHybrid.nothing"}`},
	} {
		if reply := s.Wait(s.Start(test.method, json.RawMessage(test.params))); reply.Code() != -32602 {
			t.Errorf("%s %s: %v", test.method, test.params, reply)
		}
	}
	for _, test := range []struct{ method, params string }{
		{"textDocument/didOpen", `{}`},
		{"textDocument/didOpen", `{"textDocument":{"uri":"untitled:x","text":"` + canary + `","version":1,"languageId":"x"}}`},
		{"textDocument/didChange", `{"textDocument":{"uri":"` + s.uri("never-opened") + `","version":2},"contentChanges":[{"text":"` + canary + `"}]}`},
		{"textDocument/didChange", `{"textDocument":{"uri":"` + s.uri(".env") + `","version":"` + canary + `"}}`},
		{"textDocument/didClose", `{"textDocument":{"uri":"` + s.uri("never-opened") + `"}}`},
		{"textDocument/didSave", `{}`},
		{"workspace/didChangeWatchedFiles", `{"changes":[{"uri":"untitled:x","type":1}]}`},
		{"workspace/didChangeWorkspaceFolders", `{"event":{"added":[],"removed":[{"uri":"file:///nowhere","name":"x"}]}}`},
		{"workspace/didChangeConfiguration", `{"settings":7}`},
	} {
		s.Notify(test.method, json.RawMessage(test.params))
	}
	s.open(".env", 1, duplicate)
	if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
		t.Errorf("after all that: %q", got)
	}
	s.shutdown()
}

// TestUnsavedEdits: what the server publishes follows from the text in the
// editor, after each edit, with the version that it is for.
func TestUnsavedEdits(t *testing.T) {
	for name, capabilities := range map[string]string{"utf-8": all, "utf-16": strings.Replace(all, `"utf-8", `, "", 1)} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, shop)
			s.start(capabilities, nil)
			s.open(".env", 1, env)
			first := s.diagnostics(".env")
			if first.codes() != "" || first.Version == nil || *first.Version != 1 {
				t.Fatalf("opened: %+v", first)
			}

			s.edit(".env", 2, replace(2, 0, 2, 0, "DBT_HOST=elsewhere\n"))
			second := s.diagnostics(".env")
			if second.codes() != "env-duplicate@2:0" || *second.Version != 2 {
				t.Fatalf("a second value: %+v", second)
			}
			d := second.Diagnostics[0]
			if d.Source != "dbt-hybrid" || d.Severity != 2 || !strings.HasSuffix(d.CodeDescription.Href, "/env-duplicate.md") {
				t.Errorf("got %+v", d)
			}
			if len(d.RelatedInformation) != 1 || d.RelatedInformation[0].Location.URI != s.uri(".env") {
				t.Errorf("related: %+v", d.RelatedInformation)
			}

			// Wide characters before the place, then two edits at once.
			width := map[string]int{"utf-8": len("# ☕🎉 ") + 1, "utf-16": len([]rune("# ☕🎉 ")) + 1 + 1}[name]
			s.edit(".env", 3, replace(0, 0, 0, 0, "# ☕🎉 x\n"), replace(0, width-1, 0, width, "y"))
			third := s.diagnostics(".env")
			if third.codes() != "env-duplicate@3:0" || *third.Version != 3 {
				t.Fatalf("a line above: %+v", third)
			}
			s.edit(".env", 4, replace(3, 0, 4, 0, ""))
			if got := s.diagnostics(".env"); got.codes() != "" || *got.Version != 4 {
				t.Fatalf("the line removed: %+v", got)
			}
			s.edit(".env", 5, replace(1, 0, 1, 0, "X"))
			if got := s.diagnostics("profiles.yml").codes(); got != "env-missing@5:25" {
				t.Fatalf("the name changed: %q", got)
			}
			s.shutdown()
		})
	}
}

func TestEqualSetsAreNotSentAgain(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	s.open(".env", 1, env)
	if got := s.diagnostics(".env").codes(); got != "" {
		t.Fatalf("opened: %q", got)
	}
	for version := 2; version < 30; version++ { // comments: an empty set stays one
		s.edit(".env", version, replace(0, 0, 0, 0, "# comment\n"))
	}
	s.edit(".env", 30, whole(duplicate))
	if got := s.diagnostics(".env"); got.codes() != "env-duplicate@2:0" || *got.Version != 30 {
		t.Fatalf("got %+v", got)
	}
	// Another file's edit does not send this one again.
	s.open("models/orders.sql", 1, "select 1")
	if got := s.diagnostics("models/orders.sql").codes(); got != "" {
		t.Errorf("the model: %q", got)
	}
	s.edit("models/orders.sql", 2, whole("select 2"))
	s.shutdown()
}

func TestBurstEndsInTheRightState(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	s.open(".env", 1, duplicate)
	if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
		t.Fatalf("opened: %q", got)
	}
	const count = 200
	for version := 2; version <= count; version++ {
		s.edit(".env", version, replace(0, 0, 0, 0, "#\n"))
	}
	last := 0
	for last < count {
		got := s.diagnostics(".env")
		if *got.Version <= last {
			t.Fatalf("version %d after %d", *got.Version, last)
		}
		last = *got.Version
		if line := got.Diagnostics[0].Range.Start.Line; line != 2+last-1 {
			t.Fatalf("version %d: the finding is on line %d", last, line)
		}
	}
	s.shutdown()
}

func TestClosedFiles(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	s.open(".env", 1, duplicate)
	if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
		t.Fatalf("opened: %q", got)
	}
	s.close(".env") // unsaved: the disk counts again
	if got := s.diagnostics(".env"); got.codes() != "" || got.Version != nil {
		t.Fatalf("closed: %+v", got)
	}
	s.write(".env", duplicate)
	s.changed(".env")
	if got := s.diagnostics(".env"); got.codes() != "env-duplicate@2:0" || got.Version != nil {
		t.Fatalf("written: %+v", got)
	}
	// Diagnostics of a closed file go with its project.
	s.Notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{
		"added": []any{}, "removed": []any{map[string]string{"uri": s.uri(""), "name": "shop"}},
	}})
	if got := s.diagnostics(".env").codes(); got != "" {
		t.Fatalf("the folder is gone: %q", got)
	}
	s.shutdown()
}

// changed reports files as a client that watches does.
func (s *session) changed(names ...string) {
	var changes []any
	for _, name := range names {
		changes = append(changes, map[string]any{"uri": s.uri(name), "type": 2})
	}
	s.Notify("workspace/didChangeWatchedFiles", map[string]any{"changes": changes})
}

func TestFoldersComeAndGo(t *testing.T) {
	s := newSession(t, strings.ReplaceAll(shop, "-- ", "-- a/")+strings.ReplaceAll(shop, "-- ", "-- b/"))
	s.write("a/.env", duplicate)
	s.write("b/.env", duplicate)
	s.start(all, nil, "a")
	if got := s.diagnostics("a/.env").codes(); got != "env-duplicate@2:0" {
		t.Fatalf("a: %q", got)
	}
	s.Notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{
		"added":   []any{map[string]string{"uri": s.uri("b"), "name": "b"}},
		"removed": []any{map[string]string{"uri": s.uri("a"), "name": "a"}},
	}})
	if got := s.diagnostics("a/.env").codes(); got != "" {
		t.Errorf("a: %q", got)
	}
	if got := s.diagnostics("b/.env").codes(); got != "env-duplicate@2:0" {
		t.Errorf("b: %q", got)
	}
	s.shutdown()
}

// TestLostDocument: an edit that cannot be read leaves no wrong findings, and
// the whole text brings the document back.
func TestLostDocument(t *testing.T) {
	for name, bad := range map[string]any{
		"a negative line":  map[string]any{"range": span(-1, 0, 0, 0), "text": "x"},
		"no change":        nil,
		"a range backward": replace(1, 0, 0, 0, "x"),
		"an empty change":  map[string]any{},
		"text of a number": map[string]any{"text": 7},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, shop)
			s.start(all, nil)
			s.open(".env", 1, duplicate)
			if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
				t.Fatalf("opened: %q", got)
			}
			s.edit(".env", 2, bad)
			if got := s.diagnostics(".env").codes(); got != "" {
				t.Fatalf("lost: %q", got)
			}
			s.edit(".env", 3, replace(0, 0, 0, 0, "DBT_HOST=x\n"))
			s.edit(".env", 4, whole(duplicate))
			if got := s.diagnostics(".env"); got.codes() != "env-duplicate@2:0" || *got.Version != 4 {
				t.Fatalf("found again: %+v", got)
			}
			s.shutdown()
		})
	}
}

func TestStatusOncePerChange(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	statuses := make(chan lsptest.Message, 100)
	s.Handle("dbtHybrid/status", func(m lsptest.Message) any { statuses <- m; return nil })
	health := make(chan lsptest.Message, 100)
	s.Handle("experimental/serverStatus", func(m lsptest.Message) any { health <- m; return nil })
	s.open(".env", 1, env)
	_ = s.diagnostics(".env")
	s.edit(".env", 2, replace(0, 0, 0, 0, "# comment\n"))
	s.edit(".env", 3, whole(duplicate))
	_ = s.diagnostics(".env")
	s.edit(".env", 4, replace(0, 0, 0, 0, "# comment\n"))
	_ = s.diagnostics(".env")
	s.shutdown()
	close(statuses)
	var last struct {
		Health, Message string
		Projects        []struct {
			Root, Name       string
			Engine           struct{ State string }
			Deferral         struct{ On bool }
			Errors, Warnings int
		}
	}
	var before string
	for m := range statuses {
		if string(m.Params) == before {
			t.Errorf("sent twice: %s", m.Params)
		}
		before = string(m.Params)
		if err := json.Unmarshal(m.Params, &last); err != nil {
			t.Fatal(err)
		}
	}
	if last.Health != "warning" || len(last.Projects) != 1 || last.Projects[0].Name != "shop" || last.Projects[0].Warnings != 1 {
		t.Errorf("got %+v", last)
	}
}

func TestSettings(t *testing.T) {
	s := newSession(t, shop)
	s.write(".env", duplicate)
	s.settings[s.uri("")] = map[string]any{"rules": rules(map[string]string{"env-duplicate": "error"})}
	s.start(all, map[string]any{"rules": rules(map[string]string{"env-duplicate": "off"})})
	if got := s.diagnostics(".env"); got.codes() != "env-duplicate@2:0" || got.Diagnostics[0].Severity != 1 {
		t.Fatalf("the folder's own setting: %+v", got)
	}
	s.mu.Lock()
	s.settings[s.uri("")] = map[string]any{"rules": rules(map[string]string{"env-duplicate": "off"})}
	s.mu.Unlock()
	s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
	if got := s.diagnostics(".env").codes(); got != "" {
		t.Fatalf("switched off: %q", got)
	}
	s.shutdown()
}

// TestSettingsTakenBack: where a client tells of no settings any more, those of the
// start count again, and nothing of those between.
func TestSettingsTakenBack(t *testing.T) {
	for name, none := range map[string]any{"nothing": nil, "an empty object": map[string]any{}} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, shop)
			s.write(".env", duplicate)
			s.start(all, map[string]any{"rules": rules(map[string]string{"env-duplicate": "info"})})
			for i, setting := range []any{none, map[string]any{"rules": rules(map[string]string{"env-duplicate": "error"})}, none} {
				s.mu.Lock()
				s.settings[""] = setting
				s.mu.Unlock()
				s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
				if got := s.diagnostics(".env"); len(got.Diagnostics) != 1 || got.Diagnostics[0].Severity != []int{3, 1, 3}[i] {
					t.Fatalf("question %d: %+v", i, got)
				}
			}
			s.shutdown()
		})
	}
}

func TestSettingsOfAClientThatSendsThem(t *testing.T) {
	s := newSession(t, shop)
	s.write(".env", duplicate)
	s.start(little, map[string]any{"rules": rules(map[string]string{"env-duplicate": "info"})})
	if got := s.diagnostics(".env"); len(got.Diagnostics) != 1 || got.Diagnostics[0].Severity != 3 {
		t.Fatalf("from the start: %+v", got)
	}
	s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{
		"dbtHybrid": map[string]any{"rules": rules(map[string]string{"env-duplicate": "hint"})},
	}})
	if got := s.diagnostics(".env"); len(got.Diagnostics) != 1 || got.Diagnostics[0].Severity != 4 {
		t.Fatalf("sent: %+v", got)
	}
	s.shutdown()
}

func TestEditorVariablesCount(t *testing.T) {
	s := newSession(t, shop)
	s.write(".env", "DBT_HOST=x\n")
	s.settings[s.uri("")] = map[string]any{"rules": rules(nil), "dbt": map[string]any{"environmentVariables": map[string]any{"DBT_ENV_SECRET_PASSWORD": canary}}}
	s.start(all, nil)
	s.open("profiles.yml", 1, s.read("profiles.yml"))
	if got := s.diagnostics("profiles.yml").codes(); strings.Contains(got, "env-missing") {
		t.Errorf("got %q", got)
	}
	s.shutdown()
}

func (s *session) read(name string) string {
	s.t.Helper()
	content, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(content)
}
