package oracle_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// TestFieldsAgree asks the engine about every field of a connection that we
// know: what we say that it takes it takes, what we say that it refuses it
// refuses, and it refuses two spellings of one field.
func TestFieldsAgree(t *testing.T) {
	type trial struct {
		what    string
		refused string // what the engine says; "" if it takes it
	}
	var trials []trial
	var scenarios []dbttest.Scenario
	ask := func(adapter, refused string, fields ...string) {
		trials = append(trials, trial{adapter + ": " + strings.Join(fields, ", "), refused})
		scenarios = append(scenarios, dbttest.WithProject(dbttest.Scenario{
			Name: adapter, Env: map[string]string{dbt.ExperimentalVariable: "true"},
			Files: map[string]string{"profiles.yml": fmt.Sprintf("p: {target: dev, outputs: {dev: {type: %s, %s}}}\n", adapter, strings.Join(fields, ", "))},
		}))
	}
	for adapter, fields := range dbt.KnownFields() {
		var taken []string
		seen := map[string]string{}
		for _, field := range fields {
			right, wrong := valuesOf(dbt.TypeOfField(adapter, field))
			name := dbt.FieldName(adapter, field)
			if other, twice := seen[name]; twice {
				ask(adapter, "duplicate field", other+": null", field+": null")
			} else {
				taken, seen[name] = append(taken, field+": "+right), field
			}
			ask(adapter, "", field+": "+wrong)
			if dbt.TypeOfField(adapter, field) != dbt.FieldAny {
				trials[len(trials)-1].refused = "expected|untagged|Invalid number"
			}
		}
		ask(adapter, "", taken...)
	}
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		output := got.Stdout + got.Stderr
		is := trials[i]
		said := "" // a field that is missing does not count here
		for _, word := range strings.Split("duplicate field|expected|untagged|Invalid number", "|") {
			if strings.Contains(output, word) && said == "" {
				said = word
			}
		}
		if (said != "") != (is.refused != "") || said != "" && !strings.Contains(is.refused, said) {
			t.Errorf("%s: we say %q, the engine %s", is.what, is.refused, output)
		}
	}
	t.Logf("%d connections", len(trials))
}

// valuesOf returns a value that a field of a type takes, and one that it does not.
func valuesOf(kind dbt.FieldType) (right, wrong string) {
	switch kind {
	case dbt.FieldText:
		return "abc", "5"
	case dbt.FieldBool:
		return "true", "abc"
	case dbt.FieldInt:
		return "5", "'5'"
	case dbt.FieldTextOr:
		return "5", "true"
	case dbt.FieldThreads:
		return "'5'", "abc"
	case dbt.FieldTexts, dbt.FieldAttachments, dbt.FieldExtensions, dbt.FieldSecrets:
		return "[]", "abc"
	case dbt.FieldMapping:
		return "{}", "abc"
	case dbt.FieldKeyfile:
		return "{a: b}", "5"
	case dbt.FieldQueryTag:
		return "{a: b}", "5"
	case dbt.FieldSparkMethod, dbt.FieldSparkAuth:
		return dbt.Words(kind)[1], "abc"
	}
	return "abc", "5"
}
