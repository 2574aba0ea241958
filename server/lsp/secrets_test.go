package lsp

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

// leaky is a project with a secret wherever one can be, and with a mistake
// beside most of them.
const leaky = `
-- dbt_project.yml --
name: leaky
profile: leaky
vars:
  token: "{{ env_var('DBT_TOKEN', 'CANARY-7f3a') }}"
-- profiles.yml --
leaky:
  target: dev
  outputs:
    dev:
      type: snowflake
      account: "{{ env_var('DBT_ACCOUNT') }}"
      user: {{ env_var('DBT_USER') }}
      password: CANARY-7f3a
      private_key_passphrase: "{{ env_var('DBT_ENV_SECRET_PHRASE') }}"
      threads: "{{ env_var('DBT_THREADS') | as_number }}"
      schema: "{{ env_var('DBT_SCHEMA') }}"
-- .env --
DBT_ACCOUNT=CANARY-7f3a
DBT_ACCOUNT=CANARY-7f3a-2
export DBT_USER="CANARY-7f3a"
DBT_ENV_SECRET_PHRASE=CANARY-7f3a # it's CANARY-7f3a
DBT_THREADS=CANARY-7f3a
DBT_NUMBER=12345CANARY-7f3a
DBT_URL=https://user:CANARY-7f3a@host/$HOME/$CANARY
DBT_JINJA="{{ CANARY-7f3a }}"
DBT_REFERENCE=op://CANARY-7f3a/x
DBT_SCHEMA=two words CANARY-7f3a
DBT_LOST=CANARY-7f3a
-- .env.example --
DBT_ACCOUNT=CANARY-7f3a
DBT_KEY=sk-CANARY-7f3a-0123456789abcdef0123456789abcdef
-- .env.local --
DBT_ACCOUNT=CANARY-7f3a
-- models/orders.sql --
select '{{ env_var("DBT_TOKEN", "CANARY-7f3a") }}', '{{ env_var("DBT_LOST") }}'
-- models/schema.yml --
models:
  - name: orders
    description: "{{ env_var('DBT_SCHEMA') }}"
`

func leakyFiles() []string {
	return []string{".env", ".env.example", "profiles.yml", "dbt_project.yml", "models/orders.sql", "models/schema.yml"}
}

// TestNoValueGetsOut asks for everything everywhere. The session itself fails
// if a secret is in a message or in the log.
func TestNoValueGetsOut(t *testing.T) {
	s := newSessionWith(t, leaky, Options{Environ: []string{"DBT_NUMBER=CANARY-7f3a-3"}})
	s.settings[s.uri("")] = map[string]any{"dbt": map[string]any{"environmentVariables": map[string]any{"DBT_USER": canary}}}
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	s.start(all, map[string]any{"rules": map[string]any{}, "dbt": map[string]any{"environmentVariables": map[string]any{"DBT_USER": canary}}})
	for _, name := range leakyFiles() {
		s.open(name, 1, s.read(name))
	}
	for _, name := range leakyFiles() {
		document := map[string]any{"uri": s.uri(name)}
		for line, content := range strings.Split(s.read(name), "\n") {
			for character := 0; character <= len(content); character += 3 {
				at := map[string]any{"textDocument": document, "position": map[string]int{"line": line, "character": character}}
				s.Call("textDocument/hover", at, nil)
				s.Call("textDocument/definition", at, nil)
				s.Call("textDocument/completion", at, nil)
			}
		}
		s.Call("textDocument/inlayHint", map[string]any{"textDocument": document, "range": span(0, 0, 100, 0)}, nil)
	}
	s.command("dbtHybrid.status", nil)
	for i, name := range leakyFiles() { // edits that nobody understands
		s.edit(name, 2+i, replace(0, 0, 0, 0, canary), map[string]any{"range": canary, "text": canary})
		s.edit(name, 3+i, canary)
	}
	s.shutdown()
	if n := strings.Count(s.output.String(), `"code":"`); n < 5 {
		t.Errorf("%d findings only", n)
	}
}

// TestActionsTellNoValue: an edit may carry a value to its new place; a title,
// a diagnostic or a command may not.
func TestActionsTellNoValue(t *testing.T) {
	s := newSession(t, leaky)
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	s.start(all, map[string]any{"rules": map[string]any{}, "trusted": false, "clientCommands": []string{"dbtHybrid.runInTerminal"}})
	for _, name := range leakyFiles() {
		var actions []map[string]json.RawMessage
		s.Call("textDocument/codeAction", map[string]any{
			"textDocument": map[string]any{"uri": s.uri(name)}, "range": span(0, 0, 100, 0),
			"context": map[string]any{"diagnostics": []any{}, "only": []string{"quickfix", "source"}},
		}, &actions)
		for _, a := range actions {
			delete(a, "edit")
			if shown := fmt.Sprintf("%s", a); strings.Contains(shown, canary) {
				t.Errorf("%s: %s", name, strings.ReplaceAll(shown, canary, "(the secret)"))
			}
		}
	}
	s.output.reset()
	s.shutdown()
}
