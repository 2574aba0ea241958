package lsp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/uri"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// TestSharedProfiles: a finding in a file that several projects share names its
// project, and equal ones are one.
func TestSharedProfiles(t *testing.T) {
	s := newSession(t, `
-- a/dbt_project.yml --
name: first
profile: shop
-- a/.gitignore --
.env
-- b/dbt_project.yml --
name: second
profile: shop
-- c/dbt_project.yml --
name: third
profile: shop
-- c/.env --
DBT_HOST=x
`)
	dir := filepath.Join(s.home, ".dbt")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "profiles.yml")
	profiles := "shop:\n  outputs:\n    default:\n      type: postgres\n      host: \"{{ env_var('DBT_HOST') }}\"\n"
	if err := os.WriteFile(path, []byte(profiles), 0o644); err != nil {
		t.Fatal(err)
	}
	s.start(all, nil)
	real, err := filepath.Rel(s.dir, path)
	if err != nil {
		t.Fatal(err)
	}
	got := s.diagnostics(real)
	if got.URI != string(uri.File(path)) || got.codes() != "env-missing@4:25" {
		t.Fatalf("got %+v", got)
	}
	var projects []string
	for _, r := range got.Diagnostics[0].RelatedInformation {
		projects = append(projects, r.Message)
	}
	if strings.Join(projects, "; ") != "project first; project second" {
		t.Errorf("related: %v", projects)
	}
	s.shutdown()
}

// TestPanicInARule: one look is lost, not the session.
func TestPanicInARule(t *testing.T) {
	panics := make(chan bool, 1)
	panics <- true
	s := newSessionWith(t, shop, Options{check: func(p *workspace.Project, o diagnostics.Options) []diagnostics.Finding {
		select {
		case <-panics:
			panic(canary)
		default:
			return diagnostics.Check(p, o)
		}
	}})
	s.start(all, nil)
	for len(panics) > 0 {
		_ = s.Wait(s.Start("dbtHybrid/nothing", nil)) // time passes
	}
	s.open(".env", 1, duplicate)
	if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
		t.Errorf("got %q", got)
	}
	s.shutdown()
}

// TestRuleThatPanics: what the other rules find is shown.
func TestRuleThatPanics(t *testing.T) {
	s := newSessionWith(t, shop, Options{check: func(p *workspace.Project, o diagnostics.Options) []diagnostics.Finding {
		for _, rule := range diagnostics.Rules() {
			if rule.Code == "env-parse" {
				speak := rule.Check
				rule.Check = func(*workspace.Project, func(diagnostics.Finding)) { panic(canary) }
				defer func() { rule.Check = speak }()
			}
		}
		return diagnostics.Check(p, o)
	}})
	s.write(".env", duplicate)
	s.start(all, nil)
	if got := s.diagnostics(".env").codes(); got != "env-duplicate@2:0" {
		t.Errorf("got %q", got)
	}
	logged := func(e entry) bool { return e.message == "panic" && e.fields["in"] == "env-parse" }
	if !slices.ContainsFunc(s.logged(), logged) {
		t.Error("the log says nothing of it")
	}
	s.shutdown()
}
