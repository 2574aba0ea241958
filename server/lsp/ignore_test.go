package lsp

import "testing"

// TestIgnoreHere suppresses a finding from the editor: the action comes last,
// and once its comment stands in the document the finding is gone.
func TestIgnoreHere(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	open := map[string]string{".env": env + "DBT_HOST=localhost\n"}
	s.open(".env", 7, open[".env"])
	if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
		t.Fatalf("got %q", got)
	}
	got := s.actions(".env", span(2, 3, 2, 3))
	if len(got) < 2 {
		t.Fatalf("actions: %s", titles(got))
	}
	last := got[len(got)-1]
	if last.Title != "Ignore env-duplicate here" || last.IsPreferred || last.Kind != "quickfix" || got[0].Title == last.Title {
		t.Errorf("actions: %s; the last one: %+v", titles(got), last)
	}
	s.apply(last.Edit, open)
	if want := env + "# dbt-hybrid: ignore env-duplicate\nDBT_HOST=localhost\n"; open[".env"] != want {
		t.Errorf("got %q", open[".env"])
	}
	s.edit(".env", 8, whole(open[".env"]))
	if got := s.diagnostics(".env").codes(); got != "" {
		t.Errorf("there is still %q", got)
	}
	s.drain()
}
