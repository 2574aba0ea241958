package lsp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/uri"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

type action struct {
	Title       string
	Kind        string
	IsPreferred bool
	Diagnostics []diagnosticJSON
	Edit        *workspaceEdit
	Command     *struct {
		Command   string
		Arguments []json.RawMessage
	}
}

type workspaceEdit struct {
	Changes         map[string][]textEdit
	DocumentChanges []documentChange
}

type documentChange struct {
	Kind, URI    string
	TextDocument struct {
		URI     string
		Version *int
	}
	Edits []textEdit
}

type textEdit struct {
	Range   textRange
	NewText string
	Snippet struct{ Kind, Value string }
}

func (s *session) actions(name string, where map[string]any, only ...string) []action {
	s.t.Helper()
	context := map[string]any{"diagnostics": []any{}}
	if len(only) > 0 {
		context["only"] = only
	}
	var got []action
	s.Call("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": s.uri(name)}, "range": where, "context": context,
	}, &got)
	return got
}

func titles(actions []action) string {
	var all []string
	for _, a := range actions {
		all = append(all, a.Title)
	}
	return strings.Join(all, "; ")
}

// apply makes a change as an editor does, in files and in its own documents,
// and returns where the cursor stands, as file:offset.
func (s *session) apply(edit *workspaceEdit, open map[string]string) (cursor string) {
	s.t.Helper()
	if edit == nil {
		s.t.Fatal("no edit")
	}
	changes := edit.DocumentChanges
	for u, edits := range edit.Changes {
		c := documentChange{Edits: edits}
		c.TextDocument.URI = u
		changes = append(changes, c)
	}
	for _, c := range changes {
		path := uri.URI(c.URI).FsPath()
		switch c.Kind {
		case "create":
			if _, err := os.Lstat(path); err == nil {
				s.t.Fatalf("%s exists", path)
			}
			s.write(s.name(path), "")
			continue
		case "delete":
			if err := os.Remove(path); err != nil {
				s.t.Fatal(err)
			}
			continue
		}
		name := s.name(uri.URI(c.TextDocument.URI).FsPath())
		before, isOpen := open[name]
		if isOpen != (c.TextDocument.Version != nil) && edit.Changes == nil {
			s.t.Errorf("%s: open %v, version %v", name, isOpen, c.TextDocument.Version)
		}
		if !isOpen {
			before = s.read(name)
		}
		lines := text.NewLines([]byte(before))
		var edits []text.Edit
		for _, e := range c.Edits {
			at := text.Span{
				Start: lines.Decoded(uint32(e.Range.Start.Line), uint32(e.Range.Start.Character), text.UTF8),
				End:   lines.Decoded(uint32(e.Range.End.Line), uint32(e.Range.End.Character), text.UTF8),
			}
			newText := e.NewText
			if e.Snippet.Kind != "" {
				plain := strings.NewReplacer(`\\`, `\`, `\$`, `$`, `\}`, `}`, `$0`, "\x00").Replace(e.Snippet.Value)
				offset := strings.Index(plain, "\x00")
				newText = strings.Replace(plain, "\x00", "", 1)
				cursor = fmt.Sprintf("%s:%d", name, at.Start+offset)
			}
			edits = append(edits, text.Edit{Span: at, New: newText})
		}
		after, err := text.Apply([]byte(before), edits)
		if err != nil {
			s.t.Fatal(err)
		}
		if isOpen {
			open[name] = string(after)
		} else {
			s.write(name, string(after))
		}
	}
	return cursor
}

func (s *session) name(path string) string {
	s.t.Helper()
	rel, err := filepath.Rel(s.dir, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		s.t.Fatalf("%s is outside the workspace", path)
	}
	return filepath.ToSlash(rel)
}

func TestQuickFix(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	open := map[string]string{".env": env + "DBT_HOST=localhost\n"}
	s.open(".env", 7, open[".env"])
	shown := s.diagnostics(".env")
	if shown.codes() != "env-duplicate@2:0" {
		t.Fatalf("got %q", shown.codes())
	}
	if got := s.actions(".env", span(0, 0, 1, 5)); len(got) != 0 {
		t.Errorf("where nothing was found: %s", titles(got))
	}
	got := s.actions(".env", span(2, 3, 2, 3))
	if len(got) == 0 {
		t.Fatal("no action")
	}
	first := got[0]
	if first.Kind != "quickfix" || !first.IsPreferred || len(first.Diagnostics) != 1 {
		t.Errorf("got %+v", first)
	}
	if d := first.Diagnostics[0]; d.Code != "env-duplicate" || d.Range != shown.Diagnostics[0].Range || d.Message != shown.Diagnostics[0].Message {
		t.Errorf("its diagnostic: %+v", d)
	}
	if v := first.Edit.DocumentChanges[0].TextDocument.Version; v == nil || *v != 7 {
		t.Errorf("version %v", v)
	}
	s.apply(first.Edit, open)
	if open[".env"] != env {
		t.Errorf("after the fix: %q", strings.ReplaceAll(open[".env"], canary, "…"))
	}
	s.shutdown()
}

// Neovim asks at the cursor, and names the diagnostics of the line.
func TestQuickFixOfANamedDiagnostic(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	s.open(".env", 1, env+"DBT_HOST=localhost\n")
	message := s.diagnostics(".env").Diagnostics[0].Message
	for name, c := range map[string]struct {
		line          int
		code, message string
		want          bool
	}{
		"this one":        {2, "env-duplicate", message, true},
		"another line":    {1, "env-duplicate", message, false},
		"another rule":    {2, "env-parse", message, false},
		"another message": {2, "env-duplicate", "m", false},
		"no rule":         {2, "", message, false},
	} {
		t.Run(name, func(t *testing.T) {
			known := map[string]any{"code": c.code, "range": span(c.line, 70, c.line, 78), "message": c.message}
			var got []action
			s.Call("textDocument/codeAction", map[string]any{
				"textDocument": map[string]any{"uri": s.uri(".env")},
				"range":        span(0, 0, 0, 0),
				"context":      map[string]any{"diagnostics": []any{known}},
			}, &got)
			if (len(got) > 0) != c.want {
				t.Errorf("got %q", titles(got))
			}
		})
	}
	s.shutdown()
}

func TestFixThatAsksForAValue(t *testing.T) {
	s := newSession(t, shop)
	s.write(".env", "DBT_ENV_SECRET_PASSWORD="+canary+"\n")
	s.start(all, nil)
	if got := s.diagnostics("profiles.yml").codes(); got != "env-missing@5:25" {
		t.Fatalf("got %q", got)
	}
	got := s.actions("profiles.yml", span(5, 25, 5, 25))
	if len(got) == 0 || !got[0].IsPreferred {
		t.Fatalf("got %s", titles(got))
	}
	cursor := s.apply(got[0].Edit, nil)
	want := "DBT_ENV_SECRET_PASSWORD=" + canary + "\nDBT_HOST=\n"
	if s.read(".env") != want || cursor != fmt.Sprintf(".env:%d", len(want)-1) {
		t.Errorf("after the fix: cursor %s", cursor)
	}
	s.shutdown()
}

func TestFixThatCreatesAFile(t *testing.T) {
	files := strings.Replace(shop, "-- .env --\nDBT_HOST=localhost\nDBT_ENV_SECRET_PASSWORD="+canary+"\n", "", 1)
	creates := func(t *testing.T, capabilities string) {
		s := newSession(t, files)
		s.start(capabilities, nil)
		at := s.diagnostics(".env.example")
		if !strings.HasPrefix(at.codes(), "env-absent@") {
			t.Fatalf("got %q", at.codes())
		}
		_ = s.diagnostics("profiles.yml")
		got := s.actions(".env.example", span(0, 0, 0, 1))
		if len(got) == 0 {
			t.Fatal("no action")
		}
		s.apply(got[0].Edit, nil)
		if !strings.Contains(s.read(".env"), "DBT_HOST") {
			t.Errorf("created: %q", s.read(".env"))
		}
		s.changed(".env")
		if got := s.diagnostics(".env.example").codes(); strings.Contains(got, "env-absent") {
			t.Errorf("after it: %q", got)
		}
		s.shutdown()
	}
	t.Run("a client that creates files", func(t *testing.T) { creates(t, all) })
	t.Run("a client that announces only that, as Neovim does", func(t *testing.T) {
		creates(t, strings.Replace(all, `"documentChanges": true, `, "", 1))
	})
	t.Run("a client that does not", func(t *testing.T) {
		s := newSession(t, files)
		s.start(strings.Replace(all, `"create", `, "", 1), nil)
		_ = s.diagnostics(".env.example")
		_ = s.diagnostics("profiles.yml")
		for _, a := range s.actions(".env.example", span(0, 0, 0, 1)) {
			if a.Edit != nil && slices.ContainsFunc(a.Edit.DocumentChanges, func(c documentChange) bool { return c.Kind == "create" }) {
				t.Errorf("offered: %s", a.Title)
			}
		}
		s.shutdown()
	})
}

func TestClientWithoutVersionedEdits(t *testing.T) {
	s := newSession(t, shop)
	s.start(little, nil)
	open := map[string]string{".env": env + "DBT_HOST=localhost\n"}
	s.open(".env", 1, open[".env"])
	_ = s.diagnostics(".env")
	got := s.actions(".env", span(2, 0, 2, 0))
	if len(got) == 0 || len(got[0].Edit.DocumentChanges) > 0 || len(got[0].Edit.Changes) != 1 || got[0].IsPreferred {
		t.Fatalf("got %+v", got)
	}
	s.apply(got[0].Edit, open)
	if open[".env"] != env {
		t.Error("the fix does something else")
	}
	s.shutdown()
}

func TestKindsOfActions(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	s.open(".env", 1, env+"DBT_HOST=localhost\n")
	_ = s.diagnostics(".env")
	here := span(2, 0, 2, 0)
	for only, want := range map[string]bool{"quickfix": true, "refactor": false, "quick": false} {
		if got := s.actions(".env", here, only); (len(got) > 0) != want {
			t.Errorf("only %s: %s", only, titles(got))
		}
	}
	for _, only := range []string{"source", "source.fixAll", "source.fixAll.dbtHybrid"} {
		got := s.actions(".env", span(0, 0, 0, 0), only) // wherever the cursor stands
		if len(got) != 1 || got[0].Kind != "source.fixAll.dbtHybrid" {
			t.Errorf("only %s: %+v", only, got)
		}
	}
	if got := s.actions(".env", here, "source.fixAll.eslint"); len(got) != 0 {
		t.Errorf("another tool's kind: %s", titles(got))
	}
	s.shutdown()
}

func TestFixAllOfADocument(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	open := map[string]string{".env": env + "DBT_HOST=localhost\nA=1\nA=1\nB=2\nB=3\n"}
	s.open(".env", 1, open[".env"])
	_ = s.diagnostics(".env")
	got := s.actions(".env", span(0, 0, 0, 0), "source.fixAll.dbtHybrid")
	if len(got) != 1 {
		t.Fatalf("got %s", titles(got))
	}
	s.apply(got[0].Edit, open)
	if want := env + "A=1\nB=2\nB=3\n"; open[".env"] != want { // which B is meant only a person knows
		t.Errorf("got %q", strings.ReplaceAll(open[".env"], canary, "…"))
	}
	s.edit(".env", 2, whole(open[".env"]))
	_ = s.diagnostics(".env")
	if got := s.actions(".env", span(0, 0, 0, 0), "source.fixAll.dbtHybrid"); len(got) != 0 {
		t.Errorf("again: %+v", got)
	}
	s.shutdown()
}

// TestFixAllIsComplete: dbt stops at the first line that it cannot read, so that
// the next one is seen only when that is mended. One action mends all of them.
func TestFixAllIsComplete(t *testing.T) {
	s := newSession(t, shop)
	const good = "DBT_HOST=localhost\nDBT_ENV_SECRET_PASSWORD=" + canary + "\n"
	const bad = good + "A = 1\nB= 2 3\nC =4\nDBT_HOST=localhost\nD= 5 # five\nE =6\n"
	s.start(all, nil)
	open := map[string]string{".env": bad}
	s.open(".env", 1, bad)
	if got := s.diagnostics(".env").codes(); !strings.Contains(got, "env-parse") {
		t.Fatalf("opened: %q", got)
	}
	got := s.actions(".env", span(0, 0, 0, 0), "source.fixAll.dbtHybrid")
	if len(got) != 1 {
		t.Fatalf("got %s", titles(got))
	}
	s.apply(got[0].Edit, open)
	s.edit(".env", 2, whole(open[".env"]))
	if again := s.actions(".env", span(0, 0, 0, 0), "source.fixAll.dbtHybrid"); len(again) != 0 {
		t.Errorf("something is left to do in %q", strings.ReplaceAll(open[".env"], canary, "…"))
	}
	if left := s.diagnostics(".env").codes(); left != "" {
		t.Errorf("%q is left in %q", left, strings.ReplaceAll(open[".env"], canary, "…"))
	}
	s.shutdown()
}

// TestFixAllStaysInTheWorkspace: what lies in the home folder is not changed by
// a command on the workspace.
func TestFixAllStaysInTheWorkspace(t *testing.T) {
	s := newSession(t, "-- dbt_project.yml --\nname: shop\nprofile: shop\n-- .gitignore --\n.env\n-- .env --\nDBT_HOST=x\nDBT_HOST=x\n")
	profiles := filepath.Join(s.home, ".dbt", "profiles.yml")
	content := "shop:\n  outputs:\n    default: {type: postgres, host: {{ env_var('DBT_HOST') }}}\n"
	if err := os.MkdirAll(filepath.Dir(profiles), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(profiles, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	s.start(all, map[string]any{"rules": rules(map[string]string{"jinja-unquoted": "warning"})})
	s.answerEdits(nil)
	if got := s.diagnostics(".env").codes(); got != "env-duplicate@1:0" {
		t.Fatalf("got %q", got)
	}
	outside, err := filepath.Rel(s.dir, profiles)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.diagnostics(outside).codes(); got != "jinja-unquoted@2:36" {
		t.Fatalf("profiles.yml: %q", got)
	}
	var files int
	s.command("dbtHybrid.fixAll", &files)
	if files != 1 || s.read(".env") != "DBT_HOST=x\n" {
		t.Errorf("%d files changed, .env is %q", files, s.read(".env"))
	}
	if now, err := os.ReadFile(profiles); err != nil || string(now) != content {
		t.Errorf("profiles.yml is %q, %v", now, err)
	}
	s.shutdown()
}

func (s *session) command(name string, result any) {
	s.t.Helper()
	s.Call("workspace/executeCommand", map[string]any{"command": name}, result)
}

// answerEdits lets the client make the changes that the server asks for.
func (s *session) answerEdits(open map[string]string) {
	s.Handle("workspace/applyEdit", func(m lsptest.Message) any {
		var p struct{ Edit workspaceEdit }
		if err := json.Unmarshal(m.Params, &p); err != nil {
			return map[string]any{"applied": false}
		}
		s.apply(&p.Edit, open)
		return map[string]any{"applied": true}
	})
}

func TestCommandFixAll(t *testing.T) {
	s := newSession(t, shop)
	s.write(".env", env+"DBT_HOST=localhost\n")
	s.start(all, nil)
	s.answerEdits(nil)
	_ = s.diagnostics(".env")
	var files int
	s.command("dbtHybrid.fixAll", &files)
	if files != 1 || s.read(".env") != env {
		t.Errorf("%d files changed", files)
	}
	s.changed(".env")
	if got := s.diagnostics(".env").codes(); got != "" {
		t.Errorf("after it: %q", got)
	}
	s.command("dbtHybrid.fixAll", &files)
	if files != 0 {
		t.Errorf("again: %d files changed", files)
	}
	if m := s.Next("window/showMessage"); !strings.Contains(string(m.Params), "Nothing to do") {
		t.Errorf("got %s", m.Params)
	}
	s.shutdown()
}

func TestCommandsOnTheExample(t *testing.T) {
	files := strings.Replace(shop, "-- .env --\nDBT_HOST=localhost\nDBT_ENV_SECRET_PASSWORD="+canary+"\n", "", 1)
	s := newSession(t, files)
	s.write(".env.example", "DBT_HOST=\n")
	s.start(all, nil)
	s.answerEdits(nil)
	_ = s.diagnostics(".env.example")
	_ = s.diagnostics("profiles.yml")
	var changed int
	shown := make(chan string, 1)
	s.Handle("window/showDocument", func(m lsptest.Message) any {
		shown <- string(m.Params)
		return map[string]any{"success": true}
	})
	s.command("dbtHybrid.syncExample", &changed)
	if got := s.read(".env.example"); !strings.Contains(got, "DBT_ENV_SECRET_PASSWORD=") {
		t.Errorf("the example: %q", got)
	}
	s.command("dbtHybrid.createEnv", &changed)
	if got := s.read(".env"); !strings.Contains(got, "DBT_HOST=") {
		t.Errorf(".env: %q", got)
	}
	if got := <-shown; !strings.Contains(got, s.uri(".env")) {
		t.Errorf("shown: %s", got)
	}
	s.shutdown()
}

// TestCommandsOnOneProject: with the root of a project as its argument a command
// leaves the others alone.
func TestCommandsOnOneProject(t *testing.T) {
	for _, command := range []struct{ name, example, file, want string }{
		{"dbtHybrid.syncExample", "DBT_OTHER=\n", ".env.example", "DBT_HOST="},
		{"dbtHybrid.createEnv", "DBT_HOST=\n", ".env", "# DBT_HOST=\n"},
		{"dbtHybrid.addVariables", "", ".env", "DBT_HOST=\n"},
	} {
		t.Run(command.name, func(t *testing.T) {
			files := ""
			for _, project := range []string{"a", "b"} {
				files += "-- " + project + "/dbt_project.yml --\nname: shop\nprofile: shop\n" +
					"-- " + project + "/profiles.yml --\nshop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, schema: s}\n" +
					"-- " + project + "/models/m.sql --\n{{ env_var('DBT_HOST') }}\n"
				if command.example != "" {
					files += "-- " + project + "/.env.example --\n" + command.example
				}
			}
			s := newSession(t, files)
			s.start(all, map[string]any{"rules": rules(map[string]string{"env-missing": "hint"})})
			s.answerEdits(nil)
			s.Handle("window/showDocument", func(lsptest.Message) any { return map[string]any{"success": true} })
			s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
			for _, argument := range []any{"/nowhere", 5} {
				reply := s.Wait(s.Start("workspace/executeCommand", map[string]any{"command": command.name, "arguments": []any{argument}}))
				if reply.Code() != -32602 {
					t.Errorf("%v: got %v", argument, reply)
				}
			}
			s.Call("workspace/executeCommand", map[string]any{"command": command.name, "arguments": []any{filepath.ToSlash(s.path("b"))}}, nil)
			if got := s.read("b/" + command.file); !strings.Contains(got, command.want) {
				t.Errorf("%s of b: %q", command.file, got)
			}
			if content, _ := os.ReadFile(s.path("a/" + command.file)); strings.Contains(string(content), command.want) {
				t.Error("a is changed as well")
			}
			s.shutdown()
		})
	}
}

func TestCommandThatTheClientRefuses(t *testing.T) {
	s := newSession(t, shop)
	s.write(".env", env+"DBT_HOST=localhost\n")
	s.start(all, nil)
	s.Handle("workspace/applyEdit", func(lsptest.Message) any { return map[string]any{"applied": false} })
	_ = s.diagnostics(".env")
	if reply := s.Wait(s.Start("workspace/executeCommand", map[string]any{"command": "dbtHybrid.fixAll"})); reply.Code() != -32600 {
		t.Errorf("got %v", reply)
	}
	s.shutdown()
}

func TestCommandStatus(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	var got string
	s.command("dbtHybrid.status", &got)
	for _, want := range []string{"shop", s.dir, "dev"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	s.shutdown()
}

// TestTrust: in a workspace that nobody trusts no program is started, whatever
// is asked for.
func TestTrust(t *testing.T) {
	t.Run("without", func(t *testing.T) {
		s := newSession(t, shop)
		s.start(all, nil)
		s.command("dbtHybrid.checkForUpdates", nil)
		if m := s.Next("window/showMessage"); !strings.Contains(string(m.Params), "not trusted") {
			t.Errorf("got %s", m.Params)
		}
		s.command("dbtHybrid.status", nil)
		s.shutdown()
		if s.started() {
			t.Error("a program was started")
		}
	})
	t.Run("with", func(t *testing.T) {
		s := newSession(t, shop)
		versions := make(chan string, 100)
		s.start(all, map[string]any{"trusted": true, "updates": map[string]any{"check": false}})
		s.Handle("dbtHybrid/status", func(m lsptest.Message) any {
			var p struct {
				Projects []struct {
					Engine struct{ First *struct{ Version string } }
				}
			}
			if json.Unmarshal(m.Params, &p) == nil && len(p.Projects) == 1 && p.Projects[0].Engine.First != nil {
				versions <- p.Projects[0].Engine.First.Version
			}
			return nil
		})
		for version := range versions {
			if version == "2.0.8" {
				break
			}
		}
		if !s.started() {
			t.Error("no program was started")
		}
		_ = s.Unread()
		s.shutdown()
	})
}

func TestHover(t *testing.T) {
	s := newSession(t, shop)
	s.write(".envrc", "export DBT_ENGINE=v2\n")
	s.write("models/engine.sql", "select '{{ env_var(\"DBT_ENGINE\") }}' as engine\n")
	s.start(all, nil)
	s.open("models/orders.sql", 1, s.read("models/orders.sql"))
	_ = s.diagnostics("models/engine.sql")
	_ = s.diagnostics("models/orders.sql")
	for _, test := range []struct {
		file            string
		line, character int
		want            []string // none: no hover
	}{
		{"profiles.yml", 5, 26, []string{"**`DBT_HOST`**: set in .env, line 1", "Every dbt command needs it here.", "In .env.example, line 1.", "[profiles.yml:6]("}},
		{"profiles.yml", 8, 35, []string{"DBT_ENV_SECRET_PASSWORD", "set in .env, line 2", "A secret"}},
		{"profiles.yml", 0, 1, nil},
		{".env", 0, 3, []string{"DBT_HOST", "set in .env, line 1"}},
		{".env", 1, 30, []string{"DBT_ENV_SECRET_PASSWORD", "set in .env, line 2"}},
		{".env", 2, 0, nil},
		{".env.example", 1, 3, []string{"DBT_ENV_SECRET_PASSWORD", "In .env.example, line 2."}},
		{"models/orders.sql", 0, 22, []string{"DBT_REGION", "set nowhere", "This call has a default.", "Not in .env.example."}},
		{"models/engine.sql", 0, 22, []string{"DBT_ENGINE", "set only in what .envrc starts.", "Every dbt command needs it here."}},
		{"dbt_project.yml", 0, 3, nil},
	} {
		var got *struct {
			Contents struct{ Kind, Value string }
			Range    textRange
		}
		s.Call("textDocument/hover", map[string]any{
			"textDocument": map[string]any{"uri": s.uri(test.file)},
			"position":     map[string]int{"line": test.line, "character": test.character},
		}, &got)
		if len(test.want) == 0 {
			if got != nil {
				t.Errorf("%s:%d:%d: %+v", test.file, test.line, test.character, got)
			}
			continue
		}
		if got == nil {
			t.Errorf("%s:%d:%d: nothing", test.file, test.line, test.character)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(got.Contents.Value, want) {
				t.Errorf("%s:%d:%d: no %q in:\n%s", test.file, test.line, test.character, want, got.Contents.Value)
			}
		}
	}
	s.shutdown()
}

func TestInlayHints(t *testing.T) {
	s := newSession(t, shop)
	s.start(strings.Replace(all, `"applyEdit"`, `"inlayHint": {"refreshSupport": true}, "applyEdit"`, 1), nil)
	hints := func(name string, where map[string]any) string {
		var got []struct {
			Position position
			Label    string
		}
		s.Call("textDocument/inlayHint", map[string]any{"textDocument": map[string]any{"uri": s.uri(name)}, "range": where}, &got)
		var all []string
		for _, h := range got {
			all = append(all, fmt.Sprintf("%d:%d %s", h.Position.Line, h.Position.Character, h.Label))
		}
		return strings.Join(all, "; ")
	}
	if got := hints("profiles.yml", span(0, 0, 20, 0)); got != "5:35 from .env; 8:54 from .env" {
		t.Errorf("profiles.yml: %q", got)
	}
	if got := hints("profiles.yml", span(0, 0, 6, 0)); got != "5:35 from .env" {
		t.Errorf("the upper half: %q", got)
	}
	if got := hints("models/orders.sql", span(0, 0, 1, 0)); got != "0:38 default" {
		t.Errorf("a model: %q", got)
	}
	// What the hints say changes with another file: the client is to ask again.
	s.open(".env", 1, env)
	_ = s.diagnostics(".env")
	s.edit(".env", 2, replace(0, 0, 0, 0, "# comment\n"))
	s.edit(".env", 3, whole("DBT_HOST=\n"))
	s.Answer(s.Next("workspace/inlayHint/refresh"), nil)
	if got := hints("profiles.yml", span(0, 0, 20, 0)); got != "5:35 empty, from .env; 8:54 not set" {
		t.Errorf("without values: %q", got)
	}
	_ = s.diagnostics("profiles.yml")
	s.edit(".env", 4, whole("DBT_HOST=\n# nothing that hints tell\n"))
	s.mu.Lock()
	s.settings[s.uri("")] = map[string]any{"rules": rules(nil), "inlayHints": map[string]any{"enable": false}}
	s.mu.Unlock()
	s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
	for hints("profiles.yml", span(0, 0, 20, 0)) != "" {
		continue // until the settings have come
	}
	s.shutdown()
}

func TestDefinition(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	var got []struct {
		URI   string
		Range textRange
	}
	s.Call("textDocument/definition", map[string]any{
		"textDocument": map[string]any{"uri": s.uri("profiles.yml")}, "position": map[string]int{"line": 8, "character": 35},
	}, &got)
	if len(got) != 1 || got[0].URI != s.uri(".env") || got[0].Range.Start.Line != 1 {
		t.Errorf("got %+v", got)
	}
	s.shutdown()
}

func TestCompletion(t *testing.T) {
	for _, test := range []struct {
		name, file, text string // "|" is the cursor
		want             string // the text after the first item is taken; "": nothing offered
		labels           string
	}{
		{"a key", ".env", "DBT_R|\n", "DBT_REGION=\n", "DBT_ENV_SECRET_PASSWORD DBT_HOST DBT_REGION"},
		{"an empty line", ".env", "DBT_HOST=x\n|\n", "", "DBT_ENV_SECRET_PASSWORD DBT_REGION"},
		{"a key before its value", ".env", "DBT_R|=x\n", "DBT_REGION=x\n", "DBT_ENV_SECRET_PASSWORD DBT_HOST DBT_REGION"},
		{"an exported key", ".env", "export DBT_R|\n", "export DBT_REGION=\n", "DBT_ENV_SECRET_PASSWORD DBT_HOST DBT_REGION"},
		{"a value", ".env", "DBT_HOST=D|\n", "", ""},
		{"a comment", ".env", "# D|\n", "", ""},
		{"a name", "models/new.sql", "select '{{ env_var('DBT_R|') }}'", "select '{{ env_var('DBT_REGION') }}'", "DBT_ENV_SECRET_PASSWORD DBT_HOST DBT_REGION"},
		{"a name without an end", "models/new.sql", "{{ env_var( \"DBT_R|", "{{ env_var( \"DBT_REGION", "DBT_ENV_SECRET_PASSWORD DBT_HOST DBT_REGION"},
		{"a name in the middle", "models/new.sql", "{{ env_var('DBT_R|EG') }}", "{{ env_var('DBT_REGION') }}", "DBT_ENV_SECRET_PASSWORD DBT_HOST DBT_REGION"},
		{"another function", "models/new.sql", "{{ my_env_var('D|') }}", "", ""},
		{"no function", "models/new.sql", "select 'D|'", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSession(t, shop)
			s.start(all, nil)
			before, after, _ := strings.Cut(test.text, "|")
			content := before + after
			s.open(test.file, 1, content)
			var items []struct {
				Label, Detail string
				TextEdit      textEdit
			}
			lines := strings.Split(before, "\n")
			s.Call("textDocument/completion", map[string]any{
				"textDocument": map[string]any{"uri": s.uri(test.file)},
				"position":     map[string]int{"line": len(lines) - 1, "character": len(lines[len(lines)-1])},
			}, &items)
			var labels []string
			for _, item := range items {
				labels = append(labels, item.Label)
				if item.Label == "DBT_REGION" && test.want != "" {
					l := text.NewLines([]byte(content))
					got, err := text.Apply([]byte(content), []text.Edit{{New: item.TextEdit.NewText, Span: text.Span{
						Start: l.Decoded(uint32(item.TextEdit.Range.Start.Line), uint32(item.TextEdit.Range.Start.Character), text.UTF8),
						End:   l.Decoded(uint32(item.TextEdit.Range.End.Line), uint32(item.TextEdit.Range.End.Character), text.UTF8),
					}}})
					if err != nil || !bytes.Equal(got, []byte(test.want)) {
						t.Errorf("taken: %q, %v", got, err)
					}
				}
			}
			slices.Sort(labels)
			labels = slices.DeleteFunc(labels, func(l string) bool { return strings.HasPrefix(l, "DBT_R") && l != "DBT_REGION" })
			if got := strings.Join(labels, " "); got != test.labels {
				t.Errorf("offered %q, want %q", got, test.labels)
			}
			s.Call("shutdown", nil, nil)
			s.drain()
		})
	}
}

// drain ends a session whose diagnostics do not matter.
func (s *session) drain() {
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	for _, m := range s.Unread() {
		_ = s.Next(m.Method)
	}
	s.Notify("exit", nil)
	<-s.exit
}
