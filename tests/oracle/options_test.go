package oracle_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// TestOptionsAgree compares which values the engine takes for its own options.
// Status 2 is its argument parser's; an empty value is refused in other ways too.
func TestOptionsAgree(t *testing.T) {
	type trial struct {
		option          dbt.Option
		variable, value string
	}
	var trials []trial
	var scenarios []dbttest.Scenario
	for _, variable := range dbt.OptionNames() {
		option, ok := dbt.OptionOf(variable)
		if !ok {
			t.Fatalf("%s is listed, and not known", variable)
		}
		for _, value := range optionValues(variable) {
			trials = append(trials, trial{option, variable, value})
			args := []string{"parse"}
			if len(option.Commands) > 0 {
				args = []string{option.Commands[0]}
			}
			scenarios = append(scenarios, dbttest.WithProject(dbttest.Scenario{
				Name: variable, Files: map[string]string{"models/m.sql": "select 1 as x"}, Args: args,
				Env: map[string]string{variable: value, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
			}))
			if variable == "DBT_SEND_ANONYMOUS_USAGE_STATS" {
				scenarios[len(scenarios)-1].Env[variable] = value
			}
		}
	}
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		is := trials[i]
		refused := got.Exit == 2 || is.value == "" && got.Exit != 0 || strings.Contains(got.Stdout+got.Stderr, "parse duration")
		if accepted := is.option.Accepts(is.value); accepted == refused {
			t.Errorf("%s=%q: we say accepted: %v, the engine answers %d: %s", is.variable, is.value, accepted, got.Exit, got.Stderr)
		}
	}
	t.Logf("%d values", len(trials))
}

// optionValues are the values that an option is tried with.
func optionValues(variable string) []string {
	values := []string{"", "maybe"}
	switch strings.TrimPrefix(variable, "DBT_") {
	case "DEBUG":
		values = append(values, "1", "TRUE", "Off", "y", "2", " true", "on ")
	case "LOG_LEVEL", "LOG_FORMAT", "INDIRECT_SELECTION", "BETA_USE_QUERY_CACHE", "COMPUTE":
		values = append(values, "INFO", "json", "JSON", "Eager", "true", "True", "inline", "Inline")
	case "INVOCATION_ID":
		values = append(values, "123", "0x1f", "-1", "a1b2c3d4-0000-0000-0000-000000000000", "{A1B2C3D4-0000-0000-0000-000000000000}",
			"a1b2c3d4000000000000000000000000", "340282366920938463463374607431768211455", "340282366920938463463374607431768211456")
	case "PARENT_SPAN_ID":
		values = append(values, "123", "zz", "0xabc", "ABC", "18446744073709551616", "abcdefabcdefabcd", "abcdefabcdefabcdef")
	case "LOG_FILE_MAX_BYTES", "PRINTER_WIDTH":
		values = append(values, "0", "+5", "007", "-5", "2.5", "1_000", "4294967296", "18446744073709551616")
	case "WARN_ERROR_OPTIONS":
		values = append(values, "{}", "error: all", `{"error": "all"}`, "[a]", "null")
	case "STATIC_ANALYSIS":
		values = append(values, "off", "OFF", "strict")
	case "SAMPLE":
		values = append(values, "3 days", "2024-01-01")
	}
	return values
}

// TestReservedNamesAgree compares which names with DBT_ENGINE_ the engine
// refuses. It is older than 2.0.0, which refuses fewer.
func TestReservedNamesAgree(t *testing.T) {
	names := append(dbt.ReservedNames(), "DBT_ENGINE_NOPE", "DBT_ENGINE_", "DBT_ENGINE", "dbt_engine_nope", "DBT_ENGINE_target",
		"DBT_ENGINE_THREADS", "DBT_ENGINE_DIRTY", "DBT_ENGINE_CLOUD_PROJECT_ID", "DBT_ENGINE_HOST", "DBT_ENGINE_EMPTY", "DBT_ENGINE_DEFER_TO_STATE")
	scenarios := make([]dbttest.Scenario, len(names))
	for i, name := range names {
		scenarios[i] = dbttest.WithProject(dbttest.Scenario{Name: name, Env: map[string]string{name: "1"}})
	}
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		output := got.Stdout + got.Stderr
		refused := strings.Contains(output, "prefix is reserved")
		ignored := strings.Contains(output, "will have no effect")
		reserved := dbt.ReservedName(names[i])
		if refused != slices.Contains([]dbt.Reserved{dbt.ReservedUnknown, dbt.ReservedNewer}, reserved) || ignored != (reserved == dbt.ReservedIgnored) {
			t.Errorf("%s: we say %d, the engine %s", names[i], reserved, output)
		}
	}
	t.Logf("%d names", len(names))
}
