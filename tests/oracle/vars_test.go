package oracle

import (
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
)

// A varsCase is a project with a local package u, and where both have variables.
type varsCase struct {
	project string // added to dbt_project.yml
	pkg     string // added to the dbt_project.yml of u
	path    string // a file of the project
	content string
}

// TestProjectVariables compares what the rules say of var() with what the engine
// does: whose variable counts, and in which files.
func TestProjectVariables(t *testing.T) {
	const (
		reads    = "select {{ var('v') }}"
		in, ours = "pk/models/n.sql", "models/m.sql"
		own      = "vars: {v: \"{{ env_var('OWN') }}\"}"
		hit      = "select {{ env_var('HIT') if var('v', 'd') == 'd' else 1 }}"
	)
	cases := []varsCase{
		{"", own, in, reads},
		{"", "vars: {u: {v: \"{{ env_var('OWN') }}\"}}", in, reads},
		{"vars: {v: \"{{ env_var('ROOT') }}\"}", own, in, reads},
		{"vars: {u: {v: \"{{ env_var('FOR_U') }}\"}}", own, in, reads},
		{"vars: {u: {v: \"{{ env_var('FOR_U') }}\"}, v: \"{{ env_var('ROOT') }}\"}", own, in, reads},
		{"vars: {p: {v: \"{{ env_var('FOR_P') }}\"}}", own, in, reads},
		{"vars: {p: {v: \"{{ env_var('FOR_P') }}\"}}", "", in, reads},
		{"vars: {v: 1}", own, in, reads},
		{"vars: {p: {v: 1}}", own, in, reads},
		{"vars: {u: {v: 1}}", own, in, reads},
		{"", own, ours, reads},
		{"", own, ours, "select {{ u.mac() }}"},
		{"vars: {v: \"{{ env_var('ROOT') }}\"}", own, ours, "select {{ u.mac() }}"},
		{"", own, in, "select {{ mac() }}"},
		{"", "", "pk/vars.yml", "vars: {v: \"{{ env_var('OWN') }}\"}\n"},
		{"", "", "vars.yml", "vars: {v: \"{{ env_var('ROOT') }}\"}\n"},
		{"", "", "vars.yml", "vars: {u: {v: \"{{ env_var('FOR_U') }}\"}}\n"},
		{"", own, "pk/models/s.yml", "models:\n  - name: n\n    description: \"{{ var('v', 'd') }}\"\n"},
		{"", own + "\nmodels: {u: {+alias: \"{{ var('v', 'd') }}\"}}", in, "select 1"},
		{"vars: {q: {v: \"{{ env_var('Q') }}\"}}", "", ours, "select {{ var('v', 5) }}"},
		{"vars: {q: {v: \"{{ env_var('Q') }}\"}}", "", ours, "select {{ var('q') }}"},
		{"vars: {q: {v: \"{{ env_var('Q') }}\"}}", "", ours, "select {{ var('q').v }}"},
		{"vars: {v: \"{{ env_var('A1') }}\", p: {v: \"{{ env_var('A2') }}\"}}", "", ours, reads},
		{"vars: {p: {v: [\"{{ env_var('L') }}\"]}}", "", ours, reads},
		{"vars: {p: {v: {k: \"{{ env_var('L') }}\"}}}", "", ours, "select {{ var('k', 'd') }}"},
		{"vars: {v: }", "", ours, hit},
		{"vars: {v: '{# c #}d'}", "", ours, hit},
		{"vars: {v: '{# c #}'}", "", ours, hit},
		{"vars: {p: {v: x}, v: d}", "", ours, hit},
		{"vars: {p: {v: }, v: d}", "", ours, hit},
		{"vars: {p: 5, v: d}", "", ours, hit},
		{"vars: {p: [d], v: d}", "", ours, hit},
		{"vars: {q: {v: x}, v: d}", "", ours, hit},
		{"vars: {v: d, p: {w: x}}", "", ours, hit},
		{"vars: {V: x}", "", ours, hit},
		{"vars: {v: x}\nmodels: {p: {+alias: \"{{ env_var('HIT') if var('v', 'd') == 'd' else 1 }}\"}}", "", ours, "select 1"},
		{"vars: {v: d}\nmodels: {p: {+alias: \"{{ env_var('HIT') if var('v', 'x') == 'd' else 1 }}\"}}", "", ours, "select 1"},
		{"vars: {v: \"{{ env_var('Z') }}\"}\nquery-comment: \"{{ var('v', 'd') }}\"", "", ours, "select 1"},
		{"vars: {v: \"{{ env_var('Z') }}\"}\nquery-comment: {comment: \"{{ var('v', 'd') }}\"}", "", ours, "select 1"},
		{"vars: {v: true}\nmodels: {p: {+enabled: \"{{ var('v', 'x') }}\"}}", "", ours, "select {{ env_var('HIT') }}"},
		{"vars: {v: nope}\nmodel-paths: [\"{{ var('v', 'models') }}\"]", "", ours, "select {{ env_var('HIT') }}"},
		{"vars: {v: models}\nmodel-paths: [\"{{ var('v', 'nope') }}\"]", "", ours, "select {{ env_var('HIT') }}"},
		{"vars: {v: \"{{ env_var('Z') }}\"}", "", "selectors.yml", "selectors: [{name: a, description: \"{{ var('v', 'd') }}\", definition: x}]\n"},
		{"vars: {v: \"{{ var('w') }}\", w: \"{{ env_var('Z') }}\"}", "", ours, reads},
		{"vars: {v: \"{{ var('w', env_var('Y')) }}\", w: 1}", "", ours, reads},
	}
	for _, value := range []string{"{{ var('v', 'd') }}", "{{ var('v', 5) }}", "{{ var('v', env_var('Z')) }}", "{{ var('v', '7') }}", "{{ 'x' if var('v', false) else 5 }}"} {
		cases = append(cases, varsCase{"vars: {v: x}", "", "profiles.yml", "p: {target: dev, outputs: {dev: {type: duckdb, path: \"" + value + "\"}}}\n"})
	}
	for _, target := range []string{"dev", "nope"} {
		cases = append(cases, varsCase{"vars: {v: nope}", "", "profiles.yml", "p: {target: \"{{ var('v', '" + target + "') }}\", outputs: {dev: {type: duckdb, path: x}}}\n"})
	}
	compareVars(t, cases)
}

// TestRequiredVariables compares where dbt stops for a var() without a default.
func TestRequiredVariables(t *testing.T) {
	const (
		call       = "\"{{ var('nope') }}\""
		properties = "models/m.yml"
		described  = "models:\n  - name: m\n    description: "
	)
	cases := []varsCase{
		{"", "", "models/m.sql", "select {{ var('nope') }}"},
		{"", "", "models/m.sql", "{% if execute %}{{ var('nope') }}{% endif %}select 1"},
		{"", "", "models/m.sql", "{{ config(pre_hook=\"select {{ var('nope') }}\") }}select 1"},
		{"", "", "tests/t.sql", "select {{ var('nope') }} limit 0"},
		{"", "", properties, described + call},
		{"", "", properties, described + "\"{{ var('nope', none) }}\""},
		{"", "", properties, described + "\"{{ var('nope') | default('x') }}\""},
		{"", "", properties, described + "\"{{ var('nope') if env_var('B', '') else 'x' }}\""},
		{"", "", properties, described + "\"{{ 'x' if true else var('nope') }}\""},
		{"", "", properties, "models:\n  - name: nobody\n    description: " + call},
		{"", "", properties, "sources:\n  - name: s\n    schema: " + call + "\n    tables: [{name: t}]"},
		{"", "", properties, "models:\n  - name: m\n    config: {enabled: " + call + "}"},
		{"", "", properties, "models:\n  - name: m\n    config: {post_hook: \"select {{ var('nope') }}\"}"},
		{"vars: {nope: a}", "", properties, described + call},
		{"vars: {nope: }", "", properties, described + call},
		{"vars: {p: {nope: a}}", "", properties, described + call},
		{"vars: {q: {nope: a}}", "", properties, described + call},
		{"vars: {nope: \"{{ var('other') }}\"}", "", properties, described + call},
		{"vars: {u: {nope: a}}", "", "pk/models/n.yml", "models:\n  - name: n\n    description: " + call},
		{"models: {p: {+alias: " + call + "}}", "", "models/m.sql", "select 1"},
		{"vars: {nope: a}\nmodels: {p: {+alias: " + call + "}}", "", "models/m.sql", "select 1"},
		{"models: {p: {+alias: \"{{ var('nope', 'a') }}\"}}", "", "models/m.sql", "select 1"},
		{"on-run-start: \"select {{ var('nope') }}\"", "", "models/m.sql", "select 1"},
		{"query-comment: " + call, "", "models/m.sql", "select 1"},
		{"vars: {nope: a}\nquery-comment: " + call, "", "models/m.sql", "select 1"},
		{"model-paths: [" + call + "]", "", "models/m.sql", "select 1"},
		{"", "", "profiles.yml", "p: {target: dev, outputs: {dev: {type: duckdb, path: " + call + "}}}"},
		{"", "", "profiles.yml", "p: {target: dev, outputs: {dev: {type: duckdb}, prod: {type: duckdb, path: " + call + "}}}"},
		{"", "", "profiles.yml", "p: {target: " + call + ", outputs: {dev: {type: duckdb}}}"},
		{"", "", "packages.yml", "packages:\n  - local: " + call},
		{"", "", "selectors.yml", "selectors: [{name: a, description: " + call + ", definition: x}]"},
	}
	compareVars(t, cases)
}

func compareVars(t *testing.T, cases []varsCase) {
	t.Helper()
	var all []scenario
	for _, c := range cases {
		all = append(all, c.scenario())
	}
	var total figures
	for i, problem := range compare(t, dbttest.Find(t), all, &total) {
		if problem != nil {
			t.Errorf("%+v: %s\n%s", cases[i], problem.kind, problem.detail)
		}
	}
	t.Logf("%d projects: %s", len(all), total.String())
}

func (c varsCase) scenario() scenario {
	files := map[string]string{
		"dbt_project.yml":    "name: p\nversion: '1.0'\nprofile: p\n" + c.project + "\n",
		"profiles.yml":       "p: {target: dev, outputs: {dev: {type: duckdb, path: x.duckdb, schema: main}}}\n",
		"models/m.sql":       "select 1\n",
		"packages.yml":       "packages:\n  - local: pk\n",
		"pk/dbt_project.yml": "name: u\nversion: '1.0'\n" + c.pkg + "\n",
		"pk/models/n.sql":    "select 1\n",
		"pk/macros/x.sql":    "{% macro mac() %}{{ var('v') }}{% endmacro %}\n",
	}
	if strings.HasSuffix(c.path, "vars.yml") {
		files["pk/models/n.sql"] = "select {{ var('v') }}\n"
	}
	files[c.path] = c.content + "\n"
	return scenario{Scenario: dbttest.Scenario{Name: c.path, Files: files}}
}
