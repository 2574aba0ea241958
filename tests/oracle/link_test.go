package oracle

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// projectOf reads a scenario as we do. WorkingDir is the folder that dbt runs in.
func projectOf(t *testing.T, s dbttest.Scenario) *workspace.Project {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root, home := filepath.Join(top, "root"), filepath.Join(top, "home")
	fill := strings.NewReplacer("{root}", root, "{home}", home).Replace
	writeAll(t, root, s.Files, fill)
	writeAll(t, home, s.Home, fill)
	machine := &workspace.Machine{Home: home, Environ: map[string]secret.Text{}}
	for name, value := range s.Environment() {
		machine.Environ[name] = secret.New(fill(value))
	}
	w := workspace.New(machine)
	w.SetEngine(running())
	w.SetFolders([]string{root})
	w.SetSettings(func(string) workspace.Settings { return workspace.Settings{WorkingDir: s.Cwd} })
	return w.Snapshot().Projects()[0]
}

const linkProfiles = `p:
  target: dev
  outputs:
    dev: {type: redshift, host: h, port: 1, user: u, password: p, dbname: d, schema: mine}
    prod: {type: redshift, host: h, port: 1, user: u, password: p, dbname: d, schema: theirs}
`

// deferring is a project whose model `child` refers to one that the state in st/
// has in another schema. With --favor-state its SQL shows whether dbt defers.
func deferring(t *testing.T, engine *dbttest.Engine) dbttest.Scenario {
	t.Helper()
	s := dbttest.WithProject(dbttest.Scenario{Files: map[string]string{
		"profiles.yml": linkProfiles, "models/parent.sql": "select 1 as x", "models/child.sql": "select * from {{ ref('parent') }}",
	}})
	made := s
	made.Args, made.Read = []string{"parse", "--target", "prod", "--target-path", "st"}, []string{"st/manifest.json"}
	got := engine.Run(t, made)
	if got.Read["st/manifest.json"] == "" {
		t.Fatalf("no manifest: exit %d\n%s%s", got.Exit, got.Stdout, got.Stderr)
	}
	s.Files["st/manifest.json"] = got.Read["st/manifest.json"]
	s.Read = []string{"target/compiled/p/models/child.sql"}
	return s
}

const (
	defers    = "defers"
	defersNot = "does not defer"
	stops     = "stops"
)

// TestDeferralSwitchesAgree holds our list of what switches deferral off, and of
// what people believe to do so, against the engine: rows of the tables on
// deferral, with a local state in the place of dbt platform's.
func TestDeferralSwitchesAgree(t *testing.T) {
	engine := dbttest.Find(t)
	base := deferring(t, engine)
	type row struct {
		name, args, env, flags, cwd string
		want                        string
		note                        dbt.ReasonCode // that we have about it, "" for none
	}
	rows := []row{
		{name: "default is on", args: "--state st --favor-state", want: defers, note: dbt.ReasonLocalState},
		{name: "--no-defer", args: "--state st --favor-state --no-defer", want: defersNot, note: dbt.ReasonFlag},
		{name: "--no-defer before the command", args: "! --no-defer compile --state st --favor-state", want: defersNot, note: dbt.ReasonFlag},
		{name: "--defer next to --no-defer", args: "--state st --favor-state --no-defer --defer", want: defersNot, note: dbt.ReasonFlag},
		{name: "--no-defer next to --defer", args: "--state st --favor-state --defer --no-defer", want: defersNot, note: dbt.ReasonFlag},
		{name: "--defer-state", args: "--defer-state st --favor-state", want: defers, note: dbt.ReasonLocalState},
		{name: "--state=DIR", args: "--state=st --favor-state", want: defers, note: dbt.ReasonLocalState},
		{name: "DBT_STATE", args: "--favor-state", env: "DBT_STATE=st", want: defers},
		{name: "DBT_ENGINE_STATE", args: "--favor-state", env: "DBT_ENGINE_STATE=st", want: defers},
		{name: "DBT_DEFER_STATE", args: "--favor-state", env: "DBT_DEFER_STATE=st", want: defers},
		{name: "DBT_ENGINE_DEFER_STATE", args: "--favor-state", env: "DBT_ENGINE_DEFER_STATE=st", want: defers},
		{name: "DBT_DEFER=false", args: "--favor-state", env: "DBT_STATE=st DBT_DEFER=false", want: defers, note: dbt.NoteNoop},
		{name: "DBT_ENGINE_DEFER=0", args: "--favor-state", env: "DBT_STATE=st DBT_ENGINE_DEFER=0", want: defers, note: dbt.NoteNoop},
		{name: "DBT_NO_DEFER=1", args: "--favor-state", env: "DBT_STATE=st DBT_NO_DEFER=1", want: defers, note: dbt.NoteNoop},
		{name: "DBT_DEFER=true", args: "--favor-state", env: "DBT_STATE=st DBT_DEFER=true", want: defers},
		{name: "DBT_DEFER=y", args: "--favor-state", env: "DBT_STATE=st DBT_DEFER=y", want: defers},
		{name: "DBT_DEFER is empty", args: "--favor-state", env: "DBT_STATE=st DBT_DEFER=", want: stops},
		{name: "DBT_DEFER is no boolean", args: "--favor-state", env: "DBT_STATE=st DBT_DEFER=maybe", want: stops},
		{name: "flags: defer: false", args: "--state st --favor-state", flags: "defer: false", want: defers, note: dbt.NoteNoop},
		{name: "flags: defer: true", args: "--state st --favor-state", flags: "defer: true", want: defers, note: dbt.ReasonLocalState},
		{name: "DBT_ENGINE_DEFER_TO_STATE", args: "--favor-state", env: "DBT_STATE=st DBT_ENGINE_DEFER_TO_STATE=0", want: defers, note: dbt.NoteNoop},
		{name: "--defer-env-id", args: "--state st --defer-env-id 5", want: stops, note: dbt.ReasonLocalState},
		{name: "--state-mode", args: "--state st --state-mode x", want: stops, note: dbt.ReasonLocalState},
		{name: "DBT_STATE of a folder that is not there", args: "--favor-state", env: "DBT_STATE=nope", want: defersNot, note: dbt.NoteNoState},
		{name: "DBT_STATE of a folder without a manifest", args: "--favor-state", env: "DBT_STATE=models", want: defersNot, note: dbt.NoteNoState},
		{name: "DBT_DEFER_STATE of a folder that is not there", args: "--favor-state", env: "DBT_DEFER_STATE=nope", want: stops, note: dbt.NoteNoState},
		{name: "--state DIR where DIR does not exist", args: "--state nope --favor-state", want: defersNot, note: dbt.ReasonLocalState},
		{name: "--defer-state DIR where DIR does not exist", args: "--defer-state nope --favor-state", want: stops, note: dbt.ReasonLocalState},
		{name: "--state without --favor-state", args: "--state st", want: defersNot, note: dbt.ReasonLocalState},
		{name: "DBT_FAVOR_STATE", args: "", env: "DBT_STATE=st DBT_FAVOR_STATE=1", want: defers},
		{name: "DBT_NO_FAVOR_STATE", args: "", env: "DBT_STATE=st DBT_FAVOR_STATE=1 DBT_NO_FAVOR_STATE=1", want: defersNot},
		{name: "a state is looked for from the folder that dbt runs in", args: "--project-dir .. --profiles-dir .. --favor-state", env: "DBT_STATE=../st", cwd: "sub", want: defers},
		{name: "and not from the project", args: "--project-dir .. --profiles-dir .. --favor-state", env: "DBT_STATE=st", cwd: "sub", want: defersNot, note: dbt.NoteNoState},
	}
	scenarios := make([]dbttest.Scenario, len(rows))
	for i, r := range rows {
		s := base
		s.Name, s.Cwd, s.Files, s.Env = r.name, r.cwd, maps.Clone(base.Files), map[string]string{}
		command := "compile " + r.args
		if rest, ok := strings.CutPrefix(r.args, "! "); ok {
			command = rest
		}
		s.Args = append(strings.Fields(command), "--select", "child")
		s.Files["run.sh"] = "dbt " + command + "\n"
		if r.flags != "" {
			s.Files["dbt_project.yml"] += "flags:\n  " + r.flags + "\n"
		}
		for _, variable := range strings.Fields(r.env) {
			name, value, _ := strings.Cut(variable, "=")
			s.Env[name] = value
		}
		scenarios[i] = s
	}
	for i, got := range engine.Batch(t, scenarios) {
		r := rows[i]
		t.Run(r.name, func(t *testing.T) {
			seen := defersNot
			switch sql := got.Read["target/compiled/p/models/child.sql"]; {
			case got.Exit != 0:
				seen = stops
			case strings.Contains(sql, `"theirs"`):
				seen = defers
			case !strings.Contains(sql, `"mine"`):
				t.Fatalf("exit %d, SQL %q\n%s%s", got.Exit, sql, got.Stdout, got.Stderr)
			}
			if seen != r.want {
				t.Errorf("dbt %s, the table says it %s\n%s%s", seen, r.want, got.Stdout, got.Stderr)
			}
			p := projectOf(t, scenarios[i])
			var codes []dbt.ReasonCode
			for _, n := range p.DeferNotes() {
				codes = append(codes, n.Code)
			}
			if r.note == "" && len(codes) > 0 || r.note != "" && !slices.Contains(codes, r.note) {
				t.Errorf("our notes are %v, not %q", codes, r.note)
			}
			noDefer := slices.ContainsFunc(p.DeferFlags(), func(f workspace.DeferFlag) bool { return f.Name == workspace.NoDeferFlag })
			if noDefer != (r.note == dbt.ReasonFlag) || noDefer && seen == defers {
				t.Errorf("we find --no-defer: %v; dbt %s", noDefer, seen)
			}
			state := strings.Contains(r.env, "STATE=") && !strings.Contains(r.env, "TO_STATE=0") || strings.Contains(r.env, "DBT_STATE=")
			if local := slices.ContainsFunc(p.Deferral.Reasons, func(r dbt.Reason) bool { return r.Code == dbt.ReasonLocalState }); local != state {
				t.Errorf("a local state is a reason for us: %v", local)
			}
		})
	}
}

// TestTargetPathAgrees holds that what dbt keeps is looked for where dbt writes.
func TestTargetPathAgrees(t *testing.T) {
	base := dbttest.WithProject(dbttest.Scenario{Files: map[string]string{"models/m.sql": "select 1 as x", "sub/": ""}})
	paths := []string{"", "out", "a/b", "{root}/absolute", "./x/../y"}
	var scenarios []dbttest.Scenario
	for _, path := range paths {
		for _, cwd := range []string{"", "sub"} {
			s := base
			s.Cwd, s.Env = cwd, map[string]string{}
			s.Args = []string{"parse", "--project-dir", "{root}", "--profiles-dir", "{root}"}
			if path != "" {
				s.Env["DBT_TARGET_PATH"] = path
			}
			rel, err := filepath.Rel("/r", projectOf(t, s).TargetPath())
			if err != nil {
				t.Fatal(err)
			}
			_, rel, _ = strings.Cut(rel, "root/")
			s.Name, s.Read = fmt.Sprintf("%q from %q", path, cwd), []string{filepath.ToSlash(rel) + "/manifest.json"}
			scenarios = append(scenarios, s)
		}
	}
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		if len(got.Read) != 1 {
			t.Errorf("%s: dbt writes no %s: exit %d\n%s", scenarios[i].Name, scenarios[i].Read[0], got.Exit, got.Stderr)
		}
	}
}

const signInFile = `version: "1"
context: {active-host: abc.us1.dbt.com, active-project: "12"}
projects:
  - {project-name: shop, project-id: "12", account-name: a, account-id: "34", account-host: abc.us1.dbt.com, token-name: t, token-value: dbtu_c4n4ry}
  - {project-name: more, project-id: "13", account-name: a, account-id: "35", account-host: abc.us1.dbt.com, token-name: t, token-value: dbtc_c4n4ry}
`

// TestLoginAgrees compares what `dbt login status` says of where the credentials
// come from, of whom they are, and its exit status, with ours.
func TestLoginAgrees(t *testing.T) {
	const host, token, account = "DBT_CLOUD_ACCOUNT_HOST=h ", "DBT_CLOUD_TOKEN=dbtu_c4n4ry ", "DBT_CLOUD_ACCOUNT_ID=7 "
	type row struct{ name, env, dotenv, file, session, block, cwd string }
	rows := []row{
		{name: "nothing"},
		{name: "three variables", env: host + token + account},
		{name: "three variables and a file", env: host + token + account, file: signInFile},
		{name: "three variables of .env", dotenv: host + token + account},
		{name: "a service token", env: host + account + "DBT_CLOUD_TOKEN=dbtc_c4n4ry"},
		{name: "a token of no kind", env: host + account + "DBT_CLOUD_TOKEN=c4n4ry"},
		{name: "an incomplete set", env: host + token},
		{name: "an incomplete set and a file", env: host + token, file: signInFile},
		{name: "the host of the environment counts before the active one", env: "DBT_CLOUD_ACCOUNT_HOST=abc.us1.dbt.com", file: strings.Replace(signInFile, "active-host: abc", "active-host: x", 1)},
		{name: "the project of the environment counts before the active one", env: "DBT_CLOUD_PROJECT_ID=13", file: signInFile},
		{name: "a project of the environment that is not there", env: "DBT_CLOUD_PROJECT_ID=99", file: signInFile},
		{name: "the project of dbt_project.yml counts before the active one", block: "project-id: 13", file: signInFile},
		{name: "a project of dbt_project.yml that is not there", block: "project-id: 99", file: signInFile},
		{name: "an empty project id", block: "project-id: ''", file: signInFile},
		{name: "a project id of null", block: "project-id:", file: signInFile},
		{name: "Jinja in dbt_project.yml is not rendered", block: "project-id: \"{{ env_var('ID') }}\"", env: "ID=13", file: signInFile},
		{name: "the environment counts before dbt_project.yml", block: "project-id: 99", env: "DBT_CLOUD_PROJECT_ID=13", file: signInFile},
		{name: "the host of dbt_project.yml", block: "account-host: abc.us1.dbt.com", file: strings.Replace(signInFile, "active-host: abc", "active-host: x", 1)},
		{name: "tenant_hostname is of no use", block: "tenant_hostname: abc.us1.dbt.com", file: strings.Replace(signInFile, "active-host: abc", "active-host: x", 1)},
		{name: "account_id is of no use", block: "account_id: 35", file: signInFile},
		{name: "from another folder", block: "project-id: 99", file: signInFile, cwd: "sub"},
		{name: "an incomplete set without the host, and a file", env: token + account, file: signInFile},
		{name: "an empty variable", env: token + account + "DBT_CLOUD_ACCOUNT_HOST=", file: signInFile},
		{name: "an empty token", env: host + account + "DBT_CLOUD_TOKEN="},
		{name: "a project id is of no use", env: host + token + "DBT_CLOUD_PROJECT_ID=12"},
		{name: "a file", file: signInFile},
		{name: "another active project", file: strings.Replace(signInFile, `active-project: "12"`, "active-project: 13", 1)},
		{name: "an active project that is not there", file: strings.Replace(signInFile, `active-project: "12"`, `active-project: "14"`, 1)},
		{name: "another active host", file: strings.Replace(signInFile, "active-host: abc", "active-host: x", 1)},
		{name: "an empty token in the file", file: strings.Replace(signInFile, "dbtu_c4n4ry", `""`, 1)},
		{name: "a null token in the file", file: strings.Replace(signInFile, "dbtu_c4n4ry", "", 1)},
		{name: "a file that does not parse", file: "version: 1\n"},
		{name: "an empty file", file: " "},
		{name: "a broken session and a file", file: signInFile, session: "{"},
	}
	scenarios := make([]dbttest.Scenario, len(rows))
	for i, r := range rows {
		s := dbttest.WithProject(dbttest.Scenario{Name: r.name, Args: []string{"login", "status"}, Env: map[string]string{}, Home: map[string]string{}})
		for _, variable := range strings.Fields(r.env) {
			name, value, _ := strings.Cut(variable, "=")
			s.Env[name] = value
		}
		if s.Cwd = r.cwd; r.block != "" {
			s.Files["dbt_project.yml"] += "dbt-cloud:\n  " + r.block + "\n"
		}
		if r.dotenv != "" {
			s.Files[".env"] = strings.ReplaceAll(strings.TrimSpace(r.dotenv), " ", "\n") + "\n"
		}
		if r.file != "" {
			s.Home[".dbt/dbt_cloud.yml"] = r.file
		}
		if r.session != "" {
			s.Home[".dbt/oauth_sessions.json"] = r.session
		}
		scenarios[i] = s
	}
	says := regexp.MustCompile(`Status: (authenticated|unauthenticated)(?: \((via )?([^)\n]*)\))?`)
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		t.Run(rows[i].name, func(t *testing.T) {
			ours := projectOf(t, scenarios[i]).Login()
			m := says.FindStringSubmatch(got.Stdout + got.Stderr)
			if m == nil {
				t.Fatalf("exit %d\n%s%s", got.Exit, got.Stdout, got.Stderr)
			}
			want := "unauthenticated"
			switch {
			case ours.Via == dbt.LoginEnvironment:
				want = "authenticated environment variables"
			case ours.Via == dbt.LoginFile:
				want = "authenticated dbt_cloud.yml"
			case ours.Problem != "":
				want = "unauthenticated credential source is invalid"
			}
			kind, _, _ := strings.Cut(m[3], ":")
			if dbts := strings.TrimSpace(m[1] + " " + kind); dbts != want {
				t.Errorf("dbt says %q, we %q", dbts, want)
			}
			if signedIn := ours.Via != dbt.LoginNone; signedIn != (got.Exit == 0) {
				t.Errorf("exit %d, we say signed in: %v", got.Exit, signedIn)
			}
			if got.Exit == 0 && ours.Personal != strings.Contains(got.Stdout+got.Stderr, "personal access token") {
				t.Errorf("we take the token for a person's: %v\n%s%s", ours.Personal, got.Stdout, got.Stderr)
			}
			if ours.Entry != nil && !strings.Contains(got.Stdout+got.Stderr, "account ID:    "+ours.Entry.AccountID.Text) {
				t.Errorf("we say account %s\n%s%s", ours.Entry.AccountID.Text, got.Stdout, got.Stderr)
			}
		})
	}
}

// TestLinkBlockAgrees compares which keys and values of `dbt-cloud:` dbt refuses,
// at which of them, and with which code, with what we say. A key that a later
// release knows is left to it.
func TestLinkBlockAgrees(t *testing.T) {
	keys := []string{
		"project-id", "defer-env-id", "account_id", "account-host", "job-id", "run-id", "api_key", "application", "environment", "tenant_hostname",
		"project_id", "account-id", "defer_env_id", "account_host", "tenant-hostname",
	}
	var blocks []string
	for _, key := range keys {
		for _, value := range []string{"12", "'12'", "", "null", "''", "1.5", "true", "[1]", "{a: b}"} {
			blocks = append(blocks, "dbt-cloud:\n  "+key+": "+value+"\n")
		}
	}
	blocks = append(blocks,
		"dbt-cloud: 123\n", "dbt-cloud: x\n", "dbt-cloud: []\n", "dbt-cloud:\n", "dbt-cloud: {}\n", "dbt-cloud: null\n",
		"dbt_cloud: {project-id: 12}\n", "cloud: {project-id: 12}\n", "dbt-cloud: {}\ndbt-cloud: {}\n", "dbt-cloud: {project-id: 1, project-id: 2}\n",
		"dbt-cloud: {project-id: \"{{ env_var('ID') }}\"}\n", "dbt-cloud: {project-id: \"{{ 12 }}\"}\n",
	)
	scenarios := make([]dbttest.Scenario, len(blocks))
	for i, block := range blocks {
		s := dbttest.WithProject(dbttest.Scenario{Name: block, Env: map[string]string{"ID": "12"}, Files: map[string]string{"models/m.sql": "select 1 as x"}})
		s.Files["dbt_project.yml"] += block
		scenarios[i] = s
	}
	refused := 0
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		p := projectOf(t, scenarios[i])
		problems := p.Problems()
		if yaml := p.File.YAML(); len(problems) == 0 && len(yaml.Problems) > 0 {
			problems = []dbt.ProjectProblem{{Span: yaml.Problems[0].Span}} // a key that stands twice
		}
		if refuses := got.Exit != 0; refuses != (len(problems) > 0) {
			t.Errorf("%q: exit %d, we say %+v\n%s%s", blocks[i], got.Exit, problems, got.Stdout, got.Stderr)
			continue
		}
		if got.Exit == 0 {
			continue
		}
		refused++
		if problems[0].Kind == dbt.LinkKey && !strings.Contains(got.Stdout+got.Stderr, fmt.Sprintf(`Ignored unexpected key %q`, "`\""+problems[0].Key)) && !strings.Contains(got.Stdout+got.Stderr, "Ignored unexpected key `\""+problems[0].Key+"\"`") {
			t.Errorf("%q: we blame %q\n%s%s", blocks[i], problems[0].Key, got.Stdout, got.Stderr)
		}
	}
	t.Logf("%d blocks, %d of them refused", len(blocks), refused)
}

// TestCloudFileWarningAgrees asks which commands warn of a dbt_cloud.yml that they
// cannot read, linked or not, and that the run goes on.
func TestCloudFileWarningAgrees(t *testing.T) {
	type row struct {
		name, content string
		warns         bool
	}
	rows := []row{
		{"fine", signInFile, false},
		{"unknown keys", signInFile + "more: 1\n", false},
		{"a field is missing", "version: 1\n", true},
		{"Latin-1", strings.Replace(signInFile, "shop", "caf\xe9", 1), true},
		{"UTF-16", "\xff\xfev\x00", true},
		{"a byte order mark", "\ufeff" + signInFile, true},
		{"a folder", "/", true},
		{"none", "", false},
	}
	commands := map[string]bool{"parse": true, "list": true, "compile": true, "deps": false, "clean": false}
	var scenarios []dbttest.Scenario
	var wants []bool
	var states []dbt.CloudState
	for _, r := range rows {
		for _, command := range slices.Sorted(maps.Keys(commands)) {
			for _, block := range []string{"", "dbt-cloud:\n  project-id: 12\n"} {
				s := dbttest.WithProject(dbttest.Scenario{Files: map[string]string{"models/m.sql": "select 1 as x"}, Home: map[string]string{}, Args: []string{command}})
				s.Name = fmt.Sprintf("%s, %s, %q", r.name, command, block)
				s.Files["dbt_project.yml"] += block
				switch r.content {
				case "":
				case "/":
					s.Home[".dbt/dbt_cloud.yml/"] = ""
				default:
					s.Home[".dbt/dbt_cloud.yml"] = r.content
				}
				scenarios, wants = append(scenarios, s), append(wants, r.warns && commands[command])
				state := dbt.CloudAbsent
				switch {
				case r.warns:
					state = dbt.CloudInvalid
				case r.content != "":
					state = dbt.CloudFine
				}
				states = append(states, state)
			}
		}
	}
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		warned := strings.Contains(got.Stdout+got.Stderr, "Ignoring dbt_cloud.yml: Failed to ")
		if warned != wants[i] || got.Exit != 0 {
			t.Errorf("%s: exit %d, warned %v\n%s%s", scenarios[i].Name, got.Exit, warned, got.Stdout, got.Stderr)
		}
		if strings.Contains(got.Stdout+got.Stderr, "not found in ~/.dbt/dbt_cloud.yml") {
			t.Errorf("%s: a message of a later release", scenarios[i].Name)
		}
		if p := projectOf(t, scenarios[i]); p.Cloud.State != states[i] {
			t.Errorf("%s: our state is %v, not %v: %v", scenarios[i].Name, p.Cloud.State, states[i], p.Cloud.Problems)
		}
	}
}

// TestOpenSourceBuildSaysNothing holds what the tests can see of the download: the
// open-source build links and fetches nothing, and says so of no project, whatever
// the link. The list of reasons itself is of the full build.
func TestOpenSourceBuildSaysNothing(t *testing.T) {
	for name, block := range map[string]string{"linked": "12", "an id that the file has not": "99"} {
		s := dbttest.WithProject(dbttest.Scenario{Name: name, Files: map[string]string{"models/m.sql": "select 1 as x"}, Home: map[string]string{".dbt/dbt_cloud.yml": signInFile}})
		s.Files["dbt_project.yml"] += "dbt-cloud:\n  project-id: " + block + "\n"
		got := dbttest.Find(t).Run(t, s)
		if got.Exit != 0 || len(got.Diags) > 0 {
			t.Errorf("%s: exit %d, %+v", name, got.Exit, got.Diags)
		}
		p := projectOf(t, s)
		if first := p.Deferral.Reasons[0].Code; p.Deferral.On || first != dbt.ReasonOSSBuild {
			t.Errorf("%s: we say %v first", name, first)
		}
	}
	if file := yamlfile.Parse([]byte(signInFile)); dbt.ReadCloudFile("x", file).State != dbt.CloudFine {
		t.Error("the file of these tests is not fine")
	}
}
