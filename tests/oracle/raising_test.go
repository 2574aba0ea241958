package oracle

import (
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
)

// raising are values of a variable. env_var() renders them, and some make dbt
// fail while it does: everywhere, or only where looking into what is undefined
// is a mistake.
const raising = `{{ 'a' | nofilter }}
{{ x | nofilter }}
{{ 'abcdef' | truncate(5) }}
{{ 1 is notest }}
{{ 'a' is callable }}
{{ x.y }}
{{ x['y'] }}
{{ x.y.z }}
{{ x.y() }}
{{ 'a'.y }}
{{ 'a'.y.z }}
{{ {'a': 1}.b.c }}
{{ 'a'.nomethod() }}
{{ [1].nomethod() }}
{{ 'a'.strip() }}
{{ 'a'.encode() }}
{{ [1].reverse() }}
{{ [1].count(1) }}
{{ {'a': 1}.get('a') }}
{{ 1 + 'a' }}
{{ 'a' - 1 }}
{{ x + 1 }}
{{ x ~ 'a' }}
{{ 1 / 0 }}
{{ 1 // 0 }}
{{ 5 % 0 }}
{{ -x }}
{{ -'a' }}
{{ 'a' * 'b' }}
{{ 1 in 5 }}
{{ 'a' in x }}
{{ exceptions.raise_compiler_error('x') }}
{{ 'a' if x.y else 'b' }}
{{ 'a' if true else x.y }}
{{ 'a' if false else x.y }}
{{ x and x.y }}
{{ x or 'a' }}
{{ target.schema }}
{{ target.nothing }}
{% if true %}a{% else %}{{ 'a' | nofilter }}{% endif %}
{% for i in [1] %}{{ i | nofilter }}{% endfor %}
{% for i in [] %}{{ i | nofilter }}{% endfor %}
{{ env_var('B') }}
{{ env_var('NOT_SET') }}
{{ env_var('C') }}`

// TestRaisingValuesAgree asks the engine whether it stops at a value that
// env_var() renders, in every kind of file.
func TestRaisingValuesAgree(t *testing.T) {
	const call = "{{ env_var('A') }}"
	const profile = "p: {target: dev, outputs: {dev: {type: duckdb, path: x.duckdb, schema: \"s"
	places := map[string]map[string]string{
		"profiles":      {"profiles.yml": profile + call + "\"}}}\n"},
		"project":       {"dbt_project.yml": "name: p\nprofile: p\nmodels: {p: {+meta: {k: \"" + call + "\"}}}\n"},
		"query-comment": {"dbt_project.yml": "name: p\nprofile: p\nquery-comment: \"" + call + "\"\n"},
		"properties":    {"models/m.yml": "models: [{name: m, description: \"" + call + "\"}]\n"},
		"sql":           {"models/m.sql": "select '" + call + "' as x\n"},
		"selectors":     {"selectors.yml": "selectors:\n  - {name: s, description: \"" + call + "\", definition: {method: tag, value: x}}\n"},
	}
	all := map[string]scenario{}
	for place, files := range places {
		for value := range strings.SplitSeq(raising, "\n") {
			s := scenario{Scenario: dbttest.WithProject(dbttest.Scenario{
				Files: map[string]string{"models/m.sql": "select 1 as x\n", "profiles.yml": profile + "\"}}}\n"},
				Env:   map[string]string{"A": value, "B": "{{ x.y }}", "C": "{{ 'a' | nofilter }}"},
			})}
			for name, content := range files {
				s.Files[name] = content
			}
			all[place+": "+value] = s
		}
	}
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	asked := make([]dbttest.Scenario, len(names))
	for i, name := range names {
		asked[i] = all[name].Scenario
	}
	refused := 0
	for i, got := range dbttest.Find(t).Batch(t, asked) {
		claims := predict(t, all[names[i]]).claims
		if got.Exit != 0 {
			refused++
		}
		if (got.Exit != 0) != (len(claims) > 0) {
			t.Errorf("%s: we claim %v; the engine: %s", names[i], claims, told(got))
		}
	}
	t.Logf("%d values, %d of them refused", len(names), refused)
}
