package oracle

import "strings"

const devOutput = "    dev:\n      type: duckdb\n      path: x.duckdb\n      schema: main\n"

// profilePlace puts profiles.yml where dbt looks for it, or not.
func (g *generator) profilePlace() {
	content := g.files["profiles.yml"]
	switch g.IntN(9) {
	case 0:
		delete(g.files, "profiles.yml")
	case 1, 2:
		delete(g.files, "profiles.yml")
		g.home[".dbt/profiles.yml"] = content
	case 3:
		g.home[".dbt/profiles.yml"] = content
		g.files["profiles.yml"] = "q: {target: dev, outputs: {dev: {type: duckdb, path: x.duckdb, schema: main}}}\n"
	case 4:
		delete(g.files, "profiles.yml")
		g.files["profiles.yaml"] = content
	case 5:
		delete(g.files, "profiles.yml")
		g.files["profiles.yml/"] = ""
		g.home[".dbt/profiles.yml"] = content
	case 6:
		g.home[".dbt/profiles.yml"] = strings.Replace(content, "duckdb", "nope", 1)
	case 7:
		delete(g.files, "profiles.yml")
		g.home[".dbt/profiles.yaml"] = content
	case 8:
		g.files["profiles.yml"] = g.one("", "# none\n", "[]\n", "text\n", "---\n", "{}\n")
		g.home[".dbt/profiles.yml"] = content
	}
}

// profileShape makes profiles.yml odd.
func (g *generator) profileShape() {
	output := func(replacement string) { g.edit("profiles.yml", devOutput, replacement) }
	switch g.IntN(24) {
	case 0:
		g.files["profiles.yml"] = g.one("p:\n", "p: text\n", "p: []\n", "p: {}\n", "p:\n  target: dev\n", "p:\n  target: dev\n  outputs:\n", "p:\n  target: dev\n  outputs: []\n", "p:\n  target: dev\n  outputs: text\n", "p:\n  outputs: {}\n")
	case 1:
		output("    dev: " + g.one("", "text", "5", "[]", "{}") + "\n")
	case 2:
		g.edit("profiles.yml", "      type: duckdb\n", g.one("", "      type:\n", "      type: 5\n", "      type: true\n", "      type: [duckdb]\n"))
	case 3:
		g.edit("profiles.yml", "p:\n", g.one("config: {}\np:\n", "config:\n  send_anonymous_usage_stats: false\np:\n"))
	case 4:
		output(devOutput + "      schema: other\n")
	case 5:
		g.edit("profiles.yml", "      path: y.duckdb\n", "      path: y.duckdb\n      path: z.duckdb\n")
	case 6:
		g.add("profiles.yml", g.one("p: {}\n", "other: 5\n", "q:\n  outputs: 5\n", "5: x\n"))
	case 7:
		g.files["profiles.yml"] = "base: &base\n  type: duckdb\n  schema: \"{{ env_var('" + g.name() + "') }}\"\np:\n  target: dev\n  outputs:\n    dev:\n      <<: *base\n" + g.one("", "      schema: main\n") + "      path: x.duckdb\n"
	case 8:
		g.files["profiles.yml"] = "a: &a {schema: main}\nb: &b {path: \"{{ env_var('" + g.name() + "') }}\"}\np:\n  target: dev\n  outputs:\n    dev:\n      <<: [*a, *b]\n      type: duckdb\n"
	case 9:
		output(devOutput + "      unknown_field: " + g.one("1", "[a]", "\"{{ env_var('"+g.name()+"') }}\"") + "\n")
	case 10:
		output(devOutput + "      threads: " + g.one("4", "\"4\"", "0", "-1", "4x", "1.5", "true", "[1]", "", "\"\"", "\" 7 \"", "\"{{ env_var('"+g.name()+"', '4') }}\"", "\"{{ env_var('"+g.name()+"', 4) | int }}\"") + "\n")
	case 11:
		output(devOutput + g.one("      settings: {a: \"{{ env_var('"+g.name()+"') }}\"}\n", "      settings: [1]\n", "      extensions: [httpfs]\n", "      extensions: httpfs\n", "      extensions: [\"{{ env_var('"+g.name()+"', 'x') }}\"]\n", "      is_ducklake: yes\n", "      is_ducklake: true\n", "      attach:\n        - path: \"{{ env_var('"+g.name()+"') }}\"\n"))
	case 12:
		g.edit("profiles.yml", "schema: main", "schema: "+g.one("123", "true", "\"123\"", "null", "", "1_000", "0123", "yes", "[a]", "{a: b}", "1.5", "2026-01-31", "!!str 5", "'x'"))
	case 13:
		g.edit("profiles.yml", "schema: main", "schema: {{ env_var('"+g.name()+"') }}")
	case 14:
		g.edit("profiles.yml", "schema: main", "schema: {{ env_var('"+g.name()+"', 'd') }}")
	case 15:
		g.edit("profiles.yml", "path: y.duckdb", "path: {{ env_var('"+g.name()+"') }}")
	case 16:
		g.edit("profiles.yml", "path: x.duckdb", g.one("# path: \"{{ env_var('A') }}\"", "path: \"{# {{ env_var('A') }} #}\"", "path: 'x{% raw %}{{ env_var(\"A\") }}{% endraw %}'", "path: '{% if true %}x{% endif %}'"))
	case 17:
		g.edit("profiles.yml", "schema: main", g.one("schema: |\n        {{ env_var('A') }}", "schema: >-\n        {{ env_var('B', 'x') }}\n        y", "schema: '{{ env_var(\"C\") }}'", "schema: s{{ env_var('D') }}", "schema: '{{ env_var(''A'') }}'"))
	case 18:
		g.files["profiles.yml"] = strings.ReplaceAll(g.files["profiles.yml"], "\n", "\r\n")
	case 19:
		g.files["profiles.yml"] = "\ufeff" + g.files["profiles.yml"]
	case 20: // a list of connections is taken since 2.0.0, and not by the engine that runs here
		output("    dev: &dev\n      type: duckdb\n      path: x.duckdb\n    other: *dev\n")
	case 21:
		g.edit("profiles.yml", "path: x.duckdb", "\"{{ env_var('A') }}\": x")
	case 22:
		output(devOutput + "      secrets:\n        - {type: s3, key_id: \"{{ env_var('" + g.name() + "') }}\", secret: s}\n")
	case 23:
		g.edit("profiles.yml", "p:\n  target: dev", "p: &p\n  target: dev")
		g.add("profiles.yml", "q: *p\n")
	}
}

// profileName is the name that is asked for.
func (g *generator) profileName() {
	g.edit("dbt_project.yml", "profile: p\n", g.one("", "profile: q\n", "profile: P\n", "profile: ''\n", "profile:\n", "profile: 'p '\n", "profile: \"{{ env_var('A', 'p') }}\"\n", "profile: \"{{ env_var('B') }}\"\n", "profile: \"{{ 'p' if env_var('C', '') == 'main' else 'q' }}\"\n", "profile: \"p{{ env_var('D', '') }}\"\n", "profile: {{ env_var('A', 'p') }}\n", "profile: \"{{ env_var('A', 'p') | trim }}\"\n"))
	if g.chance(30) {
		g.set("DBT_PROFILE", g.one("p", "q"))
	}
}

// target is which output counts.
func (g *generator) target() {
	g.edit("profiles.yml", "  target: dev\n", g.one(
		"", "  target: nope\n", "  target:\n", "  target: 5\n", "  target: true\n", "  target: [dev]\n", "  target: ''\n", "  target: prod\n", "  target: Dev\n", "  target: 'dev '\n", "  target: default\n",
		"  target: \"{{ env_var('A', 'dev') }}\"\n", "  target: \"{{ env_var('B', 'prod') }}\"\n", "  target: \"{{ env_var('C') }}\"\n", "  target: \"{{ env_var('D', '') }}\"\n", "  target: \"{{ env_var('E_1', 5) }}\"\n",
		"  target: \"{# dev #}\"\n", "  target: \"{{ 'dev' if env_var('A', '') == 'main' else 'prod' }}\"\n", "  target: {{ env_var('A') }}\n", "  target: \"{{ env_var('DBT_F', 'dev') | lower }}\"\n", "  target: \" {{ env_var('B', 'dev') }}\"\n"))
	if g.chance(30) {
		g.edit("profiles.yml", "    prod:\n", g.one("    default:\n", "    5:\n", "    'dev ':\n", "    \"\":\n", "    Prod:\n"))
	}
	if g.chance(25) {
		g.set(g.one("DBT_TARGET", "DBT_ENGINE_TARGET"), g.one("dev", "prod", "nope"))
	}
}

// adapter makes the target one of another warehouse.
func (g *generator) adapter() {
	fields := map[string][]string{
		"snowflake":  {"account: a", "database: d", "schema: s", "user: u", "password: x", "warehouse: w", "role: r"},
		"bigquery":   {"method: oauth", "project: d", "dataset: s", "location: EU", "priority: interactive"},
		"databricks": {"host: h", "http_path: x", "schema: s", "catalog: c", "token: x"},
		"redshift":   {"host: h", "port: 5439", "dbname: d", "schema: s", "user: u", "password: x"},
		"postgres":   {"host: h", "port: 5432", "dbname: d", "schema: s", "user: u", "password: x"},
		"clickhouse": {"host: h", "schema: s", "user: u"},
		"spark":      {"method: thrift", "host: h", "schema: s"},
		"fabric":     {"host: h", "database: d", "schema: s"},
		"exasol":     {"host: h", "schema: s", "user: u", "password: x"},
		"duckdb":     {"path: x.duckdb", "schema: s"},
		"nope":       {"schema: s"}, "DuckDB": {"schema: s"}, "sqlserver": {"schema: s"}, "athena": {"schema: s"}, "fdcs": {"schema: s"},
	}
	name := g.one("snowflake", "snowflake", "snowflake", "bigquery", "bigquery", "databricks", "redshift", "redshift", "postgres", "postgres", "clickhouse", "spark", "fabric", "exasol", "duckdb", "nope", "DuckDB", "sqlserver", "athena", "fdcs")
	var b strings.Builder
	b.WriteString("    dev:\n      type: " + name + "\n")
	odd := -1
	if g.chance(60) {
		odd = g.IntN(len(fields[name]))
	}
	for i, field := range fields[name] {
		key, value, _ := strings.Cut(field, ": ")
		if i == odd {
			switch g.IntN(6) {
			case 0:
				continue
			case 1:
				value = ""
			case 2:
				value = g.one("5", "true", "\"5\"", "yes", "[a]", "{a: b}", "1.5", "0x10", "~")
			case 3:
				value = "\"{{ env_var('" + g.name() + "', '') }}\""
			case 4:
				value = "\"" + g.expression("'") + "\""
			case 5:
				value = "\"{{ env_var('" + g.name() + "') }}\""
			}
		} else if g.chance(12) {
			value = "\"{{ env_var('" + g.name() + "', '" + value + "') }}\""
		}
		b.WriteString("      " + strings.TrimRight(key+": "+value, " ") + "\n")
	}
	if g.chance(15) {
		b.WriteString("      " + g.one("retries: 3", "retries: yes", "connect_timeout: 5", "connect_timeout: \"5\"", "client_session_keep_alive: yes", "client_session_keep_alive: true", "query_tag: {a: b}", "scopes: [a]", "scopes: a", "keyfile_json: {a: b}", "dbname: d2", "database: d2", "sslmode: 5", "port: \"5\"") + "\n")
	}
	g.edit("profiles.yml", devOutput, b.String())
	if g.chance(50) {
		g.set("DBT_ALLOW_EXPERIMENTAL_ADAPTERS", g.one("true", "1", "yes", "TRUE", "", "false", "on"))
	}
}

// profileValues puts calls into the selected target.
func (g *generator) profileValues() {
	field := g.one("path: x.duckdb", "schema: main", "schema: main")
	key, _, _ := strings.Cut(field, ":")
	g.edit("profiles.yml", field, key+": \""+g.one("", "", "s", "pre_")+g.expression("'")+g.one("", "", ".x")+"\"")
	if g.chance(30) {
		g.set(g.name(), g.one("123", "true", "1_000", "null", "~", "0123", "yes", "12e4", "[a]", "#x", "a:b", "1.5"))
	}
}
