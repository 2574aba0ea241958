package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

const credentialsCanary = "CANARY-7f3a"

// A desk is a project on a disk, and what is around it.
type desk struct {
	root, home string
	environ    map[string]secret.Text
	engine     *workspace.Engine
	editor     bool
}

// newDesk writes files below the project's folder, and with home/ before them
// below the home folder. It has a dbt_project.yml unless one is given.
func newDesk(t *testing.T, files map[string]string) *desk {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{root: filepath.Join(top, "shop"), home: filepath.Join(top, "home"), environ: map[string]secret.Text{}, engine: &workspace.Engine{}}
	d.write(t, "dbt_project.yml", "name: shop\nprofile: shop\n")
	for name, content := range files {
		d.write(t, name, content)
	}
	return d
}

func (d *desk) path(name string) string {
	if rest, ok := strings.CutPrefix(name, "home/"); ok {
		return filepath.Join(d.home, filepath.FromSlash(rest))
	}
	return filepath.Join(d.root, filepath.FromSlash(name))
}

func (d *desk) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(d.path(name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.path(name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) status(t *testing.T, reveal bool) *Status {
	t.Helper()
	w := workspace.New(&workspace.Machine{Environ: d.environ, Home: d.home, Editor: d.editor})
	w.SetFolders([]string{d.root})
	w.SetEngine(d.engine)
	status := NewStatus(w.Snapshot(), d.root, reveal)
	if len(status.Projects) != 1 {
		t.Fatalf("%d projects", len(status.Projects))
	}
	return status
}

// node returns the line of the credentials that has a key.
func (d *desk) node(t *testing.T, key string) Node {
	t.Helper()
	credentials := d.status(t, false).Projects[0].Concerns[0]
	for _, n := range credentials.Children {
		if n.Key == key {
			return n
		}
	}
	t.Fatalf("no line %q in %+v", key, credentials)
	return Node{}
}

// says is what a line and the lines below it show, without the home folder.
func (d *desk) says(n Node) []string {
	var all []string
	var walk func(n Node, indent string)
	walk = func(n Node, indent string) {
		line := strings.TrimSpace(fmt.Sprintf("%s %s: %s", n.Mark, n.Label, n.Value))
		if n.From != nil && n.From.Line > 0 {
			line += " @" + n.From.Text
		}
		for _, a := range n.Actions {
			line += " [" + a.Title + "]"
		}
		all = append(all, indent+strings.ReplaceAll(line, filepath.ToSlash(d.home), "~"))
		for _, child := range n.Children {
			walk(child, indent+"  ")
		}
	}
	walk(n, "")
	return all
}

// outputs are all the texts that status can print of a project.
func (d *desk) outputs(t *testing.T, reveal bool) string {
	t.Helper()
	s := d.status(t, reveal)
	var out bytes.Buffer
	for _, write := range []func() error{
		func() error { return s.JSON(&out) }, func() error { return s.Text(&out, Style{}, true) }, func() error { return s.Text(&out, Style{}, false) },
		func() error { return json.NewEncoder(&out).Encode(s.Projects[0].Concerns) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func duckdb(schema string) string {
	return "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, schema: " + schema + "}\n    prod: {type: duckdb, schema: " + schema + "}\n"
}

func warehouse(schema string) string {
	return strings.ReplaceAll(duckdb(schema), "duckdb", "snowflake")
}

func TestReadersLine(t *testing.T) {
	v1 := &workspace.Engine{Found: true, Installs: []engine.Install{{Kind: engine.KindV2, Version: "2.0.8"}, {Kind: engine.KindV1, Version: "1.11.0"}}}
	for name, c := range map[string]struct {
		files   map[string]string
		environ map[string]string
		engine  *workspace.Engine
		editor  bool
		want    []string
	}{
		"all the same": {
			files: map[string]string{"home/.dbt/profiles.yml": duckdb("a")},
			want: []string{
				"ok readers: all read the same",
				"  ok a terminal in the project: profile shop, target dev", "  ok a terminal in models: profile shop, target dev",
				"  ok the dbt extension: profile shop, target dev", "  ok dbt v1: profile shop, target dev",
			},
		},
		"another file in a subfolder": {
			files: map[string]string{"home/.dbt/profiles.yml": strings.ReplaceAll(duckdb("a"), "dev", "test"), "profiles.yml": duckdb("a")},
			want: []string{
				"ok readers: all but a terminal in models read the same",
				"  ok a terminal in the project: profile shop, target dev", "  a terminal in models: profile shop, target test",
				"  ok the dbt extension: profile shop, target dev", "  ok dbt v1: profile shop, target dev",
			},
		},
		"a folder that only the terminal names": {
			files:   map[string]string{"home/.dbt/profiles.yml": duckdb("a"), "conf/profiles.yml": strings.ReplaceAll(duckdb("a"), "dev", "test")},
			environ: map[string]string{"DBT_PROFILES_DIR": "conf"}, engine: v1,
			want: []string{
				"warning readers: all but a terminal in models and the dbt extension read the same",
				"  ok a terminal in the project: profile shop, target test",
				"  a terminal in models: no profiles.yml: looked for models/conf/profiles.yml",
				"  warning the dbt extension: profile shop, target dev", "  ok dbt v1: profile shop, target test",
			},
		},
		"an editor sees what it was started with": {
			files:   map[string]string{"home/.dbt/profiles.yml": duckdb("a")},
			environ: map[string]string{"DBT_TARGET": "prod"}, editor: true,
			want: []string{
				"ok readers: all read the same",
				"  ok a terminal in the project: profile shop, target prod", "  ok a terminal in models: profile shop, target prod",
				"  ok the dbt extension: profile shop, target prod", "  ok dbt v1: profile shop, target prod",
			},
		},
		"dbt v1 does not read .env": {
			files:  map[string]string{"home/.dbt/profiles.yml": duckdb(`"{{ env_var('S') }}"`), ".env": "DBT_TARGET=prod\nS=x\n"},
			engine: v1,
			want: []string{
				"warning readers: all but a terminal in models and dbt v1 read the same",
				"  ok a terminal in the project: profile shop, target prod",
				"  a terminal in models: profile shop, target dev; does not get S",
				"  ok the dbt extension: profile shop, target prod",
				"  warning dbt v1: profile shop, target dev; does not get S",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, c.files)
			d.editor = c.editor
			if c.engine != nil {
				d.engine = c.engine
			}
			for name, value := range c.environ {
				d.environ[name] = secret.New(value)
			}
			if diff := cmp.Diff(c.want, d.says(d.node(t, "readers"))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestReadersJSON: every reader with the file that it takes.
func TestReadersJSON(t *testing.T) {
	d := newDesk(t, map[string]string{"profiles.yml": duckdb("a"), ".env": "X=1\n", "home/.dbt/profiles.yml": duckdb("b")})
	var out struct {
		Projects []struct {
			Profile struct {
				File, Name, Target, Adapter string
				Readers                     []StatusReader
			}
		}
	}
	var b bytes.Buffer
	if err := d.status(t, false).JSON(&b); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	p := out.Projects[0].Profile
	if p.File != "profiles.yml" || p.Name != "shop" || p.Target != "dev" || p.Adapter != "duckdb" {
		t.Errorf("%+v", p)
	}
	var got []string
	for _, r := range p.Readers {
		file, env := or(r.File, "-"), or(r.EnvFile, "-")
		got = append(got, fmt.Sprintf("%s in %s takes %s and %s, same %v", r.Reader, r.Directory, strings.ReplaceAll(file, filepath.ToSlash(d.home), "~"), env, r.Same))
	}
	want := []string{
		"terminal in . takes profiles.yml and .env, same true", "subfolder in models takes ~/.dbt/profiles.yml and -, same false",
		"extension in . takes profiles.yml and .env, same true", "v1 in . takes profiles.yml and -, same true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

const snowflake = `shop:
  target: dev
  outputs:
    dev:
      type: snowflake # the warehouse
      account: "{{ env_var('ACCOUNT') }}"
      user: "{{ env_var('USERNAME_OF_MINE', 'me') }}"
      password: "{{ env_var('DBT_ENV_SECRET_P') }}"
      role: "{{ env_var('ROLE') }}"
      database: db
      schema: <schema>
    prod:
      type: snowflake
`

// TestFieldsThatAnotherToolFills holds that they are no errors, as the variables.
func TestFieldsThatAnotherToolFills(t *testing.T) {
	d := newDesk(t, map[string]string{
		"profiles.yml": "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: \"{{ env_var('DUCK') }}\"}\n", ".envrc": "export DUCK=shop.db\n",
	})
	want := []string{
		"warning fields: 2 given, with 1 variable, 1 of them not set",
		"  type: in the file @profiles.yml:4",
		"  warning path: DUCK (only in what .envrc starts) @profiles.yml:4",
	}
	if diff := cmp.Diff(want, d.says(d.node(t, "fields"))[:3]); diff != "" {
		t.Error(diff)
	}
}

func TestFieldsLine(t *testing.T) {
	d := newDesk(t, map[string]string{"profiles.yml": snowflake, ".env": "ACCOUNT=\nDBT_ENV_SECRET_P=" + credentialsCanary + "\n"})
	n := d.node(t, "fields")
	want := []string{
		"error fields: 6 given, with 4 variables, 1 of them not set; dbt stops without account [Read which fields the profile needs]",
		"  type: in the file @profiles.yml:5",
		"  account: ACCOUNT (.env:1), counts as absent @profiles.yml:6",
		"  user: the default of USERNAME_OF_MINE (missing) @profiles.yml:7",
		"  password: DBT_ENV_SECRET_P (.env:2) @profiles.yml:8",
		"  error role: ROLE (missing) @profiles.yml:9",
		"  database: in the file @profiles.yml:10",
		"  warning schema: in the file, still as in a template @profiles.yml:11",
		"  threads: what dbt takes by itself",
		"  error account: empty, dbt stops @profiles.yml:6",
	}
	if diff := cmp.Diff(want, d.says(n)); diff != "" {
		t.Error(diff)
	}
	p := d.status(t, false).Projects[0]
	if p.Profile.Missing[0].Reason != "empty" || *p.Profile.Missing[0].Line != 6 || *p.Profile.Method != "password" || p.Concerns[0].Mark != MarkError {
		t.Errorf("%+v", p.Profile)
	}
	if states := p.Profile.Fields[1].Variables; len(states) != 1 || states[0].State != "empty" || *states[0].From != ".env:1" {
		t.Errorf("%+v", states)
	}
}

const cloudFileOfShop = `version: "1"
context: {active-host: h, active-project: "%s"}
projects:
  - {project-name: shop, project-id: "12", account-name: a, account-id: "1", account-host: h, token-name: t, token-value: %s}
`

func linked(active, token string) map[string]string {
	return map[string]string{
		"dbt_project.yml":         "name: shop\nprofile: shop\ndbt-cloud:\n  project-id: 12\n",
		"home/.dbt/dbt_cloud.yml": fmt.Sprintf(cloudFileOfShop, active, token),
	}
}

func TestInitLine(t *testing.T) {
	files := linked("12", "dbtu_"+credentialsCanary)
	files["profiles.yml"], files[".git/HEAD"], files["profiles.yml.bkp"] = snowflake, "ref: refs/heads/main\n", "x"
	d := newDesk(t, files)
	want := []string{
		"warning dbt init: due: the profile still holds values of a template (schema); it would overwrite 2 targets, 4 env_var() calls and 1 comment [Save profiles.yml first] [Fetch it anew: create from dbt_cloud.yml, then overwrite]",
		"  fetches: account, user, role, database, warehouse, schema, threads; no password and no token",
		"  2 targets: replaced by one target, dev", "    dev: @profiles.yml:4", "    prod: @profiles.yml:12",
		"  4 env_var() calls: replaced by values, passwords included",
		"    ACCOUNT: @profiles.yml:6", "    USERNAME_OF_MINE: @profiles.yml:7", "    DBT_ENV_SECRET_P: @profiles.yml:8", "    ROLE: @profiles.yml:9",
		"  1 comment: removed", "    comment: @profiles.yml:5",
		"  1 value of a template: that a refresh would replace", "    schema: @profiles.yml:11",
		"  warning backup: profiles.yml.bkp, over the one that is there; git would commit it",
	}
	if diff := cmp.Diff(want, d.says(d.node(t, "init"))); diff != "" {
		t.Error(diff)
	}
	for _, a := range d.node(t, "init").Actions {
		if a.Command == SaveProfiles && a.Arguments[0] != d.root || a.Shell != "" && a.Shell != "dbt init" {
			t.Errorf("%+v", a)
		}
	}
	text := d.outputs(t, false)
	for _, part := range []string{`"backupIgnored": false`, `"backupExists": true`, `"due": true`, "1. Save profiles.yml first"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q", part)
		}
	}

	d.write(t, ".gitignore", "profiles.yml*\n")
	if got := d.outputs(t, false); !strings.Contains(got, `"backupIgnored": true`) {
		t.Error("the backup is ignored now")
	}
}

// TestInitIsNotUrged: what a refresh would do is said, but nobody is sent there
// without need.
func TestInitIsNotUrged(t *testing.T) {
	for name, c := range map[string]struct {
		change func(files map[string]string)
		due    string
	}{
		"a profile that is filled in": {func(f map[string]string) { f["profiles.yml"] = duckdb("a") }, ""},
		"a template":                  {func(f map[string]string) { f["profiles.yml"] = warehouse("<schema>") }, "the profile still holds values of a template (schema)"},
		"no file":                     {func(map[string]string) {}, "there is no profiles.yml"},
		"another profile":             {func(f map[string]string) { f["profiles.yml"] = "x: {}\n" }, "the file has no profile shop"},
		"half typed":                  {func(f map[string]string) { f["profiles.yml"] = "shop: [\n" }, ""},
		"a template, but not linked":  {func(f map[string]string) { f["profiles.yml"] = duckdb("<x>"); delete(f, "dbt_project.yml") }, ""},
		"a template, but no cloud":    {func(f map[string]string) { f["profiles.yml"] = duckdb("<x>"); delete(f, "home/.dbt/dbt_cloud.yml") }, ""},
		"a template of another target": {func(f map[string]string) {
			f["profiles.yml"] = strings.Replace(warehouse("a"), "prod: {type: snowflake, schema: a", "prod: {type: snowflake, schema: your_schema", 1)
		}, "the profile still holds values of a template (schema)"},
	} {
		t.Run(name, func(t *testing.T) {
			files := linked("12", "dbtu_x")
			c.change(files)
			d := newDesk(t, files)
			p := d.status(t, false).Projects[0]
			if got := or(p.Profile.Init.Why, ""); got != c.due || p.Profile.Init.Due != (c.due != "") {
				t.Errorf("due %v: %q, want %q", p.Profile.Init.Due, got, c.due)
			}
			var text bytes.Buffer
			if err := (&Status{Projects: []StatusProject{p}}).Text(&text, Style{}, false); err != nil {
				t.Fatal(err)
			}
			if urged := strings.Contains(text.String(), "dbt init\n") && strings.Contains(text.String(), "Fetch it anew"); urged != (c.due != "") {
				t.Errorf("urged %v:\n%s", urged, text.String())
			}
		})
	}
}

func TestInitOffersAnotherProject(t *testing.T) {
	files := linked("99", "dbtu_x")
	files["profiles.yml"] = "shop:\n  target: dev\n# note\n  outputs: {dev: {type: snowflake}}\n"
	d := newDesk(t, files)
	text := strings.Join(d.says(d.node(t, "init")), "\n")
	for _, part := range []string{"it offers none first, not this one: answer no and pick 12", "and break the file", "line 3: is not indented"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}

// TestInitOfOthers: what dbt init is not for.
func TestInitOfOthers(t *testing.T) {
	d := newDesk(t, map[string]string{"profiles.yml": duckdb("a")})
	if got := d.says(d.node(t, "init"))[0]; got != "off dbt init: sets up no profile of this adapter; it would overwrite 2 targets" {
		t.Error(got)
	}
	nobody := newDesk(t, nil)
	if got := nobody.says(nobody.node(t, "init"))[0]; got != "dbt init: would write profiles.yml" {
		t.Error(got)
	}
	if got := nobody.outputs(t, true); strings.Contains(got, "dbt_cloud.yml has no entry") {
		t.Error("there is no dbt_cloud.yml to have one")
	}
	d.write(t, "profiles.yml", warehouse("a"))
	if got := strings.Join(d.says(d.node(t, "init")), "\n"); !strings.Contains(got, "off fetches: nothing: no dbt_cloud.yml has an entry for the project") {
		t.Error(got)
	}
	d.engine = &workspace.Engine{Found: true, Installs: []engine.Install{{Kind: engine.KindV1, Version: "1.11.0"}}}
	if got := d.says(d.node(t, "init"))[0]; got != "dbt init: of dbt v2, not of the dbt here: would overwrite 2 targets" {
		t.Error(got)
	}
	d.write(t, "dbt_project.yml", "name: shop\nprofile: \"{{ env_var('P', 'shop') }}\"\n")
	if got := strings.Join(d.says(d.node(t, "init")), "\n"); !strings.Contains(got, "warning profile: it does not render `profile:`, and takes its text for the name @dbt_project.yml:2") {
		t.Error(got)
	}
}

func TestCloudFileLine(t *testing.T) {
	second := "  - {project-name: x, project-id: 13, account-name: b, account-id: 2, account-host: h, token-name: t, token-value: dbtc_y}\n"
	name := "home/.dbt/dbt_cloud.yml"
	for what, c := range map[string]struct {
		change func(f map[string]string)
		want   string
	}{
		"fine":            {func(map[string]string) {}, "ok dbt_cloud.yml: 1 project, this one among them, a personal token"},
		"a service token": {func(f map[string]string) { f[name] = fmt.Sprintf(cloudFileOfShop, "12", "dbtc_x") }, "ok dbt_cloud.yml: 1 project, this one among them, a service token"},
		"another token":   {func(f map[string]string) { f[name] = fmt.Sprintf(cloudFileOfShop, "12", "x") }, "ok dbt_cloud.yml: 1 project, this one among them, a token of unknown kind"},
		"no token":        {func(f map[string]string) { f[name] = fmt.Sprintf(cloudFileOfShop, "12", `""`) }, "warning dbt_cloud.yml: 1 project, this one among them, no token"},
		"not this one": {func(f map[string]string) { f["dbt_project.yml"] = strings.Replace(f["dbt_project.yml"], "12", "14", 1) },
			"warning dbt_cloud.yml: 1 project, not this one, a personal token"},
		"two accounts":         {func(f map[string]string) { f[name] += second }, "warning dbt_cloud.yml: 2 projects, of 2 accounts, though dbt platform gives out a file for each, this one among them, a personal token"},
		"absent":               {func(f map[string]string) { delete(f, name) }, "off dbt_cloud.yml: none in ~/.dbt"},
		"a field missing":      {func(f map[string]string) { f[name] = strings.Replace(f[name], "token-name: t, ", "", 1) }, "warning dbt_cloud.yml: dbt does not take it: an entry of `projects` has no `token-name` @~/.dbt/dbt_cloud.yml:4"},
		"empty":                {func(f map[string]string) { f[name] = "" }, "warning dbt_cloud.yml: dbt does not take it: the file is empty @~/.dbt/dbt_cloud.yml:1"},
		"half typed":           {func(f map[string]string) { f[name] += "  - {project-id: [" + credentialsCanary }, "warning dbt_cloud.yml: dbt does not take it: "},
		"binary":               {func(f map[string]string) { f[name] = "\x7fELF\x00\x01" + credentialsCanary }, "warning dbt_cloud.yml: dbt does not take it: control characters are not allowed @~/.dbt/dbt_cloud.yml:1"},
		"a folder":             {func(f map[string]string) { delete(f, name); f[name+"/x"] = "" }, "warning dbt_cloud.yml: dbt does not take it: it is a folder, a pipe or a device"},
		"the name of a copy":   {func(f map[string]string) { f["home/.dbt/dbt_cloud (2).yml"] = f[name]; delete(f, name) }, "warning dbt_cloud.yml: none in ~/.dbt, but ~/.dbt/dbt_cloud (2).yml, which dbt does not read"},
		"by name, not by link": {func(f map[string]string) { delete(f, "dbt_project.yml") }, "ok dbt_cloud.yml: 1 project, this one among them, a personal token"},
	} {
		t.Run(what, func(t *testing.T) {
			files := linked("12", "dbtu_"+credentialsCanary)
			c.change(files)
			d := newDesk(t, files)
			if got := d.says(d.node(t, "cloudFile"))[0]; got != c.want && (what != "half typed" || !strings.HasPrefix(got, c.want)) {
				t.Errorf("%s\nwant %s", got, c.want)
			}
			if strings.Contains(d.outputs(t, true), credentialsCanary) {
				t.Error("a token is shown")
			}
		})
	}
}

func TestCloudFileOfOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permissions")
	}
	d := newDesk(t, linked("12", "dbtu_x"))
	path := d.path("home/.dbt/dbt_cloud.yml")
	for mode, open := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o644: true, 0o640: true, 0o611: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		c := d.status(t, false).Projects[0].CloudFile
		if *c.Readable != open || *c.Mode != fmt.Sprintf("%04o", mode) {
			t.Errorf("%04o: %v %s", mode, *c.Readable, *c.Mode)
		}
		n := d.node(t, "cloudFile")
		if warned := n.Mark == MarkWarning && len(n.Actions) == 1 && n.Actions[0].Shell == "chmod 600 "+quoteShell(path); warned != open {
			t.Errorf("%04o: %+v", mode, n)
		}
	}
	d.write(t, "home/.dbt/dbt_cloud.yml", "")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := d.node(t, "cloudFile").Value; got != "dbt does not take it: the file is empty; others than you may read it (0644)" {
		t.Error(got) // the mode is not why dbt does not take it
	}
}

// TestBadProfiles: whatever lies in the place of profiles.yml, status answers and
// says what is wrong.
func TestBadProfiles(t *testing.T) {
	put := func(content string) func(*testing.T, *desk) {
		return func(t *testing.T, d *desk) { d.write(t, "profiles.yml", content) }
	}
	project := func(content string) func(*testing.T, *desk) {
		return func(t *testing.T, d *desk) { d.write(t, "dbt_project.yml", content) }
	}
	linkAt := func(name, to string) func(*testing.T, *desk) {
		return func(t *testing.T, d *desk) {
			_ = os.Remove(d.path(name))
			if err := os.Symlink(to, d.path(name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	link := func(to string) func(*testing.T, *desk) { return linkAt("profiles.yml", to) }
	for name, c := range map[string]struct {
		make func(*testing.T, *desk)
		want string // code and message
	}{
		"binary":        {put("\x7fELF\x00\x01" + credentialsCanary), "yaml-syntax dbt cannot read profiles.yml: control characters are not allowed 1"},
		"latin-1":       {put("shop:\n  user: m\xfcller\n"), "yaml-syntax dbt cannot read profiles.yml: not valid UTF-8 2"},
		"utf-16":        {put("\xff\xfes\x00h\x00"), "yaml-syntax dbt cannot read profiles.yml: written in UTF-16; dbt reads UTF-8 only 1"},
		"braces":        {put("shop:\n  outputs: {{ env_var('A') }}\n\ttarget: dev\n"), "jinja-unquoted dbt cannot read profiles.yml: Jinja at the start of a value must stand in quotes 2"},
		"half typed":    {put("shop:\n  outputs:\n    dev:\n      password: \"" + credentialsCanary), "yaml-syntax dbt cannot read profiles.yml: "},
		"empty":         {put(""), "profile-missing profiles.yml has no profile shop 2"},
		"a list":        {put("- shop\n"), "profile-missing profiles.yml has no profile shop 2"},
		"no outputs":    {put("shop: x\n"), "profile-structure the profile has no `outputs` 1"},
		"no target":     {put("shop: {target: x, outputs: {dev: {type: duckdb}}}\n"), "target-missing the profile has no target x 1"},
		"no type":       {put("shop: {target: dev, outputs: {dev: {x: 1}}}\n"), "profile-structure the target has no `type` that is a name 1"},
		"a text":        {put("shop: {target: dev, outputs: {dev: x}}\n"), "profile-structure the target is not a mapping 1"},
		"a key twice":   {put(duckdb("a") + "    dev: {type: duckdb}\n"), "yaml-duplicate-key dbt cannot read profiles.yml: "},
		"config":        {put(duckdb("a") + "config: {}\n"), "profile-structure dbt v2 refuses `config:` in profiles.yml 6"},
		"circular":      {link("profiles.yml"), "profile-structure profiles.yml cannot be read: it is a link that leads back to itself"},
		"a folder":      {func(t *testing.T, d *desk) { d.write(t, "profiles.yml/x", "") }, "profile-structure profiles.yml cannot be read: it is a folder, a pipe or a device"},
		"a device":      {link("/dev/null"), "profile-structure profiles.yml cannot be read: it is a folder, a pipe or a device"},
		"leads nowhere": {link("nowhere"), "profiles-not-found no profiles.yml: looked for "},
		"no text": {func(t *testing.T, d *desk) {
			d.write(t, "dbt_project.yml", "name: shop\n")
			d.write(t, "profiles.yml", duckdb("a"))
		}, "profile-unset nothing names a profile"},
		"a project that is binary":       {project("\x00" + credentialsCanary), "yaml-syntax dbt cannot read dbt_project.yml: control characters are not allowed 1"},
		"a project that is half typed":   {project("name: shop\nprofile: [shop\n"), "yaml-syntax dbt cannot read dbt_project.yml: did not find expected ',' or ']', while parsing a flow sequence on line 2 2"},
		"a project with a key twice":     {project("name: shop\nprofile: shop\nprofile: shop\n"), "yaml-duplicate-key dbt cannot read dbt_project.yml: "},
		"a project of nothing":           {project("# later\n"), "project-schema dbt_project.yml holds no settings"},
		"a project that is a list":       {project("- shop\n"), "project-schema dbt_project.yml holds no settings"},
		"a project that leads to itself": {linkAt("dbt_project.yml", "dbt_project.yml"), "yaml-syntax dbt_project.yml cannot be read: it is a link that leads back to itself"},
		"a variable": {func(t *testing.T, d *desk) {
			d.write(t, "dbt_project.yml", "name: shop\nprofile: \"{{ env_var('P') }}\"\n")
			d.write(t, "profiles.yml", duckdb("a"))
		}, "env-missing the profile's name hangs on a variable that is not set 2"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			c.make(t, d)
			if runtime.GOOS == "windows" && name == "a device" {
				t.Skip("no devices")
			}
			p := d.status(t, false).Projects[0]
			problem := p.Profile.Problem
			if problem == nil {
				t.Fatalf("no problem: %+v", p.Profile)
			}
			got := problem.Code + " " + problem.Message
			if problem.Line != nil {
				got += fmt.Sprint(" ", *problem.Line)
			}
			if open := strings.HasSuffix(c.want, ": ") || strings.HasSuffix(c.want, "for "); got != c.want && !(open && strings.HasPrefix(got, c.want)) {
				t.Errorf("%s\nwant %s", got, c.want)
			}
			if n := d.node(t, "problem"); n.Value != problem.Message || n.Mark != MarkError || p.Concerns[0].Mark != MarkError {
				t.Errorf("%+v", n)
			}
			if strings.Contains(d.outputs(t, false), credentialsCanary) {
				t.Error("a value is shown")
			}
		})
	}
}

// TestCredentialsShowNoValue: a canary wherever a value can stand.
func TestCredentialsShowNoValue(t *testing.T) {
	files := linked("12", "dbtu_"+credentialsCanary)
	files[".env"] = strings.ReplaceAll("DBT_TARGET=?\nACCOUNT=?\nMETHOD=?\nTYPE=?\nDBT_ENV_SECRET_P=?\n", "?", credentialsCanary)
	files["profiles.yml"] = strings.ReplaceAll(`shop:
  target: "{{ env_var('DBT_TARGET') }}"
  outputs:
    dev: &dev
      type: "{{ env_var('TYPE') }}"
      account: "{{ env_var('ACCOUNT', '?') }}"
      method: "{{ env_var('METHOD') }}"
      password: ?
      private_key: "<?>"
      settings: {token: ?}
      # ?
    other: {<<: *dev, user: ?}
`, "?", credentialsCanary)
	for name, environ := range map[string]map[string]string{
		"a target that is not there":  {},
		"a profile that is not there": {"DBT_PROFILE": credentialsCanary},
		"a target that is there":      {"DBT_TARGET": "dev"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, files)
			for name, value := range environ {
				d.environ[name] = secret.New(value)
			}
			for i, line := range strings.Split(d.outputs(t, false), "\n") {
				if strings.Contains(line, credentialsCanary) {
					t.Errorf("line %d: %s", i+1, line)
				}
			}
			if name == "a target that is there" && *d.status(t, false).Projects[0].Profile.Target != "dev" {
				t.Error("the name of a target of the file is no secret")
			}
			if revealed := d.outputs(t, true); strings.Contains(revealed, "dbtu_"+credentialsCanary) || strings.Contains(revealed, "password: "+credentialsCanary) {
				t.Error("--reveal is about variables")
			}
		})
	}
}

// TestCredentialsFitOnAScreen: however many fields and targets there are, the
// text has a line for each thing.
func TestCredentialsFitOnAScreen(t *testing.T) {
	var profiles strings.Builder
	profiles.WriteString("shop:\n  target: t0\n  outputs:\n")
	for i := range 30 {
		fmt.Fprintf(&profiles, "    t%d:\n      type: snowflake # %d\n", i, i)
		for n := range 40 {
			fmt.Fprintf(&profiles, "      field%d: \"{{ env_var('V%d', '') }}\"\n", n, n)
		}
	}
	files := linked("12", "dbtu_x")
	files["profiles.yml"] = profiles.String()
	d := newDesk(t, files)
	n := d.status(t, false).Projects[0].Concerns[0]
	count := 0
	var walk func(Node)
	walk = func(n Node) {
		count++
		if n.Collapsed {
			return
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(n)
	if count > 10 {
		t.Errorf("%d lines", count)
	}
}
