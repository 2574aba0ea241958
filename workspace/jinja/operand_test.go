package jinja_test

import (
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
)

// TestOperands has what is done with the result of a call, and what its name is.
func TestOperands(t *testing.T) {
	for source, want := range map[string]string{
		`{{ env_var('A') }}`:                              "",
		`x{{ env_var('A') ~ '/' }}y`:                      "",
		`{{ env_var('A') | as_text }}`:                    "",
		`{{ env_var('A') | upper }}`:                      "altered",
		`{{ ('x' ~ env_var('A')) | string | trim }}`:      "altered",
		`{{ (env_var('A') if x else 'b') | replace(1) }}`: "altered",
		`{{ 'x' | replace('y', env_var('A')) }}`:          "altered",
		`{% if env_var('A') == 'x' %}{% endif %}`:         "altered",
		`{% if 'x' in env_var('A') %}{% endif %}`:         "altered",
		`{% if env_var('A', '') != '' %}{% endif %}`:      "",
		`{{ env_var('A') | as_number }}`:                  "",
		`{{ env_var('A')[:3] }}`:                          "altered",
		`{{ env_var('A').upper() }}`:                      "altered",
		`{{ config(enabled=env_var('A')) }}`:              "enables",
		`{{ config({'enabled': env_var('A')}) }}`:         "enables",
		`{{ config(enabled=(env_var('A') == 'x')) }}`:     "altered enables",
		`{{ config(schema=env_var('A'), enabled=true) }}`: "",
		`{{ env_var(5) }}`:                                "no text",
		`{{ env_var(none, 'x') }}`:                        "no text",
		`{{ env_var() }}`:                                 "no text",
		`{{ env_var(default='x') }}`:                      "no text",
		`{{ env_var(['A']) }}`:                            "no text",
		`{{ env_var(name) }}`:                             "",
		`{{ env_var(*names) }}`:                           "",
	} {
		calls := jinja.Parse(source).Calls
		if len(calls) != 1 {
			t.Fatalf("%s: %d calls", source, len(calls))
		}
		got := ""
		for _, word := range []struct {
			text  string
			holds bool
		}{{"altered", calls[0].Altered}, {"enables", calls[0].Enables}, {"no text", calls[0].NoText}} {
			if word.holds && got != "" {
				got += " "
			}
			if word.holds {
				got += word.text
			}
		}
		if got != want {
			t.Errorf("%s: %q, not %q", source, got, want)
		}
	}
}
