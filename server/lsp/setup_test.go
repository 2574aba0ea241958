//go:build unix

package lsp

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	plans "github.com/dbt-hybrid/dbt-hybrid/server/setup"
)

const teamFiles = `
-- shop/dbt_project.yml --
name: shop
profile: shop
-- shop/profiles.yml --
shop: {target: dev, outputs: {dev: {type: duckdb, path: x, schema: main, password: CANARY-7f3a}}}
-- shop/.env --
DBT_A=CANARY-7f3a
-- shop/.env.example --
DBT_PASSWORD=op://shop/warehouse/password
-- .git/HEAD --
ref: refs/heads/main
-- Makefile --
all:
	echo
-- .devcontainer.json --
{
  "image": "mcr.microsoft.com/devcontainers/base:ubuntu", // ours
}
`

// setUp asks for one thing, and returns how many files were changed.
func (s *session) setUp(project, what string) (files int) {
	s.t.Helper()
	s.run(report.SetUp, &files, map[string]any{"project": project, "what": what})
	return files
}

// untilSearched waits until the server has looked for the dbts of the machine.
func (s *session) untilSearched(statuses <-chan struct{}) {
	s.t.Helper()
	for !slices.ContainsFunc(s.engineLines(), func(line string) bool { return strings.HasPrefix(line, "→ HOME/bin/dbt") }) {
		select {
		case <-statuses:
		case <-time.After(lsptest.Patience):
			s.t.Fatalf("no dbt is found: %q", s.engineLines())
		}
	}
}

// TestSetUp makes every change twice: in a document that is open and not saved,
// in files that are closed, and in new ones.
func TestSetUp(t *testing.T) {
	s := newSession(t, teamFiles)
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	open := map[string]string{"Makefile": "all:\n\techo unsaved\n"}
	s.start(all, trusting())
	statuses := s.engineNews()
	s.open("Makefile", 1, open["Makefile"])
	s.answerEdits(open)
	s.Handle("window/showDocument", func(lsptest.Message) any { return map[string]any{"success": true} })
	s.untilSearched(statuses)
	version := 1
	for what, files := range map[string]int{"devcontainer": 1, "dev-target": 1, "contributing": 1, "env-script": 2} {
		if got := s.setUp(s.uri("shop"), what); got != files {
			t.Errorf("%s: %d files", what, got)
		}
		version++
		s.edit("Makefile", version, whole(open["Makefile"]))
	}
	for _, want := range []string{"all:\n\techo unsaved\n\n# ", "\tcd shop && dbt debug --target dev\n", "\tcd shop && sh scripts/dbt-env.sh\n"} {
		if !strings.Contains(open["Makefile"], want) {
			t.Errorf("no %q in %q", want, open["Makefile"])
		}
	}
	if got := s.read(".devcontainer.json"); !strings.Contains(got, "// ours\n") || !strings.Contains(got, "\"postStartCommand\"") {
		t.Errorf("%s", got)
	}
	for _, name := range []string{"CONTRIBUTING.md", "shop/scripts/dbt-env.sh"} {
		if !s.has(name) {
			t.Errorf("there is no %s", name)
		}
	}
	for _, what := range plans.All() {
		if got := s.setUp(s.path("shop"), string(what)); got != 0 {
			t.Errorf("%s, the second time: %d files", what, got)
		}
		if said := s.said(); !strings.Contains(said, "already") {
			t.Errorf("%s: %s", what, said)
		}
	}
	s.shutdown()
}

// TestSetUpOffers: the status view offers what is not there, and a client can
// send what it offers.
func TestSetUpOffers(t *testing.T) {
	s := newSession(t, teamFiles)
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	s.start(all, trusting())
	statuses := s.engineNews()
	s.answerEdits(nil)
	s.Handle("window/showDocument", func(lsptest.Message) any { return map[string]any{"success": true} })
	s.Handle("window/showMessage", func(lsptest.Message) any { return nil })
	s.untilSearched(statuses)
	var v struct {
		Projects []struct{ Concerns []actionNode }
	}
	s.Call("dbtHybrid/statusView", map[string]any{}, &v)
	offered := map[string]bool{}
	var try func(n actionNode)
	try = func(n actionNode) {
		for _, child := range n.Children {
			try(child)
		}
		for _, a := range n.Actions {
			if a.Command != report.SetUp {
				continue
			}
			offered[n.Key] = true
			var files int
			s.run(a.Command, &files, a.Arguments...)
			if files == 0 || a.Title == "" {
				t.Errorf("%+v changes %d files", a, files)
			}
		}
	}
	for _, concern := range v.Projects[0].Concerns {
		try(concern)
	}
	if len(offered) != len(plans.All()) {
		t.Errorf("offered: %v", offered)
	}
	s.shutdown()
}

// TestSetUpSaysWhy: what cannot be done is said, and nothing is changed.
func TestSetUpSaysWhy(t *testing.T) {
	s := newSession(t, teamFiles)
	s.write(".devcontainer.json", "{ nothing of the kind")
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	s.start(all, trusting())
	statuses := s.engineNews()
	s.untilSearched(statuses)
	if got := s.setUp("", "devcontainer"); got != 0 {
		t.Errorf("%d files", got)
	}
	if said := s.said(); !strings.Contains(said, "cannot be read as JSON with comments") {
		t.Error(said)
	}
	for _, args := range [][]any{nil, {"shop"}, {map[string]any{"project": s.path("shop"), "what": "moon"}}, {map[string]any{"project": "/nowhere", "what": "dev-target"}}} {
		if m := s.Wait(s.Start("workspace/executeCommand", map[string]any{"command": report.SetUp, "arguments": args})); m.Error == nil {
			t.Errorf("%v is taken", args)
		}
	}
	s.shutdown()
}

// TestSetUpInAnUntrustedFolder is refused, with a reason.
func TestSetUpInAnUntrustedFolder(t *testing.T) {
	s := newSession(t, teamFiles)
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	s.start(all, nil)
	for _, what := range plans.All() {
		if got := s.setUp(s.path("shop"), string(what)); got != 0 {
			t.Errorf("%s: %d files", what, got)
		}
		if said := s.said(); !strings.Contains(said, "not trusted") {
			t.Errorf("%s: %s", what, said)
		}
	}
	if s.has("CONTRIBUTING.md") || s.has("shop/scripts/dbt-env.sh") {
		t.Error("something was written")
	}
	s.shutdown()
}
