package oracle

import (
	"fmt"
	"strings"
)

// properties are files below the resource paths, whose every value is rendered.
func (g *generator) properties() {
	var b strings.Builder
	b.WriteString(g.one("version: 2\n", "", "# a comment with {{ env_var('A') }}\n"))
	switch g.IntN(14) {
	case 0, 1, 2:
		fmt.Fprintf(&b, "models:\n  - name: %s\n    description: \"d %s\"\n", g.one("m", "n", "nobody"), g.expression(`'`))
		if g.chance(30) {
			fmt.Fprintf(&b, "    config:\n      tags: [\"%s\"]\n", g.expression(`'`))
		}
		if g.chance(30) {
			fmt.Fprintf(&b, "    columns:\n      - name: x\n        description: >\n          folded %s\n          text\n", g.expression(`"`))
		}
	case 3:
		fmt.Fprintf(&b, "models:\n  - name: m\n    columns:\n      - name: x\n        data_tests:\n          - accepted_values:\n              arguments:\n                values: [1, \"%s\"]\n", g.expression(`'`))
	case 4:
		fmt.Fprintf(&b, "sources:\n  - name: s\n    schema: '%s'\n    tables:\n      - name: t\n        description: plain %s\n", g.expression(`"`), "{{ env_var('"+g.name()+"', 'd') }}")
	case 5:
		fmt.Fprintf(&b, "exposures:\n  - name: e\n    type: dashboard\n    url: \"https://x/%s\"\n    owner: {name: o, email: o@x.com}\n", g.expression(`'`))
	case 6:
		fmt.Fprintf(&b, "macros:\n  - name: helper\n    description: \"%s\"\n", g.expression(`'`))
	case 7:
		fmt.Fprintf(&b, "models:\n  - name: m\n    columns:\n      - name: x\n        data_tests:\n          - not_null:\n              config:\n                severity: \"%s\"\n", g.one("{{ 'warn' if env_var('A', 'warn') else 'warn' }}", "{{ 'warn' if env_var('B') else 'error' }}", "error", "{{ 'warn' if env_var('C', '') == 'p' else 'error' }}"))
	case 8:
		fmt.Fprintf(&b, "models:\n  - name: m\n    columns:\n      - name: x\n        data_tests:\n          - accepted_values:\n              arguments:\n                values: env_var('%s'%s)\n", g.name(), g.one("", ", 'd'", ", ['1']"))
	case 9:
		fmt.Fprintf(&b, "seeds:\n  - name: s\n    description: \"%s\"\n", g.expression(`'`))
		g.files["seeds/s.csv"] = "a,b\n1,2\n"
	case 10:
		fmt.Fprintf(&b, "unit_tests:\n  - name: u\n    model: m\n    given: []\n    expect:\n      rows:\n        - {x: \"%s\"}\n", g.one("1", "{{ env_var('A', '1') }}", "{{ env_var('B') }}"))
	case 11: // dbt does not render it
		b.Reset()
		fmt.Fprintf(&b, g.one("version: \"%s\"\n", "anchors:\n  - \"%s\"\n", "models:\n  - name: m\n    metrics:\n      - {name: q, type: simple, agg: sum, description: \"%s\"}\n"), g.expression(`'`))
	case 12:
		fmt.Fprintf(&b, "sources:\n  - name: s\n    description: \"%s\"\n%s", g.expression(`'`), g.one("", "    tables: []\n", "    tables:\n", "    tables: [{name: t}]\n"))
	case 13:
		fmt.Fprintf(&b, "%s:\n  - name: nobody\n    description: \"%s\"\n", g.one("seeds", "snapshots", "data_tests", "tests", "metrics", "semantic_models", "macros", "analyses"), g.expression(`'`))
		if g.chance(20) {
			g.files["seeds/nobody.csv"] = "a,b\n1,2\n"
			g.files["tests/nobody.sql"] = "select 1 where false\n"
		}
	}
	g.files["models/"+g.one("schema.yml", "schema.yaml", "sub/_models.yml", ".hidden/s.yml")] = b.String()
}

// projectKeys puts calls into dbt_project.yml.
func (g *generator) projectKeys() {
	switch g.IntN(14) {
	case 0, 1, 2:
		g.add("dbt_project.yml", fmt.Sprintf("models:\n  %s:\n    +%s: \"%s\"\n", g.one("p", "p", "other", "q"), g.one("meta", "schema", "tags", "alias"), g.expression(`'`)))
		g.edit("dbt_project.yml", "+meta: \"", "+meta:\n      k: \"")
	case 3:
		g.edit("dbt_project.yml", "version: '1.0'", "version: \""+g.one("{{ env_var('A', '1.0') }}", "{{ env_var('B') }}", "1.0")+"\"")
	case 4:
		g.add("dbt_project.yml", "packages-install-path: \""+g.one("{{ env_var('A', 'dbt_packages') }}", "{{ env_var('B') }}", "deps")+"\"\n")
	case 5:
		g.add("dbt_project.yml", "model-paths: [\""+g.one("models", "{{ env_var('A', 'models') }}", "m{{ env_var('B') }}", "{{ env_var('C', 'elsewhere') }}", "", ".", "..")+"\"]\n")
	case 6:
		g.add("dbt_project.yml", "seeds:\n  +quote_columns: \"{{ env_var('"+g.name()+"', 'true') | as_bool }}\"\n")
	case 7:
		g.add("dbt_project.yml", "flags:\n  "+g.one("send_anonymous_usage_stats: \"{{ env_var('A', 'false') | as_bool }}\"", "fail_fast: true", "use_colors: \"{{ env_var('B') }}\"", "nope: 1")+"\n")
	case 8:
		g.add("dbt_project.yml", "snapshots:\n  p:\n    +enabled: "+g.one("true", "false", "\"{{ env_var('C', 'true') }}\"", "\"{{ env_var('D') }}\"")+"\n")
	case 9:
		g.add("dbt_project.yml", "clean-targets: [target, \"{{ env_var('"+g.name()+"', 'x') }}\"]\n")
	case 10:
		g.add("dbt_project.yml", "sources:\n  p:\n    +enabled: true\n    +meta: {k: \""+g.expression("'")+"\"}\ndata_tests:\n  +severity: \"{{ env_var('"+g.name()+"', 'warn') if false else 'warn' }}\"\n")
	case 11:
		g.edit("dbt_project.yml", "name: p\n", "name: \""+g.one("{{ env_var('A', 'p') }}", "p", "{{ 'p' }}")+"\"\n")
	case 12:
		g.add("dbt_project.yml", "dispatch:\n  - macro_namespace: dbt\n    search_order: [p, \"{{ env_var('"+g.name()+"', 'dbt') }}\"]\n")
	case 13:
		g.add("dbt_project.yml", "models:\n  p:\n    sub:\n      +meta:\n        \"{{ env_var('NOT_RENDERED') }}\": \""+g.expression("'")+"\"\n")
	}
}

// projectShape makes dbt_project.yml odd.
func (g *generator) projectShape() {
	switch g.IntN(22) {
	case 0:
		g.edit("dbt_project.yml", "name: p\n", g.one("", "name: 5\n", "name: p-q\n", "name:\n", "name: [p]\n", "name: ''\n"))
	case 1:
		g.edit("dbt_project.yml", "version: '1.0'\n", g.one("", "version: 1\n", "version: 1.0\n", "version: 1.0.0\n", "version: [1]\n"))
	case 2:
		g.add("dbt_project.yml", g.one("foo: 1\n", "config_version: 2\n", "dbt_cloud: {}\n", "profiles: p\n", "Models: {}\n"))
	case 3:
		g.add("dbt_project.yml", "config-version: 2\n")
	case 4:
		g.add("dbt_project.yml", g.one("target-path: t\n", "log-path: l\n", "source-paths: [models]\n", "data-paths: [seeds]\n", "modules-path: x\n"))
	case 5:
		g.add("dbt_project.yml", g.one("model-paths: models\n", "model-paths: []\n", "model-paths: [models, other]\n", "model-paths:\n", "model-paths: [5]\n", "macro-paths: [macros, m2]\n", "test-paths: 7\n"))
	case 6:
		g.add("dbt_project.yml", "require-dbt-version: "+g.one("'>=1.0.0,<2.0.0'", "[\">=1.6.0\", \"<3.0.0\"]", "5", "nonsense", "[]")+"\n")
	case 7:
		g.add("dbt_project.yml", "models:\n  p:\n    schema: a\n")
	case 8:
		g.add("dbt_project.yml", "models:\n  +materialized: "+g.one("table", "view", "5", "[]", "nope")+"\n")
	case 9:
		g.add("dbt_project.yml", "models:\n  p: "+g.one("5", "text", "[]", "{}", "")+"\n")
	case 10:
		g.add("dbt_project.yml", g.one("models: 5\n", "models: []\n", "models:\n", "seeds: text\n", "vars: 5\n", "vars: []\n", "vars:\n", "flags: 5\n"))
	case 11:
		g.add("dbt_project.yml", "profile: p\n")
	case 12:
		g.add("dbt_project.yml", "models:\n  p:\n    +schema: a\n    +schema: b\n")
	case 13:
		g.files["dbt_project.yml"] = g.one("", "# nothing\n", "name: p\n", "name: p\nprofile: p\n", "{name: p, profile: p}\n", "- name: p\n", "p\n")
	case 14:
		g.edit("dbt_project.yml", "profile: p", "profile: "+g.one("5", "'p'", "\"p\"", "[p]", "{p: p}", "p # c", "null", "''"))
	case 15:
		g.add("dbt_project.yml", "on-run-start: "+g.one("[]", "5", "{a: b}", "", "select 1")+"\n")
	case 16:
		g.add("dbt_project.yml", "restrict-access: "+g.one("true", "yes", "5")+"\n")
	case 17:
		g.add("dbt_project.yml", "---\n"+g.one("", "name: q\n"))
	case 18:
		g.add("dbt_project.yml", "quoting: "+g.one("{database: true}", "{database: yes}", "5", "{x: true}")+"\n")
	case 19:
		g.add("dbt_project.yml", "query-comment: "+g.one("x", "{comment: x, append: true}", "5", "", "[1]")+"\n")
	case 20:
		g.add("dbt_project.yml", "asset-paths: [assets]\ndocs-paths: [docs]\nanalysis-paths: [analyses]\nsnapshot-paths: [snapshots]\nseed-paths: [seeds]\ntest-paths: [tests]\n")
	case 21:
		g.add("dbt_project.yml", "x: &anchor {a: 1}\n")
	}
}

// enabled switches models on and off.
func (g *generator) enabled() {
	g.files["models/off.sql"] = "select {{ env_var('" + g.name() + "') }} as x\n"
	value := g.one("false", "true", "no", "'false'", "\"{{ env_var('A', 'true') }}\"", "\"{{ env_var('B', 'false') | as_bool }}\"", "\"{{ env_var('C') }}\"", "\"{{ target.name == 'prod' }}\"", "\"{{ env_var('D', 'x') == 'p' }}\"", "\"{{ var('v', false) }}\"")
	switch g.IntN(5) {
	case 0:
		g.add("dbt_project.yml", "models:\n  p:\n    off:\n      +enabled: "+value+"\n")
	case 1:
		g.add("dbt_project.yml", "models:\n  +enabled: "+value+"\n")
	case 2:
		g.files["models/off.yml"] = "models:\n  - name: off\n    config:\n      enabled: " + value + "\n"
	case 3:
		g.files["models/off.sql"] = "{{ config(enabled=" + g.one("false", "true", "env_var('A', 'x') == 'p'", "env_var('B')", "env_var('C', 'true') | as_bool", "var('v', true)") + ") }}\n" + g.files["models/off.sql"]
	case 4:
		g.files["models/off.sql"] = g.files["models/off.sql"] + "{{ config(enabled=false) }}\n"
	}
}

func (g *generator) selectors() {
	switch g.IntN(6) {
	case 0, 1:
		g.files["selectors.yml"] = "selectors:\n  - name: s\n    description: \"d " + g.expression(`'`) + "\"\n    definition: {method: tag, value: x}\n"
	case 2:
		g.files["selectors.yml"] = "selectors:\n  - name: s\n    definition: {method: tag, value: \"x{{ " + g.call(`'`) + " }}\"}\n"
	case 3:
		g.files["selectors.yml"] = g.one("selectors: []\n", "selectors:\n  - name: s\n    definition: x\n    definition: y\n")
	case 4:
		g.files["catalogs.yml"] = "catalogs:\n  - name: c\n    active_write_integration: i\n    write_integrations:\n      - name: i\n        table_format: iceberg\n        catalog_type: " + g.one("built_in", "\"{{ env_var('"+g.name()+"', 'built_in') }}\"") + "\n        external_volume: \"" + g.one("v", "{{ env_var('"+g.name()+"') }}") + "\"\n"
	case 5:
		g.files["catalogs.yml"] = "catalogs: []\n"
	}
}

// vars are rendered when var() reads them.
func (g *generator) vars() {
	body := "  v: \"" + g.one("x", "{{ env_var('"+g.name()+"') }}", "{{ env_var('"+g.name()+"', 'z') }}", g.expression("'")) + "\"\n  w: 1\n"
	body = strings.ReplaceAll(body, "var('v'", "var('u'") // one that asks for itself ends dbt
	switch g.IntN(8) {
	case 0:
		g.files["vars.yml"] = "vars:\n" + body
	case 1:
		g.files["vars.yml"] = "vars:\n" + body
		g.add("dbt_project.yml", "vars:\n  u: 2\n")
	case 2:
		g.files["vars.yml"] = g.one("", "vars: {}\n", "other: 1\n")
		g.add("dbt_project.yml", "vars:\n"+body)
	case 3:
		g.add("dbt_project.yml", "vars:\n  p:\n"+strings.ReplaceAll(body, "  ", "    "))
	default:
		g.add("dbt_project.yml", "vars:\n"+body)
	}
	if g.chance(70) {
		g.add("models/m.sql", g.one(", {{ var('v') }} as v", ", '{{ var(\"v\", \"q\") }}' as v", "{% if var('w', 0) == 1 %}, {{ var('v', 1) }} as v{% endif %}", ", {{ var('u', 3) }} as u", "{% if execute %}{{ var('v', 2) }}{% endif %}", "{% if var.has_var('v') %}, 1 as hv{% endif %}")+"\n")
	}
}

// packages are local: nothing here may ask the network.
func (g *generator) packages() {
	g.files["pkgs/q/dbt_project.yml"] = "name: q\nversion: '1.0'\n" + g.one("", "", "profile: nope\n", "models:\n  q:\n    +meta:\n      k: \"{{ env_var('"+g.name()+"') }}\"\n", "vars:\n  qv: 3\n")
	g.files["pkgs/q/macros/q.sql"] = "{% macro qm() %}" + g.one("1", "{{ env_var('"+g.name()+"') }}") + "{% endmacro %}\n"
	if g.chance(40) {
		g.files["pkgs/q/models/qm.sql"] = g.one("select 1 as x", "select {{ env_var('"+g.name()+"') }} as x", "select {{ qm() }} as x", "select {{ var('qv', 2) }} as x") + "\n"
	}
	if g.chance(20) {
		g.files["pkgs/q/models/q.yml"] = "models:\n  - name: qm\n    description: \"" + g.expression("'") + "\"\n"
	}
	local := "  - local: " + g.one("pkgs/q", "pkgs/q", "pkgs/q", "\"{{ env_var('A', 'pkgs/q') }}\"", "\"pkgs/{{ env_var('B', 'q') }}\"", "./pkgs/q", "\"{{ env_var('"+g.name()+"') }}\"")
	file := g.one("packages.yml", "packages.yml", "dependencies.yml")
	switch g.IntN(14) {
	case 0:
		g.files[file] = g.one("", "# none\n", "packages:\n", "packages: []\n", "{}\n", "packages: {}\n", "packages: text\n", "- local: pkgs/q\n")
	case 1:
		g.files[file] = "packages:\n" + g.one("  - q\n", "  -\n", "  - nope: 1\n", "  - local: pkgs/q\n    foo: 1\n", "  - local: pkgs/q\n  - local: pkgs/q\n", "  - local: 5\n", "  - local:\n", "  - local: ''\n")
	case 2:
		g.files[file] = "packages:\n" + local + "\n" + g.one("foo: 1\n", "packages: []\n", "projects: []\n")
	case 3:
		g.files["packages.yml"] = "packages:\n" + local + "\n"
		g.files["dependencies.yml"] = g.one("packages:\n  - local: pkgs/q\n", "projects:\n  - name: up\n", "", "packages: []\n")
	case 4:
		g.files["dependencies.yml"] = "packages:\n" + local + "\nprojects:\n  - name: up\n"
		g.files["packages.yml"] = g.one("", "packages: []\n")
	case 5:
		g.files["dbt_packages/q/dbt_project.yml"] = g.files["pkgs/q/dbt_project.yml"]
		g.files["dbt_packages/q/models/qm.sql"] = "select {{ env_var('" + g.name() + "') }} as x\n"
	default:
		g.files[file] = "packages:\n" + local + "\n"
	}
	if g.chance(40) {
		g.add("models/m.sql", g.one(", {{ q.qm() }} as q", "-- {{ ref('q', 'qm') }}", "-- {{ ref('qm') }}", ", {{ qm() }} as q")+"\n")
		if strings.Contains(g.files["models/m.sql"], "'qm'") && g.files["pkgs/q/models/qm.sql"] == "" {
			g.files["pkgs/q/models/qm.sql"] = "select 1 as x\n"
		}
	}
}

func (g *generator) mesh() {
	g.files["dependencies.yml"] = g.one("projects:\n  - name: up\n", "projects:\n  - name: up\n  - name: down\n", "projects: []\n", "projects:\n  - up\n", "projects:\n  - name: 5\n", "projects:\n  - name: up\n    id: 5\n", "projects: {name: up}\n", "projects:\n  - {}\n", "projects:\n  - name: \"{{ env_var('A') }}\"\n", "projects:\n  - name:\n")
	if g.chance(25) {
		g.files["packages.yml"] = g.one("", "packages: []\n", "projects:\n  - name: up\n")
	}
	if g.chance(45) {
		g.files["models/refs.sql"] = g.one("select * from {{ ref('up', 'x') }}", "select * from {{ ref('nope', 'x') }}", "select * from {{ ref('p', 'm') }}", "{% if execute %}select * from {{ ref('up', 'x') }}{% endif %}", "{# {{ ref('up', 'x') }} #}select 1 as x", "select * from {{ ref('Up', 'x') }}", "select * from {{ ref('up', 'x', v=2) }}", "{% if false %}{{ ref('up', 'x') }}{% endif %}select 1 as x") + "\n"
	}
}

// cloud is what joins a project to dbt platform; the build that runs here never
// asks the network for it.
func (g *generator) cloud() {
	if g.chance(80) {
		g.add("dbt_project.yml", "dbt-cloud:"+g.one("\n  project-id: 12\n", "\n  project-id: \"12\"\n", "\n  project-id:\n", " {}\n", "\n", " 123\n", " []\n", "\n  project_id: 12\n", "\n  account-id: 1\n", "\n  defer_env_id: 5\n", "\n  defer-env-id: 5\n  project-id: 12\n",
			"\n  project-id: 1.5\n", "\n  project-id: true\n", "\n  project-id: [1]\n", "\n  project-id: \"{{ env_var('A', '12') }}\"\n", "\n  project-id: \"{{ env_var('B') }}\"\n", "\n  project-id: 12\n  project-id: 13\n", "\n  application: x\n  tenant_hostname: h\n", "\n  account_id: 5\n  api_key: x\n  account-host: h\n"))
	}
	if g.chance(40) {
		g.home[".dbt/dbt_cloud.yml"] = g.one("", "\ufeff") + g.one(
			"version: \"1\"\ncontext:\n  active-host: h\n  active-project: \"12\"\nprojects:\n  - project-name: shop\n    project-id: \"12\"\n    account-name: a\n    account-id: \"3\"\n    account-host: h\n    token-name: t\n    token-value: dbtu_x\n",
			"", "version: 1\n", "{{ env_var('A') }}\n", "version: 1\ncontext: {active-host: h, active-project: 1}\nprojects: []\n", "\tx\n")
	}
	if g.chance(15) {
		g.files[g.one("dbt_cloud.yml", "models/dbt_cloud.yml")] = "version: 1\n"
	}
	for range g.IntN(3) {
		g.set(g.one("DBT_CLOUD_PROJECT_ID", "DBT_CLOUD_ACCOUNT_ID", "DBT_CLOUD_TOKEN", "DBT_CLOUD_ACCOUNT_HOST", "DBT_CLOUD_DEFER_ENV_ID", "DBT_CLOUD_ENVIRONMENT_ID"), g.one("12", "13", "", "h", "x y"))
	}
	if g.chance(20) {
		g.add("models/m.sql", ", {{ env_var('"+g.one("DBT_CLOUD_PROJECT_ID", "DBT_CLOUD_RUN_ID", "DBT_CLOUD_GIT_SHA", "DBT_ENV")+"'"+g.one("", ", 'x'")+") }} as c\n")
	}
}

// brokenYAML spoils one of the YAML files.
func (g *generator) brokenYAML() {
	name := g.anyYAML()
	content := g.files[name]
	lines := strings.SplitAfter(strings.TrimSuffix(content, "\n"), "\n")
	at := g.IntN(len(lines))
	switch g.IntN(14) {
	case 0:
		lines[at] = strings.Replace(lines[at], "  ", "\t", 1)
	case 1:
		lines[at] = " " + lines[at]
	case 2:
		lines = append(lines[:at], append([]string{lines[at]}, lines[at:]...)...)
	case 3:
		lines[at] = strings.Replace(lines[at], ": ", ":", 1)
	case 4:
		lines[at] = strings.Replace(strings.Replace(lines[at], "\"{{", "{{", 1), "}}\"", "}}", 1)
	case 5:
		content = "\ufeff" + content
		lines = []string{content}
	case 6:
		lines = []string{strings.ReplaceAll(content, "\n", "\r\n")}
	case 7:
		lines[at] = strings.TrimRight(lines[at], "\n") + " # caf\xe9\n"
	case 8:
		lines = append(lines, "\n---\n"+g.one("", "a: 1\n"))
	case 9:
		lines[at] = strings.Replace(lines[at], "\"", "", 1)
	case 10:
		lines = append([]string{"---\n"}, lines...)
	case 11:
		lines = append(lines, g.one("\n...\n", "\n# end", "\n\t\n", "\n   \n", "\n%YAML 1.2\n", "\n\x00\n"))
	case 12:
		lines[at] = strings.Replace(lines[at], ": ", ": "+g.one("*nowhere ", "!x ", "&a ", "!!str ", "@", "`", "| ", "> "), 1)
	case 13:
		lines = append(lines, "\n? complex\n: key\n")
	}
	g.files[name] = strings.Join(lines, "")
}

// strays are files where dbt does not look for them, or takes them for others.
func (g *generator) strays() {
	profiles := "p:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.duckdb, schema: \"{{ env_var('A') }}\"}\n"
	switch g.IntN(10) {
	case 0:
		g.files["models/profiles.yml"] = profiles
	case 1:
		g.files["models/packages.yml"] = g.one("", "packages: []\n", "# c\n")
	case 2:
		g.files["profiles.yaml"] = profiles
	case 3:
		g.files["dbt_project.yaml"] = "name: x\n"
	case 4:
		g.files["models/sub/dependencies.yml"] = "projects: []\n"
	case 5:
		g.files["docs/profiles.yml"] = profiles
	case 6:
		g.files["models/profiles.yml"] = profiles
		g.files[".dbtignore"] = g.one("models/profiles.yml\n", "profiles.yml\n", "*.yaml\n")
	case 7:
		g.files["models/ignored.sql"] = "select {{ env_var('NOT_SET_ANYWHERE') }} as x\n"
		g.files[".dbtignore"] = g.one("models/ignored.sql\n", "ignored.sql\n", "other.sql\n", "models/\n", "*.sql\n!ignored.sql\n")
	case 8:
		g.files["seeds/packages.yml"] = g.one("packages: []\n", "x: 1\n")
	case 9:
		g.files["models/sub/dbt_project.yml"] = "name: inner\n"
	}
}
