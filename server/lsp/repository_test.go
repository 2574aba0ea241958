package lsp

import (
	"strings"
	"testing"
)

// TestConfigAboveTheFolder: the dbt-hybrid.yml of a repository may lie above the
// folder that is open, where the client watches nothing. It is looked at again
// when something is saved, and when the window gets the focus.
func TestConfigAboveTheFolder(t *testing.T) {
	var files strings.Builder
	for _, line := range strings.SplitAfter(shop, "\n") {
		files.WriteString(strings.Replace(line, "-- ", "-- shop/", 1))
	}
	s := newSession(t, strings.ReplaceAll(files.String(), "shop/-- ", "-- ")+"-- .git/HEAD --\nref: refs/heads/main\n")
	s.start(all, nil, "shop")
	s.open("shop/.env", 1, env+"DBT_HOST=localhost\n")
	severity := func(want int) {
		t.Helper()
		shown := s.diagnostics("shop/.env")
		if len(shown.Diagnostics) != 1 || shown.Diagnostics[0].Code != "env-duplicate" || shown.Diagnostics[0].Severity != want {
			t.Fatalf("got %+v", shown.Diagnostics)
		}
	}
	severity(2)
	s.write("dbt-hybrid.yml", "rules: {env-duplicate: error}\n")
	s.Notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": s.uri("shop/models/orders.sql")}})
	severity(1)
	s.changed("shop/models/orders.sql") // from now on events are known to come
	s.write("dbt-hybrid.yml", "rules: {env-duplicate: hint} \n")
	s.Notify("dbtHybrid/focus", map[string]any{})
	severity(4)
	s.drain()
}

// TestNothingIsIgnoredInPackages: a comment in an installed package would be lost
// with the next `dbt deps`, and suppresses nothing.
func TestNothingIsIgnoredInPackages(t *testing.T) {
	const model, packaged = "select '{{ env_var(\"DBT_ONE\") }}'\n", "select '{{ env_var(\"DBT_TWO\") }}'\n"
	s := newSession(t, shop+"-- dbt_packages/q/dbt_project.yml --\nname: q\n-- dbt_packages/q/models/a.sql --\n"+packaged+"-- models/b.sql --\n"+model)
	s.start(all, nil)
	offered := func(name, content string) bool {
		t.Helper()
		s.open(name, 1, content)
		if got := s.diagnostics(name).codes(); !strings.Contains(got, "env-missing") {
			t.Fatalf("%s: %q", name, got)
		}
		return strings.Contains(titles(s.actions(name, span(0, 20, 0, 20))), "Ignore ")
	}
	if !offered("models/b.sql", model) {
		t.Error("not offered in a model")
	}
	if offered("dbt_packages/q/models/a.sql", packaged) {
		t.Error("offered in an installed package")
	}
	s.drain()
}
