package lsp

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

type viewNode struct {
	Key, Label, Value, Mark string
	From                    *struct {
		Text, Path   string
		Line, Column int
	}
	Children []viewNode
	Actions  []struct{ Title, Command string }
}

type view struct {
	Projects []struct {
		Root     string
		Name     *string
		Concerns []viewNode
	}
}

// find returns the node at a path of keys.
func (v view) find(t *testing.T, keys ...string) viewNode {
	t.Helper()
	list, found := v.Projects[0].Concerns, viewNode{}
	for _, key := range keys {
		found = viewNode{}
		for _, n := range list {
			if n.Key == key {
				found = n
			}
		}
		if found.Key == "" {
			t.Fatalf("no %v in %+v", keys, v)
		}
		list = found.Children
	}
	return found
}

func (s *session) view() view {
	s.t.Helper()
	var v view
	s.Call("dbtHybrid/statusView", map[string]any{}, &v)
	return v
}

// TestStatusView asks for the tree: four concerns, each line with the place that
// it comes from, and no value.
func TestStatusView(t *testing.T) {
	s := newSession(t, shop)
	s.start(all, nil)
	v := s.view()
	if len(v.Projects) != 1 || v.Projects[0].Root != filepath.ToSlash(s.dir) || *v.Projects[0].Name != "shop" {
		t.Fatalf("got %+v", v)
	}
	var keys []string
	for _, concern := range v.Projects[0].Concerns {
		keys = append(keys, concern.Key)
	}
	if got := strings.Join(keys, " "); got != "credentials variables engine platform" {
		t.Errorf("concerns %s", got)
	}
	host := v.find(t, "variables", "DBT_HOST")
	if host.Mark != "ok" || host.From == nil || host.From.Path != filepath.Join(s.dir, ".env") || host.From.Line != 1 {
		t.Errorf("DBT_HOST is %+v", host)
	}
	s.open(".env", 1, "# comment\n"+env)
	if host := s.view().find(t, "variables", "DBT_HOST"); host.From.Line != 2 {
		t.Errorf("after an edit that nobody has saved: %+v", host.From)
	}
	s.drain()
}

// TestStatusViewOfNothing asks where there is no project.
func TestStatusViewOfNothing(t *testing.T) {
	s := newSession(t, "-- readme.txt --\nno project\n")
	s.start(all, nil)
	if v := s.view(); v.Projects == nil || len(v.Projects) != 0 {
		t.Errorf("got %+v", v)
	}
	s.drain()
}

// TestStatusViewFolds puts what is fine under one line when there is much of it.
func TestStatusViewFolds(t *testing.T) {
	s := newSession(t, shop)
	var calls, lines strings.Builder
	for i := range 200 {
		fmt.Fprintf(&calls, "select '{{ env_var(\"DBT_N%03d\") }}'\n", i)
		if i != 77 {
			fmt.Fprintf(&lines, "DBT_N%03d=%s\n", i, canary)
		}
	}
	s.write("models/many.sql", calls.String())
	s.write(".env", env+lines.String())
	s.start(all, map[string]any{"rules": rules(map[string]string{"env-missing": "off"})})
	v := s.view()
	variables := v.find(t, "variables")
	if n := len(variables.Children); n > viewFold+1 {
		t.Errorf("%d lines side by side", n)
	}
	fine := v.find(t, "variables", "fine")
	if fine.Label != "202 more are fine" && fine.Label != "201 more are fine" {
		t.Errorf("folded: %s", fine.Label)
	}
	if inside := v.find(t, "variables", "fine", "DBT_N000"); inside.From == nil {
		t.Errorf("a folded line has lost its place: %+v", inside)
	}
	s.drain()
}

type saidOfProject struct {
	Alarm    bool
	Changes  int
	Concerns *struct{ Credentials, Environment, Engine, Mesh string }
	Setup    *struct{ Engine, Profile, Variables, Ignored, Linked, Deferring bool }
}

// statuses starts a session and returns what it says of its one project.
func (s *session) statuses(options map[string]any) <-chan saidOfProject {
	s.t.Helper()
	said := make(chan saidOfProject, 1000)
	s.Handle("textDocument/publishDiagnostics", func(lsptest.Message) any { return nil })
	options["rules"] = map[string]any{"engine-stale": "off"}
	s.start(all, options)
	s.Handle("dbtHybrid/status", func(m lsptest.Message) any {
		var p struct{ Projects []saidOfProject }
		if err := json.Unmarshal(m.Params, &p); err != nil {
			s.t.Error(err)
		} else if len(p.Projects) == 1 {
			said <- p.Projects[0]
		}
		return nil
	})
	return said
}

// waitFor returns the first status that is as wanted.
func waitFor(t *testing.T, said <-chan saidOfProject, wanted func(saidOfProject) bool) saidOfProject {
	t.Helper()
	var last saidOfProject
	limit := time.After(lsptest.Patience)
	for {
		select {
		case last = <-said:
			if wanted(last) {
				return last
			}
		case <-limit:
			concerns, _ := json.Marshal(last)
			t.Fatalf("the last status is %s", concerns)
		}
	}
}

// ours is what our own client says.
func ours(more map[string]any) map[string]any {
	options := map[string]any{"clientCommands": []string{"dbtHybrid.showStatus"}}
	maps.Copy(options, more)
	return options
}

// TestStatusSaysConcerns reads the sentences of the tooltip and the steps of
// setting up, before and after an edit that breaks one.
func TestStatusSaysConcerns(t *testing.T) {
	s := newSession(t, shop)
	said := s.statuses(ours(nil))
	s.open(".env", 1, env)
	good := waitFor(t, said, func(p saidOfProject) bool { return p.Setup != nil && p.Setup.Engine })
	if good.Alarm || !good.Setup.Profile || !good.Setup.Variables || !good.Setup.Ignored || good.Setup.Linked || good.Setup.Deferring {
		t.Errorf("got %+v %+v", good, good.Setup)
	}
	for sentence, want := range map[string]string{
		good.Concerns.Credentials: "Credentials: profile shop, target dev, postgres",
		good.Concerns.Environment: "Variables: nothing is missing",
		good.Concerns.Mesh:        "dbt platform: not linked, deferral is off",
	} {
		if sentence != want {
			t.Errorf("%q, not %q", sentence, want)
		}
	}
	if !strings.HasPrefix(good.Concerns.Engine, "Engine: dbt ") {
		t.Errorf("%q", good.Concerns.Engine)
	}
	s.edit(".env", 2, whole("DBT_ENV_SECRET_PASSWORD="+canary+"\n"))
	bad := waitFor(t, said, func(p saidOfProject) bool { return !p.Setup.Variables })
	if !bad.Alarm || bad.Concerns.Environment != "Variables: dbt needs DBT_HOST, and nothing gives it" || bad.Changes == good.Changes {
		t.Errorf("got %+v %+v", bad, bad.Concerns)
	}
	s.drain()
}

// TestStatusOfSuppliedVariables: what only direnv gives is not missing, as in the
// findings; what nothing gives comes first.
func TestStatusOfSuppliedVariables(t *testing.T) {
	s := newSession(t, shop)
	s.write(".envrc", "export DBT_HOST=localhost\n")
	said := s.statuses(ours(nil))
	says := func(phrase string, done bool) {
		t.Helper()
		got := waitFor(t, said, func(p saidOfProject) bool { return p.Concerns.Environment == "Variables: "+phrase })
		if got.Setup.Variables != done {
			t.Errorf("%s: the step is done: %v", phrase, !done)
		}
	}
	says("nothing is missing", true)
	s.open(".env", 1, "DBT_ENV_SECRET_PASSWORD="+canary+"\n")
	says("only what .envrc starts has DBT_HOST", true)
	s.edit(".env", 2, whole("\n"))
	says("dbt needs DBT_ENV_SECRET_PASSWORD, and nothing gives it", false)
	s.write(".envrc", "")
	s.changed(".envrc")
	says("dbt needs DBT_ENV_SECRET_PASSWORD, DBT_HOST, and nothing gives them", false)
	s.write(".envrc", "export DBT_HOST=x DBT_ENV_SECRET_PASSWORD=y # one line\n")
	s.changed(".envrc")
	says("only what .envrc starts has DBT_ENV_SECRET_PASSWORD, DBT_HOST", true)
	s.drain()
}

// TestConcernsShowNoValue has names of a connection that variables give: the
// session fails where one is said.
func TestConcernsShowNoValue(t *testing.T) {
	for name, test := range map[string]struct{ from, to, want string }{
		"a profile that is not there": {
			"profile: shop\n-", "profile: \"{{ env_var('DBT_CANARY') }}\"\n-",
			"Credentials: profiles.yml has no profile ***",
		},
		"a target that is not there": {"target: dev", "target: \"{{ env_var('DBT_CANARY') }}\"", "Credentials: the profile has no target ***"},
		"an adapter":                 {"type: postgres", "type: \"{{ env_var('DBT_CANARY') }}\"", "Credentials: profile shop, target dev, ***"},
	} {
		t.Run(name, func(t *testing.T) {
			files := strings.Replace(shop, test.from, test.to, 1)
			s := newSession(t, strings.Replace(files, "DBT_HOST=localhost", "DBT_CANARY="+canary+"\nDBT_HOST=localhost", 1))
			said := s.statuses(ours(nil))
			waitFor(t, said, func(p saidOfProject) bool { return strings.HasPrefix(p.Concerns.Credentials, test.want) })
			s.drain()
		})
	}
}

// TestStatusInShort leaves out what a client does not show.
func TestStatusInShort(t *testing.T) {
	s := newSession(t, shop)
	said := s.statuses(map[string]any{})
	if p := waitFor(t, said, func(saidOfProject) bool { return true }); p.Concerns != nil || p.Setup != nil {
		t.Errorf("got %+v", p)
	}
	s.drain()
}

// TestAlarm rings when deferral is off in a project that uses dbt platform,
// unless somebody wants that.
func TestAlarm(t *testing.T) {
	linked := strings.Replace(shop, "profile: shop\n", "profile: shop\ndbt-cloud: {project-id: 123}\n", 1)
	for _, test := range []struct {
		name, files string
		dbt         map[string]any
		want        bool
	}{
		{"no use of dbt platform", shop, nil, false},
		{"a project id without a dbt_cloud.yml", linked, nil, true},
		{"deferral switched off in the dbt extension", linked, map[string]any{"flag": map[string]any{"defer": false}}, false},
		{"a state of one's own in the dbt extension", linked, map[string]any{"flag": map[string]any{"state": "target"}}, false},
		{"errors", strings.Replace(shop, "DBT_HOST=localhost\n", "", 1), nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSession(t, test.files)
			said := s.statuses(ours(map[string]any{"dbt": test.dbt}))
			if p := waitFor(t, said, func(p saidOfProject) bool { return p.Setup.Engine }); p.Alarm != test.want {
				t.Errorf("got %+v %+v", p, p.Concerns)
			}
			s.drain()
		})
	}
}
