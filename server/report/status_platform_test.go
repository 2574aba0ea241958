package report_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

var updatePlatform = flag.Bool("update-platform", false, "rewrite want of testdata/status_platform.txtar")

// canaryValue stands for every token and every value of a variable.
const canaryValue = "c4n4ry"

// platformCase is a checkout, and how status describes what joins it to dbt platform.
type platformCase struct {
	name                    string
	files                   []txtar.File // of the archive, without want
	want                    string
	shell, settings, engine string
}

// scaffoldFiles are what a case has unless it brings its own.
func scaffoldFiles() map[string]string {
	return map[string]string{
		"project/dbt_project.yml": "name: shop\nprofile: shop\ndbt-cloud:\n  project-id: 12\n",
		"project/profiles.yml":    "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x, schema: main}\n",
		"home/.dbt/dbt_cloud.yml": `version: "1"
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
    token-value: dbtu_c4n4ry
`,
	}
}

// TestStatusPlatform runs the cases of the archive, most of which are rows of the
// tables on links and deferral. The first element of a name is the case, the rest
// is one of
//
//	project/PATH, home/PATH  a file; an empty one that ends in "/-" is a folder; "absent" inside takes one of the scaffold away
//	shell, settings, engine  as in the archives of the rules
//	want                     the lines about dbt platform
func TestStatusPlatform(t *testing.T) {
	path := filepath.Join("testdata", "status_platform.txtar")
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cases := platformCases(archive)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir, w := c.setUp(t)
			got := c.describe(t, dir, w)
			if *updatePlatform {
				c.want = got
			} else if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			c.keepsSecrets(t, dir, w)
		})
	}
	if *updatePlatform {
		archive.Files = nil
		for _, c := range cases {
			archive.Files = append(archive.Files, c.files...)
			archive.Files = append(archive.Files, txtar.File{Name: c.name + "/want", Data: []byte(c.want)})
		}
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func platformCases(archive *txtar.Archive) []*platformCase {
	var cases []*platformCase
	for _, file := range archive.Files {
		name, rest, _ := strings.Cut(file.Name, "/")
		if len(cases) == 0 || cases[len(cases)-1].name != name {
			cases = append(cases, &platformCase{name: name})
		}
		c, data := cases[len(cases)-1], string(file.Data)
		if rest == "want" {
			c.want = data
			continue
		}
		c.files = append(c.files, file)
		switch rest {
		case "shell":
			c.shell = data
		case "settings":
			c.settings = data
		case "engine":
			c.engine = data
		}
	}
	return cases
}

func (c *platformCase) setUp(t *testing.T) (dir string, w *workspace.Workspace) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files := scaffoldFiles()
	for _, f := range c.files {
		_, rest, _ := strings.Cut(f.Name, "/")
		if data := string(f.Data); data == "absent\n" {
			delete(files, rest)
		} else if strings.Contains(rest, "/") {
			files[rest] = data
		}
	}
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		folder := filepath.Dir(path)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if filepath.Base(name) == "-" {
			continue
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	environ := map[string]secret.Text{}
	for _, line := range strings.Fields(c.shell) {
		name, value, _ := strings.Cut(line, "=")
		environ[name] = secret.New(value)
	}
	home := filepath.Join(dir, "home")
	if strings.Contains(c.settings, "home=none") {
		home = ""
	}
	w = workspace.New(&workspace.Machine{Environ: environ, Home: home, Clock: func() time.Time { return timeOfDay }})
	w.SetFolders([]string{filepath.Join(dir, "project")})
	w.SetSettings(func(string) workspace.Settings {
		var s workspace.Settings
		for _, line := range strings.Fields(c.settings) {
			switch key, value, _ := strings.Cut(line, "="); key {
			case "defer":
				on := value == "true"
				s.Defer = &on
			case "state":
				s.State = value
			case "variable":
				name, value, _ := strings.Cut(value, ":")
				s.Environment = map[string]secret.Text{name: secret.New(value)}
			}
		}
		return s
	})
	kind, version := engine.KindV2, "2.0.8"
	if words := strings.Fields(c.engine); len(words) == 2 {
		kind, version = engine.Kind(words[0]), words[1]
	}
	w.SetEngine(&workspace.Engine{Found: true, Releases: engine.Builtin(), Installs: []engine.Install{{Path: "/opt/dbt", Real: "/opt/dbt", Kind: kind, Version: version}}})
	return dir, w
}

// describe writes the lines about dbt platform: mark, label, value, place and, below
// them, the actions.
func (c *platformCase) describe(t *testing.T, dir string, w *workspace.Workspace) string {
	t.Helper()
	projects := w.Snapshot().Projects()
	if len(projects) != 1 {
		t.Fatalf("%d projects", len(projects))
	}
	var out strings.Builder
	for _, concern := range report.Concerns(projects[0]) {
		if concern.Key == "platform" {
			describeNode(&out, concern, 0)
		}
	}
	return strings.NewReplacer(filepath.ToSlash(filepath.Join(dir, "project")), "{project}", filepath.ToSlash(filepath.Join(dir, "home")), "~", dir, "{dir}").Replace(filepath.ToSlash(out.String()))
}

func describeNode(out *strings.Builder, n report.Node, depth int) {
	mark := string(n.Mark)
	if mark == "" {
		mark = "-"
	}
	line := strings.Repeat("  ", depth) + mark + " " + n.Label
	if n.Value != "" {
		line += ": " + n.Value
	}
	if n.From != nil {
		line += " (" + n.From.Text + ")"
	}
	if n.Collapsed {
		line += " …"
	}
	fmt.Fprintln(out, line)
	for _, a := range n.Actions {
		what := a.Command
		if what == "" {
			what = a.Shell + a.Open
		}
		fmt.Fprintf(out, "%s> %s: %s", strings.Repeat("  ", depth+1), a.Title, what)
		for _, arg := range a.Arguments {
			fmt.Fprintf(out, " %v", arg)
		}
		fmt.Fprintln(out)
	}
	for _, child := range n.Children {
		describeNode(out, child, depth+1)
	}
}

// keepsSecrets looks for the canary in all that status prints.
func (c *platformCase) keepsSecrets(t *testing.T, dir string, w *workspace.Workspace) {
	t.Helper()
	status := report.NewStatus(w.Snapshot(), dir, false)
	var text, machine strings.Builder
	if err := status.Text(&text, report.Style{}, true); err != nil {
		t.Fatal(err)
	}
	if err := status.JSON(&machine); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String()+machine.String(), canaryValue) {
		t.Error("status shows a value")
	}
}

// TestStatusPlatformJSON reads the fields on link and deferral as a program does.
func TestStatusPlatformJSON(t *testing.T) {
	c := &platformCase{name: "json", files: []txtar.File{
		{Name: "x/project/dbt_project.yml", Data: []byte("name: shop\nprofile: shop\ndbt-cloud:\n  project-id: 12\n  defer-env-id: 77\nflags:\n  defer: false\n")},
		{Name: "x/project/run.sh", Data: []byte("dbt deps\ndbt build --no-defer\n")},
		{Name: "x/project/target/dbt_cloud_defer/manifest.json", Data: []byte(`{"metadata": {"project_name": "shop", "dbt_version": "2.0.8", "env": {"DBT_CLOUD_ENVIRONMENT_ID": "78"}}}`)},
		{Name: "x/project/target/dbt_cloud_defer/manifest.info", Data: []byte("1799999380")},
	}}
	dir, w := c.setUp(t)
	var out strings.Builder
	if err := report.NewStatus(w.Snapshot(), dir, false).JSON(&out); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Projects []struct {
			Link     json.RawMessage
			Deferral struct {
				On             bool
				Reasons, Notes json.RawMessage
				Caches         []struct {
					File, Of, State, Project, Environment, DbtVersion string
					Age                                               int
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	p := got.Projects[0]
	one := func(raw json.RawMessage) string { return regexp.MustCompile(`\s+`).ReplaceAllString(string(raw), " ") }
	const cloudFile = `home/.dbt/dbt_cloud.yml`
	for _, test := range []struct{ name, got, want string }{
		{"link", one(p.Link), `{ "linked": true, "projectId": "12", "account": "34", "host": "abc.us1.dbt.com", "token": true, "deferEnvironment": "77", "deferJob": null, "mixed": false, ` +
			`"from": { "projectId": "project/dbt_project.yml:4", "account": "` + cloudFile + `:9", "host": "` + cloudFile + `:10", "token": "` + cloudFile + `:12", "deferEnvironment": "project/dbt_project.yml:5", "deferJob": null } }`},
		{"reasons", one(p.Deferral.Reasons), `[ { "code": "cache-other-environment", "message": "The manifest that was fetched is of another environment than defer-env-id names. Delete it, or dbt uses it until it is an hour old.", "file": null, "line": null } ]`},
		{"notes", one(p.Deferral.Notes), `[ { "code": "no-op", "message": "` + "`flags: defer: false` of dbt_project.yml does nothing: only --no-defer switches deferral off." + `", "file": "project/dbt_project.yml", "line": 7 }, ` +
			`{ "code": "flag", "message": "This command does not defer, because of --no-defer.", "file": "project/run.sh", "line": 2 } ]`},
	} {
		if diff := cmp.Diff(test.want, strings.ReplaceAll(test.got, filepath.ToSlash(dir)+"/", "")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
	if len(p.Deferral.Caches) != 1 || !p.Deferral.On {
		t.Fatalf("%+v", p.Deferral)
	}
	cache := p.Deferral.Caches[0]
	if cache.Age != 620 || cache.Of != "command line" || cache.State != "read" || cache.Project != "shop" || cache.Environment != "78" || cache.DbtVersion != "2.0.8" ||
		cache.File != "project/target/dbt_cloud_defer/manifest.json" {
		t.Errorf("%+v", cache)
	}
}

// TestStatusCacheUnreadable puts something into the manifest's place that not even
// the administrator can read: the line says so, and nothing else is claimed.
func TestStatusCacheUnreadable(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	c := &platformCase{files: []txtar.File{{Name: "x/project/target/dbt_cloud_defer/-"}}}
	dir, w := c.setUp(t)
	if err := os.Symlink("manifest.json", filepath.Join(dir, "project", "target", "dbt_cloud_defer", "manifest.json")); err != nil {
		t.Fatal(err)
	}
	if got := c.describe(t, dir, w); !strings.Contains(got, "warning kept manifest: cannot be read (target/dbt_cloud_defer/manifest.json)") {
		t.Error(got)
	}
}
