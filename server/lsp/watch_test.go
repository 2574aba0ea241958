package lsp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestClientThatWatchesNothing: the server looks at the disk itself.
func TestClientThatWatchesNothing(t *testing.T) {
	s := newSession(t, shop)
	s.write(".env", duplicate)
	s.start(little, nil)
	if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
		t.Fatalf("got %q", got)
	}
	s.untilWatched(s.dir)
	s.replaceFile(".env", env)
	if got := s.diagnostics(".env").codes(); got != "" {
		t.Fatalf("written: %q", got)
	}
	s.replaceFile("models/orders.sql", "select '{{ env_var(\"DBT_NEW\") }}'\n")
	if got := s.diagnostics("models/orders.sql").codes(); !strings.HasPrefix(got, "env-missing@0:20") {
		t.Fatalf("a model written: %q", got)
	}
	s.shutdown()
}

// TestHomeIsWatched: for a client that does not watch outside the workspace.
func TestHomeIsWatched(t *testing.T) {
	files := "-- dbt_project.yml --\nname: shop\nprofile: shop\n"
	s := newSession(t, files)
	s.start(strings.Replace(all, `"relativePatternSupport": true`, `"relativePatternSupport": false`, 1), nil)
	if got := s.diagnostics("dbt_project.yml").codes(); !strings.Contains(got, "profiles-not-found") {
		t.Fatalf("got %q", got)
	}
	dir := filepath.Join(s.home, ".dbt")
	s.untilWatched(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	content := "shop:\n  outputs:\n    default:\n      type: postgres\n      host: h\n      user: u\n      password: p\n      port: 5432\n      dbname: d\n      schema: s\n"
	if err := os.WriteFile(filepath.Join(dir, "profiles.yml"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := s.diagnostics("dbt_project.yml").codes(); strings.Contains(got, "profiles-not-found") {
		t.Fatalf("written: %q", got)
	}
	s.shutdown()
}

// untilWatched waits until the server watches a folder: it says so in its log.
func (s *session) untilWatched(dir string) {
	s.t.Helper()
	s.untilLogged("watching", dir)
}

func (s *session) untilLogged(message, folder string) {
	s.t.Helper()
	for {
		if slices.ContainsFunc(s.logged(), func(e entry) bool { return e.message == message && e.fields["folder"] == folder }) {
			return
		}
		s.command("dbtHybrid.status", nil) // time passes
	}
}

// replaceFile writes as careful editors do: beside it, and renamed over it.
func (s *session) replaceFile(name, content string) {
	s.t.Helper()
	s.write(name+".new", content)
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := os.Rename(path+".new", path); err != nil {
		s.t.Fatal(err)
	}
}

func TestRegistrations(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	both := <-s.registered + <-s.registered
	for _, want := range []string{`"workspace/didChangeConfiguration"`, `"section":"dbtHybrid"`, `"workspace/didChangeWatchedFiles"`, `**/`, `"baseUri":"file:`, `.dbt"`} {
		if !strings.Contains(both, want) {
			t.Errorf("no %s in %s", want, both)
		}
	}
	s.shutdown()
}
