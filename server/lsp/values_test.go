package lsp

import (
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

// valued is a project whose values may be seen, but for those that hold the canary.
const valued = `
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
      user: "{{ env_var('DBT_USER') }}"
      password: "{{ env_var('DBT_WORD') }}"
      dbname: "{{ env_var('DBT_SERVICE_TOKEN') }}"
      schema: "{{ env_var('DBT_SCHEMA') }}"
      search_path: "{{ env_var('DBT_URL') }}"
      role: "{{ env_var('DBT_ENV_SECRET_ROLE') }}"
      sslmode: "{{ env_var('DBT_LONG') }}"
      application_name: "{{ env_var('DBT_RANDOM') }}"
-- .env --
DBT_HOST=localhost
DBT_WORD=CANARY-7f3a
DBT_SERVICE_TOKEN=CANARY-7f3a
DBT_SCHEMA="two` + "`" + `ticks"
DBT_URL=postgres://me:CANARY-7f3a/x@host/db
DBT_ENV_SECRET_ROLE=CANARY-7f3a
DBT_LONG=abcdefghijabcdefghijabcdefghijabcdefghij
DBT_RANDOM=CANARY-7f3aQ8zL1xV5rT0bN9mK
DBT_HOST=twice
`

// TestShowValues sees the values of variables that are no secrets, when somebody
// wants to, and never others. The session fails if the canary is in a message.
func TestShowValues(t *testing.T) {
	s := newSession(t, valued)
	s.start(strings.Replace(all, `"applyEdit"`, `"inlayHint": {"refreshSupport": true}, "applyEdit"`, 1),
		map[string]any{"dbt": map[string]any{"environmentVariables": map[string]any{"DBT_USER": canary}}})
	_ = s.diagnostics(".env") // so that hints have been seen once
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	hints := func() string {
		var got []struct{ Label string }
		s.Call("textDocument/inlayHint", map[string]any{"textDocument": map[string]any{"uri": s.uri("profiles.yml")}, "range": span(0, 0, 99, 0)}, &got)
		var all []string
		for _, h := range got {
			all = append(all, h.Label)
		}
		return strings.Join(all, "; ")
	}
	hover := func(line int) string {
		var got struct{ Contents struct{ Value string } }
		s.Call("textDocument/hover", map[string]any{
			"textDocument": map[string]any{"uri": s.uri("profiles.yml")}, "position": map[string]int{"line": line, "character": 35},
		}, &got)
		return got.Contents.Value
	}
	const host, schema = 5, 10
	if got := hints() + hover(host) + hover(schema); strings.Contains(got, "localhost") || strings.Contains(got, "ticks") {
		t.Errorf("unasked: %s", got)
	}
	s.mu.Lock()
	s.settings[s.uri("")] = map[string]any{
		"rules": rules(nil), "showValues": "notSecret",
		"dbt": map[string]any{"environmentVariables": map[string]any{"DBT_USER": canary}},
	}
	s.mu.Unlock()
	s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
	s.Answer(s.Next("workspace/inlayHint/refresh"), nil)
	want := "= localhost, from .env; from editor; from .env; from .env; = two`ticks, from .env; from .env; from .env; = abcdefghijabcdefghijabcdefghij…, from .env; from .env"
	if got := hints(); got != want {
		t.Errorf("hints:\n%s\nnot\n%s", got, want)
	}
	if got := hover(host); !strings.Contains(got, "Its value is `localhost`.") {
		t.Errorf("hover: %s", got)
	}
	if got := hover(schema); !strings.Contains(got, "Its value is ``two`ticks``.") {
		t.Errorf("hover: %s", got)
	}
	for line := range 16 {
		if got := hover(line); strings.Contains(got, "value is") && line != host && line != schema && !strings.Contains(got, "DBT_LONG") {
			t.Errorf("line %d: %s", line, got)
		}
	}
	s.open(".env", 1, "DBT_HOST=elsewhere\n")
	s.Answer(s.Next("workspace/inlayHint/refresh"), nil)
	if got := hints(); !strings.HasPrefix(got, "= elsewhere, from .env; ") {
		t.Errorf("after an edit: %s", got)
	}
	s.drain()
}

func TestShortened(t *testing.T) {
	for value, want := range map[string]string{
		"plain": "plain", "a\nb": `"a\nb"`, "größer als zehn": "größer als…", "\x1b[1m": `"\x1b[1m"`, "": "",
	} {
		if got := shortened(value, 10); got != want {
			t.Errorf("%q: %q, not %q", value, got, want)
		}
	}
}
