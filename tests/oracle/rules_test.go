package oracle_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/docs/pages"
	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
)

// TestRefusals holds the claim of a finding that dbt refuses, the "!" of an
// archive, against the engine: a case with such a finding is refused by
// `dbt parse`, a case without one is not.
func TestRefusals(t *testing.T) {
	engine := dbttest.Find(t)
	archives, err := filepath.Glob(filepath.Join(dbttest.Repository(t), "diagnostics", "testdata", "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	var cases []ruleCase
	var scenarios []dbttest.Scenario
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range ruleCases(strings.TrimSuffix(filepath.Base(path), ".txtar"), archive) {
			cases = append(cases, c)
			scenarios = append(scenarios, c.scenario)
		}
	}
	excused := refusalExceptions()
	for i, got := range engine.Batch(t, scenarios) {
		c := cases[i]
		name := c.scenario.Name
		reason, excuse := excused[name]
		delete(excused, name)
		switch refused := got.Exit != 0; {
		case refused == c.refused && excuse:
			t.Errorf("%s: the engine agrees; the exception is not needed: %s", name, reason)
		case refused == c.refused || excuse:
		case refused:
			t.Errorf("%s: the engine refuses, and no finding says so: %s", name, got.Stderr+got.Stdout)
		default:
			t.Errorf("%s: a finding says that the engine refuses, and it does not", name)
		}
	}
	for name := range excused {
		t.Errorf("an exception for a case that does not exist: %s", name)
	}
	t.Logf("%d cases", len(cases))
}

// TestPages asks the engine about the good example of every rule's page that
// it can show: it takes it.
func TestPages(t *testing.T) {
	engine := dbttest.Find(t)
	var scenarios []dbttest.Scenario
	for _, rule := range diagnostics.Rules() {
		content, _ := docs.Rule(rule.Code)
		page, err := pages.Parse(content)
		if err != nil {
			t.Fatal(err)
		}
		s := newRuleCase(rule.Code).scenario
		if rule.Code == "example-missing-key" { // the example says which variable is set elsewhere
			s.Env["DBT_SCHEMA"] = "main"
		}
		for path, content := range page.Good.Files {
			if rest, ok := strings.CutPrefix(path, "~/"); ok {
				s.Home[rest] = content
			} else {
				s.Files[path] = content
			}
		}
		if rule.Code != "mesh-both" { // its packages are fetched from the network
			scenarios = append(scenarios, s)
		}
	}
	for i, got := range engine.Batch(t, scenarios) {
		if got.Exit != 0 {
			t.Errorf("%s: the engine refuses the good example: %s", scenarios[i].Name, got.Stderr+got.Stdout)
		}
	}
}

// refusalExceptions are the cases in which the engine at hand does something
// else, with the reason.
func refusalExceptions() map[string]string {
	const newer, v1 = "a release that knows more may come", "the case is about dbt v1"
	const otherwise = "dbt is meant to be started by another tool, which sets the variables"
	excused := map[string]string{
		"env_disables_model/dbt-v1":                                v1,
		"env_missing/dbt-v1-reads-no-env-file":                     v1,
		"env_missing/supplied-by-meltano":                          otherwise,
		"env_absent/supplied-by-direnv":                            otherwise,
		"env_engine_unknown/dbt-v1":                                v1,
		"env_engine_unknown/newer-option-newer-engine":             "the case is about an option of 2.0.0",
		"env_engine_unknown/version-unknown":                       newer,
		"env_name_invalid/dbt-v1":                                  v1,
		"env_jinja_value/dbt-v1":                                   v1,
		"env_setting_invalid/dbt-v1":                               v1,
		"env_setting_invalid/engine-name-wins":                     "since preview.203, after the engine at hand",
		"project_schema/dbt-v1":                                    v1,
		"yaml_duplicate_key/dbt-v1":                                v1,
		"yaml_unknown_key/a-newer-engine":                          newer,
		"adapter_unknown/a-newer-engine":                           newer,
		"env_engine_setting/stops-or-hides":                        "it stops only until a parse has kept what it read",
		"env_lost/v1-reads-on":                                     v1,
		"env_parse/v1-reads-on":                                    v1,
		"var_missing/v1":                                           v1,
		"adapter_unknown/dbt-v1":                                   v1,
		"profile_field_required/dbt-v1":                            v1,
		"profile_unset/a-package-with-a-project-that-tries-it-out": "nobody runs dbt in a package",
		"profile_structure/a-list-of-connections":                  "accepted since 2.0.0, after the engine at hand",
		"project_schema/settings-since-2":                          "accepted since 2.0.0, after the engine at hand",
	}
	for _, c := range []string{"", "-fetched-too-long-ago", "-nothing-fetched", "-broken-artifact", "-other-engine", "-unsaved", "-in-a-package-of-the-name", "-suppressed"} {
		excused["mesh_unknown_project/model-not-public"+c] = "the open-source build knows no models of other projects"
	}
	return excused
}

// ruleCase is a case of a rule's archive. The frame in diagnostics explains
// the names of its files.
type ruleCase struct {
	scenario dbttest.Scenario
	refused  bool // a finding says so
	open     map[string]string
}

func ruleCases(rule string, archive *txtar.Archive) []ruleCase {
	var cases []ruleCase
	for _, file := range archive.Files {
		name, rest, _ := strings.Cut(file.Name, "/")
		name = rule + "/" + name
		if len(cases) == 0 || cases[len(cases)-1].scenario.Name != name {
			cases = append(cases, newRuleCase(name))
		}
		cases[len(cases)-1].add(rest, string(file.Data))
	}
	for _, c := range cases { // as if the editor had saved
		for path, content := range c.open {
			c.scenario.Files[path] = content
		}
	}
	return cases
}

// newRuleCase is the project that a case has unless it brings its own.
func newRuleCase(name string) ruleCase {
	return ruleCase{scenario: dbttest.Scenario{
		Name: name, Env: map[string]string{"USER": "me"}, Home: map[string]string{},
		Args: []string{"parse", "--target-path", "{home}/target"}, // half a manifest may be left there, which nobody reads
		Files: map[string]string{
			"dbt_project.yml": "name: shop\nprofile: shop\n",
			"profiles.yml":    "shop" + strings.TrimPrefix(dbttest.Profiles, "p"),
		},
	}, open: map[string]string{}}
}

func (c *ruleCase) add(name, data string) {
	s := &c.scenario
	folder, rest, _ := strings.Cut(name, "/")
	switch {
	case name == "want":
		c.refused = regexp.MustCompile(`(?m)^\S+ error! `).MatchString(data)
	case name == "engine", name == "git", folder == "fixed":
	case name == "absent":
		for _, absent := range strings.Fields(data) {
			delete(s.Files, absent)
		}
	case name == "shell":
		for line := range strings.Lines(data) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			s.Env[key] = value
		}
	case name == "settings":
		for line := range strings.Lines(data) {
			c.setting(strings.TrimSpace(line))
		}
	case folder == "home":
		s.Home[rest] = data
	case folder == "open":
		c.open[rest] = data
	default:
		s.Files[name] = data
	}
}

// setting adds the flag or the folder that stands for a setting.
func (c *ruleCase) setting(line string) {
	s := &c.scenario
	switch key, value, _ := strings.Cut(line, "="); key {
	case "target":
		s.Args = append(s.Args, "--target", value)
	case "profile":
		s.Args = append(s.Args, "--profile", value)
	case "profilesDir":
		s.Args = append(s.Args, "--profiles-dir", value)
	case "workingDirectory":
		s.Cwd = value
	}
}
