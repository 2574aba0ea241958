package diagnostics_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite want and fixed/ of the archives in testdata")

// scaffold is what a case has unless it brings its own: a project that dbt
// parses and about which there is nothing to say.
var scaffold = map[string]string{
	"dbt_project.yml": "name: shop\nprofile: shop\n",
	"profiles.yml":    "shop:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      path: shop.duckdb\n      schema: main\n",
}

// TestRules runs the archive of every rule. An archive holds cases: the first
// element of a name is the case, the rest is one of
//
//	home/PATH   a file below the home folder
//	open/PATH   the unsaved content of a file in an editor
//	shell       NAME=value lines of the process environment
//	settings    key=value lines: target, profile, profilesDir, workingDirectory
//	engine      "kind version channel" of every dbt, and "latest version"; "none" when there is no dbt
//	git         arguments of git, a line each, run in the project
//	absent      names of scaffold files that the case does not have
//	want        the findings
//	fixed/PATH  files that change when the first fix of each of the rule's findings is applied
//	PATH        any other file of the project
func TestRules(t *testing.T) {
	for _, rule := range diagnostics.Rules() {
		t.Run(rule.Code, func(t *testing.T) {
			path := filepath.Join("testdata", strings.ReplaceAll(rule.Code, "-", "_")+".txtar")
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatalf("every rule has an archive: %v", err)
			}
			cases := readCases(archive)
			var fires, quiet, unsaved bool
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) { c.run(t, rule) })
				fires = fires || strings.Contains(c.want, " "+rule.Code+" ")
				quiet = quiet || !strings.Contains(c.want, " "+rule.Code+" ")
				unsaved = unsaved || len(c.open) > 0
			}
			if !fires || !quiet || !unsaved {
				t.Errorf("the archive has a case that fires: %v, one that does not: %v, one with an unsaved file: %v", fires, quiet, unsaved)
			}
			if *update {
				writeCases(t, path, archive.Comment, cases)
			}
		})
	}
}

type testCase struct {
	name, want              string
	order                   []txtar.File // as read, without want and fixed/
	files, home, open       map[string]string
	fixed                   map[string]string
	shell, settings, engine string
	git, absent             []string
	project, homeDir        string
	unsafe                  bool // fixes that are not safe are made, too
	workspace               *workspace.Workspace
}

// casesOf returns the cases of a rule's archive.
func casesOf(t *testing.T, rule *diagnostics.Rule) []*testCase {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", strings.ReplaceAll(rule.Code, "-", "_")+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	return readCases(archive)
}

func readCases(archive *txtar.Archive) []*testCase {
	var cases []*testCase
	for _, file := range archive.Files {
		name, rest, _ := strings.Cut(file.Name, "/")
		if len(cases) == 0 || cases[len(cases)-1].name != name {
			cases = append(cases, &testCase{name: name, files: map[string]string{}, home: map[string]string{}, open: map[string]string{}, fixed: map[string]string{}})
		}
		cases[len(cases)-1].add(rest, file)
	}
	return cases
}

func (c *testCase) add(name string, file txtar.File) {
	data := string(file.Data)
	folder, rest, _ := strings.Cut(name, "/")
	if name != "want" && folder != "fixed" {
		c.order = append(c.order, file)
	}
	switch {
	case name == "want":
		c.want = data
	case name == "shell":
		c.shell = data
	case name == "settings":
		c.settings = data
	case name == "engine":
		c.engine = data
	case name == "git":
		c.git = nonEmptyLines(data)
	case name == "absent":
		c.absent = strings.Fields(data)
	case folder == "home":
		c.home[rest] = data
	case folder == "open":
		c.open[rest] = data
	case folder == "fixed":
		c.fixed[rest] = data
	default:
		c.files[name] = data
	}
}

func nonEmptyLines(s string) []string {
	return slices.DeleteFunc(strings.Split(s, "\n"), func(line string) bool { return line == "" })
}

func (c *testCase) run(t *testing.T, rule *diagnostics.Rule) {
	c.setUp(t)
	snapshot := c.workspace.Snapshot()
	findings := c.check(snapshot)
	got := c.format(findings)
	if *update {
		c.want = got
	} else if diff := cmp.Diff(c.want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if strings.Contains(got, canary) {
		t.Error("a finding shows a value")
	}
	for _, f := range findings {
		if text := f.Text(); !strings.HasSuffix(text, ".") || strings.Contains(text, "  ") || strings.Contains(text, "\n") {
			t.Errorf("a message is made of sentences: %q", text)
		}
	}
	c.fix(t, rule, findings)
}

// canary may stand in any value of an archive; no message may show it.
const canary = "c4n4ry"

func (c *testCase) setUp(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c.project, c.homeDir = filepath.Join(top, "project"), filepath.Join(top, "home")
	for name, content := range scaffold {
		if _, own := c.files[name]; !own && !slices.Contains(c.absent, name) {
			write(t, filepath.Join(c.project, name), content)
		}
	}
	for name, content := range c.files {
		write(t, filepath.Join(c.project, name), content)
	}
	for name, content := range c.home {
		write(t, filepath.Join(c.homeDir, name), content)
	}
	for _, arguments := range c.git {
		git := exec.Command("git", append([]string{"-C", c.project}, strings.Fields(arguments)...)...)
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", arguments, err, out)
		}
	}
	c.workspace = workspace.New(&workspace.Machine{Environ: c.environ(), Home: c.homeDir, Clock: clock})
	c.workspace.SetFolders([]string{c.project})
	c.workspace.SetSettings(func(string) workspace.Settings { return c.parseSettings(t) })
	c.workspace.SetEngine(c.parseEngine(t))
	for name, content := range c.open {
		c.workspace.SetDocument(filepath.Join(c.project, name), 1, []byte(content))
	}
}

// clock is the time of day of all cases: 1800000000 seconds since 1970.
func clock() time.Time { return time.Unix(1_800_000_000, 0) }

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (c *testCase) environ() map[string]secret.Text {
	environ := map[string]secret.Text{"HOME": secret.New(c.homeDir)}
	for _, line := range nonEmptyLines(c.shell) {
		name, value, _ := strings.Cut(line, "=")
		environ[name] = secret.New(value)
	}
	return environ
}

func (c *testCase) parseSettings(t *testing.T) workspace.Settings {
	var s workspace.Settings
	for _, line := range nonEmptyLines(c.settings) {
		key, value, _ := strings.Cut(line, "=")
		switch key {
		case "target":
			s.Target = value
		case "profile":
			s.Profile = value
		case "profilesDir":
			s.ProfilesDir = value
		case "workingDirectory":
			s.WorkingDir = value
		case "defer":
			on := value == "true"
			s.Defer = &on
		case "state":
			s.State = value
		default:
			t.Fatalf("unknown setting %q", key)
		}
	}
	return s
}

func (c *testCase) parseEngine(t *testing.T) *workspace.Engine {
	e := &workspace.Engine{Releases: engine.Builtin()}
	for _, line := range nonEmptyLines(c.engine) {
		e.Found = true
		word := strings.Fields(line)
		switch {
		case word[0] == "none":
		case word[0] == "latest" && len(word) == 2:
			e.Releases = engine.Releases{From: engine.FromNetwork, Channels: map[string]engine.Release{"latest": {Version: word[1]}}}
		case word[0] == "bad" && len(word) == 2:
			e.Releases = e.Releases.WithKnownBad(word[1:])
		case len(word) == 3 || len(word) == 4: // the fourth says who starts it, beside the search path
			path := fmt.Sprintf("/opt/%d/dbt", len(e.Installs)+1)
			e.Installs = append(e.Installs, engine.Install{
				Path: path, Real: path, Kind: engine.Kind(word[0]), Version: word[1],
				Channel: engine.Channel(word[2]), Update: "update-command", OffPath: len(word) == 4,
			})
			if len(word) == 4 && word[3] != "nobody" {
				e.Installs[len(e.Installs)-1].Users = []engine.User{{Reader: engine.Reader(word[3])}}
			}
		default:
			t.Fatalf("engine: %q", line)
		}
	}
	return e
}

func (c *testCase) check(s *workspace.Snapshot) []diagnostics.Finding {
	var all []diagnostics.Finding
	for _, p := range s.Projects() {
		all = append(all, diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine})...)
	}
	return all
}

func (c *testCase) format(findings []diagnostics.Finding) string {
	var out strings.Builder
	for _, f := range findings {
		refuses := ""
		if f.Refuses {
			refuses = "!"
		}
		fmt.Fprintf(&out, "%s %s%s %s %s\n", c.place(f.At), f.Severity, refuses, f.Rule.Code, c.short(f.Text()))
		for _, r := range f.Related {
			fmt.Fprintf(&out, "  see %s %s\n", c.place(r.At), c.short(r.Message))
		}
		for _, fix := range f.Offers() {
			mark := "fix"
			if fix.Preferred {
				mark = "fix ☆"
			}
			if fix.Safe {
				mark = "fix ★"
			}
			fmt.Fprintf(&out, "  %s %s\n", mark, c.short(fix.Title))
		}
	}
	return out.String()
}

func (c *testCase) short(s string) string {
	return strings.NewReplacer(c.project, "{project}", c.homeDir, "{home}").Replace(s)
}

func (c *testCase) rel(path string) string {
	if rel, err := filepath.Rel(c.project, path); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return "~" + strings.TrimPrefix(path, c.homeDir)
}

// abs is the path that rel names.
func (c *testCase) abs(name string) string {
	if rest, ok := strings.CutPrefix(name, "~"); ok {
		return filepath.Join(c.homeDir, rest)
	}
	return filepath.Join(c.project, name)
}

func (c *testCase) place(at workspace.Location) string {
	start, end := at.Position(), at.File.Lines().Position(at.Span.End)
	if start.Line == end.Line {
		return fmt.Sprintf("%s:%d:%d-%d", c.rel(at.File.Path), start.Line, start.Column, end.Column)
	}
	return fmt.Sprintf("%s:%s-%s", c.rel(at.File.Path), start, end)
}

// fix applies the first fix of every finding of the rule, compares what changes
// with fixed/, and checks that the findings are gone.
func (c *testCase) fix(t *testing.T, rule *diagnostics.Rule, findings []diagnostics.Finding) {
	changed, files := map[string]string{}, map[*workspace.File][]text.Edit{}
	var mended []string
	for _, f := range findings {
		fixes := f.Offers()
		if f.Rule != rule || len(fixes) == 0 || !fixes[0].Preferred || fixes[0].Command != nil {
			continue
		}
		if slices.ContainsFunc(fixes[0].Create, func(n diagnostics.NewFile) bool { return changed[c.rel(n.Path)] != "" }) {
			continue // another fix has created the file already
		}
		mended = append(mended, f.Text())
		for _, e := range fixes[0].Edits {
			if !slices.Contains(files[e.File], e.Edit) {
				files[e.File] = append(files[e.File], e.Edit)
			}
		}
		for _, created := range fixes[0].Create {
			changed[c.rel(created.Path)] = created.Content
		}
		for _, path := range fixes[0].Delete {
			changed[c.rel(path)] = "(deleted)\n"
		}
	}
	for file, edits := range files {
		content, err := text.Apply(file.Content, edits)
		if err != nil {
			t.Fatalf("the fixes of one file do not fit together: %v", err)
		}
		changed[c.rel(file.Path)] = string(content)
	}
	if *update {
		c.fixed = changed
	} else if diff := cmp.Diff(c.fixed, changed); diff != "" {
		t.Errorf("fixed (-want +got):\n%s", diff)
	}
	for name, content := range changed {
		if content == "(deleted)\n" {
			path := c.abs(name)
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			c.workspace.CloseDocument(path)
			c.workspace.FilesChanged([]string{path})
			continue
		}
		c.workspace.SetDocument(c.abs(name), 2, []byte(content))
	}
	if len(changed) == 0 {
		return
	}
	for _, f := range c.check(c.workspace.Snapshot()) {
		if f.Rule == rule && slices.Contains(mended, f.Text()) {
			t.Errorf("after the fix there is still: %s", f.Text())
		}
	}
}

// writeCases rewrites an archive with what was found.
func writeCases(t *testing.T, path string, comment []byte, cases []*testCase) {
	archive := &txtar.Archive{Comment: comment}
	for _, c := range cases {
		archive.Files = append(archive.Files, c.order...)
		archive.Files = append(archive.Files, txtar.File{Name: c.name + "/want", Data: []byte(c.want)})
		var names []string
		for name := range c.fixed {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			archive.Files = append(archive.Files, txtar.File{Name: c.name + "/fixed/" + name, Data: []byte(c.fixed[name])})
		}
	}
	if err := os.WriteFile(path, bytes.TrimLeft(txtar.Format(archive), "\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
