package lsp

import "testing"

// TestConfig changes dbt-hybrid.yml while the server runs: in the editor, on the
// disk, and under settings that win.
func TestConfig(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	s.open(".env", 1, env+"DBT_HOST=localhost\n")
	severity := func(want int) {
		t.Helper()
		shown := s.diagnostics(".env")
		if len(shown.Diagnostics) != 1 || shown.Diagnostics[0].Code != "env-duplicate" || shown.Diagnostics[0].Severity != want {
			t.Fatalf("got %+v", shown.Diagnostics)
		}
	}
	severity(2)
	s.open("dbt-hybrid.yml", 1, "rules: {env-duplicate: error}\n")
	severity(1)
	s.edit("dbt-hybrid.yml", 2, whole("rules: {env-duplicate: hint}\n"))
	severity(4)
	s.close("dbt-hybrid.yml")
	severity(2)
	s.write("dbt-hybrid.yml", "ignore: [.env]\n")
	s.changed("dbt-hybrid.yml")
	if got := s.diagnostics(".env").codes(); got != "" {
		t.Errorf("in an ignored file: %q", got)
	}
	s.drain()
}

func TestSettingsWinOverConfig(t *testing.T) {
	s := newSession(t, shop+"-- dbt-hybrid.yml --\nrules: {env-duplicate: error}\n")
	s.start(all, map[string]any{"rules": map[string]any{"env-duplicate": "info"}})
	s.open(".env", 1, env+"DBT_HOST=localhost\n")
	if shown := s.diagnostics(".env"); len(shown.Diagnostics) != 1 || shown.Diagnostics[0].Severity != 3 {
		t.Errorf("got %+v", shown.Diagnostics)
	}
	s.drain()
}
