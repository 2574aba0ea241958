package lsp

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

const linked = `
-- dbt_project.yml --
name: shop
profile: shop
dbt-cloud:
  project-id: 12
-- profiles.yml --
shop: {target: dev, outputs: {dev: {type: duckdb, path: x, schema: main}}}
`

const cloudFile = `version: "1"
context:
  active-host: abc.us1.dbt.com
  active-project: "12"
projects:
  - project-name: Shop
    project-id: "12"
    account-name: acme
    account-id: "34"
    account-host: abc.us1.dbt.com
    token-name: mine
    token-value: dbtu_` + canary + `
`

const (
	keptManifest = "target/dbt_cloud_defer/manifest.json"
	keptInfo     = "target/dbt_cloud_defer/manifest.info"
	keptEditor   = "target/.lsp/dbt_cloud_defer/manifest.json"
)

// linkedSession is a checkout that is linked to dbt platform.
func linkedSession(t *testing.T, files string, options map[string]any) *session {
	t.Helper()
	s := newSession(t, files)
	s.must(os.MkdirAll(filepath.Join(s.home, ".dbt"), 0o755), os.WriteFile(filepath.Join(s.home, ".dbt", "dbt_cloud.yml"), []byte(cloudFile), 0o600))
	s.start(all, options)
	return s
}

func trusting() map[string]any { return map[string]any{"trusted": true} }

func (s *session) has(name string) bool {
	_, err := os.Lstat(s.path(name))
	return err == nil
}

// run sends a command with arguments.
func (s *session) run(command string, result any, args ...any) {
	s.t.Helper()
	s.Call("workspace/executeCommand", map[string]any{"command": command, "arguments": args}, result)
}

func (s *session) said() string {
	s.t.Helper()
	return string(s.Next("window/showMessage").Params)
}

func TestClearDeferCache(t *testing.T) {
	s := linkedSession(t, linked, trusting())
	others := []string{"target/manifest.json", "target/dbt_cloud_defer/other.json", "target/dbt_cloud_publications/up.json"}
	for _, name := range append(others, keptManifest, keptInfo, keptEditor) {
		s.write(name, "{}")
	}
	var deleted int
	s.run("dbtHybrid.clearDeferCache", &deleted, s.dir)
	if deleted != 3 || s.has(keptManifest) || s.has(keptInfo) || s.has(keptEditor) {
		t.Errorf("%d files deleted", deleted)
	}
	if said := s.said(); !strings.Contains(said, "Deleted 3 files.") {
		t.Error(said)
	}
	for _, name := range others {
		if !s.has(name) {
			t.Errorf("%s is gone", name)
		}
	}
	s.run("dbtHybrid.clearDeferCache", &deleted)
	if said := s.said(); deleted != 0 || !strings.Contains(said, "has kept no manifest") {
		t.Errorf("again: %d files, %s", deleted, said)
	}
	s.drain()
}

// TestClearPublications deletes what dbt keeps of the declared projects, and nothing
// else; the tree offers it, and knows at once.
func TestClearPublications(t *testing.T) {
	const up, info, other = "target/dbt_cloud_publications/up.json", "target/dbt_cloud_publications/up.info", "target/dbt_cloud_publications/other.json"
	s := newSession(t, linked)
	s.write("dependencies.yml", "projects:\n  - name: up\n")
	for _, name := range []string{up, info, other, keptManifest} {
		s.write(name, "{}")
	}
	s.start(all, trusting())
	artifact := s.view().find(t, "platform", "mesh", "project:0:up", "artifact")
	if len(artifact.Actions) != 1 || artifact.Actions[0].Command != "dbtHybrid.clearPublications" {
		t.Errorf("%+v", artifact)
	}
	var deleted int
	s.run("dbtHybrid.clearPublications", &deleted, s.dir)
	if deleted != 2 || s.has(up) || s.has(info) || !s.has(other) || !s.has(keptManifest) {
		t.Errorf("%d files deleted", deleted)
	}
	if n := s.view().find(t, "platform", "mesh", "project:0:up", "artifact"); n.Value != "absent" || len(n.Actions) != 0 {
		t.Errorf("%+v", n)
	}
	s.run("dbtHybrid.clearPublications", &deleted)
	if said := s.said(); deleted != 0 || !strings.Contains(said, "Deleted 2 files.") {
		t.Errorf("%d files, %s", deleted, said)
	}
	if said := s.said(); !strings.Contains(said, "dbt has kept nothing of other projects here.") {
		t.Error(said)
	}
	s.drain()
}

// TestClearDeferCacheShows holds that the tree knows at once.
func TestClearDeferCacheShows(t *testing.T) {
	s := newSession(t, linked)
	s.must(os.MkdirAll(filepath.Join(s.home, ".dbt"), 0o755), os.WriteFile(filepath.Join(s.home, ".dbt", "dbt_cloud.yml"), []byte(cloudFile), 0o600))
	s.write(keptManifest, `{"metadata": {"project_name": "other"}}`)
	s.start(all, trusting())
	if n := s.view().find(t, "platform", "deferral", "cache-other-environment"); n.Mark != "warning" {
		t.Errorf("%+v", n)
	}
	s.run("dbtHybrid.clearDeferCache", nil, s.dir)
	for _, n := range s.view().find(t, "platform", "deferral").Children {
		t.Errorf("left: %+v", n)
	}
	s.drain()
}

func TestClearDeferCacheRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		options map[string]any
		prepare func(s *session)
		want    string
	}{
		"a folder that nobody trusts": {nil, func(s *session) { s.write(keptManifest, "{}") }, "not trusted"},
		"a folder instead of a file": {trusting(), func(s *session) { s.write(keptManifest+"/x", "") },
			"Not everything is deleted: target/dbt_cloud_defer/manifest.json is a folder."},
		"a link out of the project": {trusting(), func(s *session) {
			s.write(keptManifest, "{}")
			outside := filepath.Join(s.home, "outside")
			s.must(os.MkdirAll(s.home, 0o755), os.Rename(s.path("target"), outside), os.Symlink(outside, s.path("target")))
		}, "leads out of the project"},
		"a target outside of the project": {trusting(), func(s *session) {
			outside := filepath.Join(s.home, "outside", "dbt_cloud_defer")
			s.must(os.MkdirAll(outside, 0o755), os.WriteFile(filepath.Join(outside, "manifest.json"), []byte("{}"), 0o600))
			s.write(".env", "DBT_TARGET_PATH="+filepath.Join(s.home, "outside")+"\n")
		}, "lies outside of the project"},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.Contains(name, "link") {
				t.Skip("links need rights there")
			}
			s := newSession(t, linked)
			test.prepare(s)
			s.start(all, test.options)
			var deleted int
			s.run("dbtHybrid.clearDeferCache", &deleted, s.dir)
			if said := s.said(); !strings.Contains(said, test.want) || deleted != 0 {
				t.Errorf("%d deleted; %s", deleted, said)
			}
			if _, err := os.Stat(filepath.Join(s.home, "outside", "dbt_cloud_defer", "manifest.json")); err != nil && strings.Contains(name, "out") && !strings.Contains(name, "nobody") {
				t.Error(err)
			}
			s.drain()
		})
	}
}

// TestClearDeferCacheOfALink deletes the link, not what it leads to.
func TestClearDeferCacheOfALink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	s := newSession(t, linked)
	s.write(keptInfo, "1")
	outside := filepath.Join(s.home, "kept.json")
	s.must(os.WriteFile(outside, []byte("{}"), 0o600), os.Symlink(outside, s.path(keptManifest)))
	s.start(all, trusting())
	s.run("dbtHybrid.clearDeferCache", nil, s.dir)
	if _, err := os.Stat(outside); err != nil || s.has(keptManifest) {
		t.Errorf("%v, link there: %v", err, s.has(keptManifest))
	}
	s.drain()
}

func TestDeferralCommandsWithOddArguments(t *testing.T) {
	s := linkedSession(t, linked, trusting())
	for _, args := range [][]any{{"/nowhere", "x", "", 0}, {1, "x", "", 0}, {}, {s.dir}, {s.dir, "x", "", "0"}} {
		if reply := s.Wait(s.Start("workspace/executeCommand", map[string]any{"command": "dbtHybrid.mendDeferral", "arguments": args})); reply.Code() != -32602 {
			t.Errorf("%v: %v", args, reply)
		}
	}
	for _, args := range [][]any{{"/nowhere"}, {1}} {
		if reply := s.Wait(s.Start("workspace/executeCommand", map[string]any{"command": "dbtHybrid.clearDeferCache", "arguments": args})); reply.Code() != -32602 {
			t.Errorf("%v: %v", args, reply)
		}
	}
	s.run("dbtHybrid.mendDeferral", nil, s.dir, "nothing of that kind", "", 0)
	if said := s.said(); !strings.Contains(said, "Nothing to do") {
		t.Error(said)
	}
	s.drain()
}

// platformActions asks for the tree, and returns the actions on dbt platform.
func (s *session) platformActions() []nodeAction {
	s.t.Helper()
	var v struct {
		Projects []struct{ Concerns []actionNode }
	}
	s.Call("dbtHybrid/statusView", map[string]any{}, &v)
	var found []nodeAction
	var gather func(n actionNode)
	gather = func(n actionNode) {
		found = append(found, n.Actions...)
		for _, child := range n.Children {
			gather(child)
		}
	}
	for _, concern := range v.Projects[0].Concerns {
		if concern.Key == "platform" {
			gather(concern)
		}
	}
	return found
}

type nodeAction struct {
	Title, Command, Open, Shell string
	Arguments                   []any
}

type actionNode struct {
	Key      string
	Actions  []nodeAction
	Children []actionNode
}

// mend carries out the action of a title, as an editor does.
func (s *session) mend(title string) {
	s.t.Helper()
	actions := s.platformActions()
	i := slices.IndexFunc(actions, func(a nodeAction) bool { return strings.HasPrefix(a.Title, title) })
	if i < 0 {
		s.t.Fatalf("no %q among %+v", title, actions)
	}
	s.run(actions[i].Command, nil, actions[i].Arguments...)
}

// TestMendDeferral does what the tree offers, one after the other, until the
// project defers and nothing is left to say.
func TestMendDeferral(t *testing.T) {
	const project = "name: shop\nprofile: shop\nflags:\n  defer: false\n  debug: false\n"
	s := newSession(t, linked)
	s.must(os.MkdirAll(filepath.Join(s.home, ".dbt"), 0o755), os.WriteFile(filepath.Join(s.home, ".dbt", "dbt_cloud.yml"), []byte(cloudFile), 0o600))
	s.write("dbt_project.yml", project)
	s.write(".env", "DBT_STATE="+canary+"\nDBT_CLOUD_PROJECT_ID=13\n")
	s.write("Makefile", "x:\n\tdbt build --no-defer -s a\n")
	s.start(all, map[string]any{"trusted": true, "clientCommands": []string{"dbtHybrid.showStatus"}})
	s.answerEdits(nil)
	shown := make(chan string, 10)
	s.Handle("window/showDocument", func(m lsptest.Message) any {
		shown <- string(m.Params)
		return map[string]any{"success": true}
	})
	for _, step := range []struct{ title, file, want string }{
		{"Comment DBT_STATE out", ".env", "# DBT_STATE="},
		{"Link to the project Shop", "dbt_project.yml", project + "dbt-cloud:\n  project-id: \"12\"\n"},
		{"Comment DBT_CLOUD_PROJECT_ID out", ".env", "# DBT_CLOUD_PROJECT_ID=13\n"},
		{"Remove `defer: false`", "dbt_project.yml", "name: shop\nprofile: shop\nflags:\n  debug: false\ndbt-cloud:\n  project-id: \"12\"\n"},
		{"Remove `--no-defer`", "Makefile", "x:\n\tdbt build -s a\n"},
		{"Choose the environment", "dbt_project.yml", "  project-id: \"12\"\n  defer-env-id: \n"},
	} {
		s.mend(step.title)
		if got := s.read(step.file); !strings.Contains(got, step.want) {
			t.Fatalf("%s leaves %s", step.title, strings.ReplaceAll(got, canary, "(the secret)"))
		}
		s.changed(step.file)
	}
	var at struct {
		URI       string
		Selection struct{ Start struct{ Line, Character int } }
	}
	s.must(json.Unmarshal([]byte(<-shown), &at))
	if at.URI != s.uri("dbt_project.yml") || at.Selection.Start.Line != 6 || at.Selection.Start.Character != len("  defer-env-id: ") {
		t.Errorf("the cursor stands at %+v", at)
	}
	s.drain()
}

// TestOfferedActions leaves away what the client does not carry out.
func TestOfferedActions(t *testing.T) {
	for _, test := range []struct {
		commands []string
		want     bool
	}{{nil, false}, {[]string{"dbtHybrid.openSetting"}, true}} {
		s := linkedSession(t, linked, map[string]any{"clientCommands": test.commands, "dbt": map[string]any{"flag": map[string]any{"defer": false}}})
		actions := s.platformActions()
		got := slices.ContainsFunc(actions, func(a nodeAction) bool { return a.Command == "dbtHybrid.openSetting" })
		if got != test.want {
			t.Errorf("with %v the setting is offered: %v", test.commands, got)
		}
		for _, a := range actions {
			if set := []string{a.Command, a.Open, a.Shell}; len(slices.DeleteFunc(set, func(s string) bool { return s == "" })) != 1 || a.Title == "" {
				t.Errorf("an action does one thing: %+v", a)
			}
		}
		s.drain()
	}
}
