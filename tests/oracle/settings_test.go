package oracle_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// TestSettingsAgree compares which settings each kind of resource takes in
// dbt_project.yml with the schema that the engine prints, and asks it about one that is
// none.
func TestSettingsAgree(t *testing.T) {
	engine := dbttest.Find(t)
	var schema struct {
		Definitions map[string]json.RawMessage
	}
	printed := engine.Run(t, dbttest.Scenario{Args: []string{"man", "--schema", "project"}})
	if err := json.Unmarshal([]byte(printed.Stdout), &schema); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{
		"models": "ModelConfig", "seeds": "SeedConfig", "snapshots": "SnapshotConfig", "sources": "SourceConfig", "tests": "DataTestConfig",
		"data_tests": "DataTestConfig", "unit_tests": "UnitTestConfig", "exposures": "ExposureConfig", "metrics": "MetricConfigs",
		"semantic-models": "SemanticModelConfig", "saved-queries": "SavedQueryConfig", "functions": "FunctionConfig", "analyses": "AnalysisConfig",
	}
	for kind, definition := range kinds {
		var settings struct {
			Properties map[string]any
		}
		if err := json.Unmarshal(schema.Definitions["Project"+definition], &settings); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		var want []string
		for name := range settings.Properties {
			want = append(want, strings.TrimPrefix(name, "+"))
		}
		slices.Sort(want)
		if got := slices.Sorted(dbt.SettingsOf(kind)); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: we know %v, the engine %v", kind, got, want)
		}
		refused := engine.Run(t, dbttest.WithProject(dbttest.Scenario{Files: map[string]string{
			"dbt_project.yml": "name: p\nprofile: p\n" + kind + ":\n  p:\n    +nonsense: 1\n",
		}}))
		if !strings.Contains(refused.Stderr, "expected struct Project"+definition) {
			t.Errorf("%s: the engine says %s", kind, refused.Stderr)
		}
	}
}

// TestSettingsOfOtherReleases asks which settings the engine takes that its schema does
// not tell, and whether it refuses those that only later releases know.
func TestSettingsOfOtherReleases(t *testing.T) {
	ask := func(kind, setting string) dbttest.Scenario {
		return dbttest.WithProject(dbttest.Scenario{Name: kind + " " + setting, Files: map[string]string{
			"dbt_project.yml": "name: p\nprofile: p\n" + kind + ":\n  p:\n    +" + setting + ": x\n",
		}})
	}
	var asked []dbttest.Scenario
	for kind, setting := range dbt.OtherSettingNames() {
		asked = append(asked, ask(kind, setting))
	}
	others := len(asked)
	for kind, setting := range dbt.NewerSettings() {
		asked = append(asked, ask(kind, setting))
	}
	for i, seen := range dbttest.Find(t).Batch(t, asked) {
		refused := strings.Contains(seen.Stderr, "expected struct Project")
		if newer := i >= others; refused != newer {
			t.Errorf("%s: refused %v, by our lists %v\n%s", asked[i].Name, refused, newer, seen.Stderr)
		}
	}
}
