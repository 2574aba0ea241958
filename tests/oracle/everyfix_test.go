package oracle_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// mended is a case after one fix of one finding, and what is expected of it.
type mended struct {
	scenario dbttest.Scenario
	fix      string // rule and title
	refused  bool   // a finding is left that says so
}

// TestEveryFix applies each fix of the archives by itself, the unsafe ones too,
// and asks the engine: it takes a project whose last refusal was mended, it reads
// the variables of a changed .env as the model does, and it uses the profile or
// output that was chosen.
func TestEveryFix(t *testing.T) {
	engine := dbttest.Find(t)
	archives, err := filepath.Glob(filepath.Join(dbttest.Repository(t), "diagnostics", "testdata", "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	var refusals, changes, choices []mended
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range ruleCases(strings.TrimSuffix(filepath.Base(path), ".txtar"), archive) {
			r, e := c.mend(t)
			refusals, changes = append(refusals, r...), append(changes, e...)
			choices = append(choices, slices.DeleteFunc(r, func(m mended) bool { return m.refused || !choice.MatchString(m.fix) })...)
		}
	}
	compareRefusals(t, engine, refusals)
	compareVariables(t, engine, changes)
	compareChoices(t, engine, choices)
}

// choice is a fix that chooses a profile or an output of one.
var choice = regexp.MustCompile("(?:the (profile|output) |`(target): )([^ `?]+)[`?]?$")

// compareChoices asks which profile and output the engine uses.
func compareChoices(t *testing.T, engine *dbttest.Engine, all []mended) {
	var scenarios []dbttest.Scenario
	for _, m := range all {
		m.scenario.Args = slices.DeleteFunc(slices.Clone(m.scenario.Args), func(arg string) bool { return arg == "--target-path" || arg == "{home}/target" })
		scenarios = append(scenarios, dbttest.Probe(m.scenario, "target.profile_name", "target.name"))
	}
	seen := 0
	for i, got := range engine.Batch(t, scenarios) {
		values, ok := got.Probed()
		if !ok {
			continue // compareRefusals has looked at that
		}
		seen++
		parts, used := choice.FindStringSubmatch(all[i].fix), values[1]
		if parts[1] == "profile" {
			used = values[0]
		}
		if used != parts[3] {
			t.Errorf("%s: the engine uses %v", all[i].fix, values)
		}
	}
	t.Logf("%d choices of profiles and outputs, of which the engine shows %d", len(all), seen)
	if seen < 10 {
		t.Error("that is too few to show anything")
	}
}

// mend applies each fix of the case by itself. It returns the projects that were
// refused, and those whose .env is another one.
func (c *ruleCase) mend(t *testing.T) (refusals, changes []mended) {
	at := lay(t, c.scenario)
	c.settle(at)
	for _, f := range findings(at.workspace.Snapshot()) {
		fixes := f.Offers()
		for i := range fixes {
			chosen := &fixes[i]
			if chosen.Command != nil {
				continue
			}
			m := mended{scenario: at.apply(t, c.scenario, chosen), fix: c.scenario.Name + ": " + f.Rule.Code + ": " + chosen.Title}
			if m.scenario.Files[".env"] != c.scenario.Files[".env"] {
				changes = append(changes, m)
			}
			if !f.Refuses {
				continue
			}
			after := lay(t, m.scenario)
			c.settle(after)
			m.refused = slices.ContainsFunc(findings(after.workspace.Snapshot()), func(f diagnostics.Finding) bool { return f.Refuses })
			refusals = append(refusals, m)
		}
	}
	return refusals, changes
}

// settle gives the model the settings that stand in the arguments.
func (c *ruleCase) settle(at place) {
	s := workspace.Settings{WorkingDir: c.scenario.Cwd}
	for i, arg := range c.scenario.Args {
		switch arg {
		case "--target":
			s.Target = c.scenario.Args[i+1]
		case "--profile":
			s.Profile = c.scenario.Args[i+1]
		case "--profiles-dir":
			s.ProfilesDir = c.scenario.Args[i+1]
		}
	}
	at.workspace.SetSettings(func(string) workspace.Settings { return s })
}

// typedValue is what a person types where a fix leaves the cursor.
const typedValue = "typed1"

// apply returns a scenario after a fix.
func (at place) apply(t *testing.T, s dbttest.Scenario, chosen *diagnostics.Fix) dbttest.Scenario {
	s.Files, s.Home = maps.Clone(s.Files), maps.Clone(s.Home)
	edits := map[*workspace.File][]text.Edit{}
	for _, e := range chosen.Edits {
		edits[e.File] = append(edits[e.File], e.Edit)
	}
	changed := map[string]string{}
	for file, all := range edits {
		content, err := text.Apply(file.Content, all)
		if err != nil {
			t.Fatal(err)
		}
		changed[file.Path] = string(content)
	}
	for _, created := range chosen.Create {
		changed[created.Path] = created.Content
	}
	if cursor := chosen.Cursor; cursor != nil {
		content, known := changed[cursor.Path]
		if file, there := at.workspace.Snapshot().File(cursor.Path); !known && there {
			content = string(file.Content)
		}
		changed[cursor.Path] = content[:cursor.Offset] + typedValue + content[cursor.Offset:]
	}
	for path, content := range changed {
		files, name := at.find(s, path)
		files[name] = content
	}
	for _, path := range chosen.Delete {
		files, name := at.find(s, path)
		delete(files, name)
	}
	return s
}

// find returns the files that a path is among, and its name there.
func (at place) find(s dbttest.Scenario, path string) (files map[string]string, name string) {
	if name, ok := strings.CutPrefix(path, at.home+string(filepath.Separator)); ok {
		return s.Home, filepath.ToSlash(name)
	}
	return s.Files, filepath.ToSlash(strings.TrimPrefix(path, at.root+string(filepath.Separator)))
}

// compareRefusals asks whether the engine takes what is mended.
func compareRefusals(t *testing.T, engine *dbttest.Engine, all []mended) {
	excused := refusalExceptions()
	excused["env_missing/half-typed"] = "the call that nobody has finished is refused, too"
	for _, tool := range []string{"a-dev-container", "a-dev-container-that-has-a-name", "direnv"} {
		excused["env_missing/supplied-by-"+tool] = "the other variables are set by that tool"
	}
	var scenarios []dbttest.Scenario
	for _, m := range all {
		scenarios = append(scenarios, m.scenario)
	}
	taken := 0
	for i, got := range engine.Batch(t, scenarios) {
		if _, excuse := excused[all[i].scenario.Name]; excuse {
			continue
		}
		switch refused := got.Exit != 0; {
		case refused && further(got) != "":
			// It got to what is not in the archive.
		case refused && !all[i].refused:
			t.Errorf("%s: the engine still refuses: %s", all[i].fix, got.Stderr+got.Stdout)
		case !refused && all[i].refused:
			t.Errorf("%s: there is still a refusal, and the engine takes it", all[i].fix)
		case !refused:
			taken++
		}
	}
	t.Logf("%d fixes of refusals, the engine takes the project after %d", len(all), taken)
	if taken < 50 {
		t.Error("that is too few to show anything")
	}
}

// further says why the engine refuses what the archives cannot hold, although it
// is past what was mended; "" for another reason.
func further(got dbttest.Observation) string {
	for sign, reason := range map[string]string{
		"Package does not contain a dbt_project.yml file": "the package is not there",
		"Searched for '": "the open-source build knows no models of other projects",
	} {
		if strings.Contains(got.Stdout+got.Stderr, sign) {
			return reason
		}
	}
	return ""
}

// compareVariables asks which variables of .env the engine reads.
func compareVariables(t *testing.T, engine *dbttest.Engine, all []mended) {
	seen := map[string]bool{}
	var scenarios []dbttest.Scenario
	var fixes []string
	var want []map[string]string
	for _, m := range all {
		content := m.scenario.Files[".env"]
		file := dotenv.Parse([]byte(content))
		if seen[content] || len(file.Entries) == 0 || len(file.Entries) > 100 {
			continue
		}
		seen[content] = true
		values := map[string]string{}
		for _, v := range file.Values(nil).All() {
			if v.Effective() {
				values[v.Name] = v.Text.Reveal()
			}
		}
		names := map[string]bool{}
		for i := range file.Entries {
			names[file.Name(&file.Entries[i])] = true
		}
		scenarios = append(scenarios, dbttest.Variables(dbttest.Scenario{Name: m.fix, Files: map[string]string{".env": content}}, slices.Sorted(maps.Keys(names))))
		fixes, want = append(fixes, m.fix), append(want, values)
	}
	read := 0
	for i, got := range engine.Batch(t, scenarios) {
		values, ok := got.Variables()
		if !ok {
			continue // a name of dbt's own stops it
		}
		read++
		if diff := cmp.Diff(want[i], values); diff != "" {
			t.Errorf("%s: the engine reads something else:\n%s", fixes[i], diff)
		}
	}
	t.Logf("%d changed .env files, of which the engine tells %d", len(scenarios), read)
	if read < 50 {
		t.Error("that is too few to show anything")
	}
}
