package oracle

import "strings"

// name is one of a few names, so that files meet each other.
func (r source) name() string { return r.one("A", "A", "B", "B", "C", "D", "E_1", "DBT_F") }

// call is an env_var call; q is the quote around its texts.
func (r source) call(q string) string {
	t := func(s string) string { return q + s + q }
	switch at := r.IntN(100); {
	case at < 42:
		return "env_var(" + t(r.name()) + ")"
	case at < 66:
		return "env_var(" + t(r.name()) + ", " + t(r.one("d", "main", "p", "dev", "", "true", "x y")) + ")"
	case at < 70:
		return "env_var(" + t(r.name()) + ", " + r.one("none", "None", "undefined_name", "default=none") + ")"
	case at < 78:
		return "env_var(" + t(r.name()) + ", " + r.call(q) + ")"
	case at < 83:
		return "env_var(" + t(r.name()) + ", " + r.one("5", "true", "[]", "{}", "1.5", "false", "[1, 2]") + ")"
	case at < 87:
		return "env_var(var=" + t(r.name()) + ", default=" + t("b") + ")"
	case at < 90:
		return "env_var(" + t(r.name()) + ", default=" + t("e") + ")"
	case at < 93:
		return "env_var ( " + t(r.name()) + " , " + t("f") + " )"
	case at < 95:
		return "env_var(var=" + t(r.name()) + ")"
	case at < 97:
		return "env_var(" + t("DBT_") + " ~ " + t("F") + ")"
	default:
		return "env_var(" + t(r.name()) + ", var(" + t("v") + ", " + t("w") + "))"
	}
}

// term is an expression with calls in it.
func (r source) term(q string, depth int) string {
	t := func(s string) string { return q + s + q }
	next := func() string { return r.term(q, depth-1) }
	if depth <= 0 {
		return r.call(q)
	}
	switch r.IntN(24) {
	case 0:
		return next() + " | " + r.one("upper", "lower", "trim", "int", "as_bool", "as_number", "as_native", "string", "length", "default("+t("d")+")", "replace("+t("a")+", "+t("b")+")", "tojson")
	case 1:
		return r.call(q) + " ~ " + next()
	case 2:
		return next() + " if " + r.condition(q, depth-1) + " else " + next()
	case 3:
		return "(" + r.call(q) + " if " + r.condition(q, depth-1) + ")"
	case 4:
		return "(" + next() + " or " + next() + ")"
	case 5:
		return "(" + next() + " and " + next() + ")"
	case 6:
		return "[" + next() + ", 2][0]"
	case 7:
		return "{" + t("k") + ": " + next() + "}[" + t("k") + "]"
	case 8:
		return r.call(q) + r.one(".upper()", ".lower()", "[0:2]", ".split("+t(",")+")[0]", ".strip()", ".replace("+t("a")+", "+t("b")+")", ".startswith("+t("m")+")")
	case 9:
		return t(r.one("text", "env_var", ""))
	case 10:
		return r.one("1", "true", "none", "target.name", "target.schema", "var("+t("w")+", 3)", "unknown_thing")
	case 11:
		return "(" + next() + " ~ " + t("_") + " ~ " + r.call(q) + ")"
	case 12:
		return r.condition(q, depth-1)
	default:
		return r.call(q)
	}
}

func (r source) condition(q string, depth int) string {
	t := func(s string) string { return q + s + q }
	a := r.call(q)
	if depth > 0 && r.chance(15) {
		return "(" + r.condition(q, depth-1) + r.one(" and ", " or ") + r.condition(q, depth-1) + ")"
	}
	return r.one(
		"env_var("+t(r.name())+", false)", "env_var("+t(r.name())+", "+t("")+") == "+t(r.one("p", "main", "")), a+" == "+t("main"), a+" != "+t("p"),
		"not "+a, a+" in ["+t("main")+", "+t("p")+"]", t("ai")+" in "+a, a+" is defined", a+" is none", "true", "false", "execute",
		"target.name == "+t("prod"), "target.name == "+t("dev"), "var("+t("v")+", "+t("x")+") == "+t("x"), a+" is string", a, "not "+a,
		"("+a+" | length) > 2", "("+a+" | as_bool)", a+" > "+t("m"), "unknown_thing", "unknown_thing is defined",
		"flags.FULL_REFRESH", "not flags.full_refresh", "flags.WHICH == "+t("parse"), "flags.WHICH in ["+t("run")+", "+t("build")+"]",
	)
}

// expression is one {{ … }}.
func (r source) expression(q string) string {
	switch r.IntN(20) {
	case 0:
		return "{# " + r.call(q) + " #}x"
	case 1:
		return "{{ " + q + "env_var" + q + " }}"
	case 2:
		return "{{- " + r.term(q, 2) + " -}}"
	case 3:
		return "x{{ " + r.call(q) + " }}_{{ " + r.call(q) + " }}"
	case 4:
		return "{% if " + r.condition(q, 1) + " %}{{ " + r.call(q) + " }}{% else %}{{ " + r.call(q) + " }}{% endif %}"
	case 5:
		return "{%- set z = " + r.call(q) + " -%}{{ z }}"
	case 6:
		return "{{" + r.term(q, 1) + "}}"
	}
	return "{{ " + r.term(q, 2) + " }}"
}

// sql is the body of a model.
func (r source) sql() string {
	var b strings.Builder
	if r.chance(12) {
		b.WriteString(r.one(
			"{{ config(materialized='table') }}", "{{ config(schema=env_var('A', 's')) }}", "{{ config(alias=env_var('B')) }}",
			"{{ config(meta={'k': "+r.term("'", 2)+"}) }}", "{{ config(tags=["+r.call("'")+"]) }}",
		) + "\n")
	}
	return b.String() + r.query()
}

// query is SQL without a configuration.
func (r source) query() string {
	var b strings.Builder
	b.WriteString("select 1 as x\n")
	for range r.IntN(3) {
		b.WriteString(r.statement(2) + "\n")
	}
	return b.String()
}

func (r source) statement(depth int) string {
	a, q := r.name(), r.one("'", "'", `"`)
	inner := func() string {
		if depth > 0 {
			return r.statement(depth - 1)
		}
		return ", {{ " + r.call(q) + " }} as k"
	}
	switch r.IntN(30) {
	case 0:
		return "-- " + r.expression(q)
	case 1:
		return "/* " + r.expression(q) + " */"
	case 2:
		return "{% if " + r.condition(q, 1) + " %}" + inner() + "{% endif %}"
	case 3:
		return "{% if " + r.condition(q, 1) + " %}" + inner() + "{% elif " + r.condition(q, 0) + " %}" + inner() + "{% else %}" + inner() + "{% endif %}"
	case 4:
		return "{% if execute %}" + inner() + "{% endif %}"
	case 5:
		return "{% if not execute %}" + inner() + "{% endif %}"
	case 6:
		return "{% set z = " + r.term(q, 2) + " %}, {{ z }} as d"
	case 7:
		return "{% for i in " + r.one("[1, 2]", "range(2)", "[]", "env_var('"+a+"', 'q').split(',')", "["+r.call(q)+"]") + " %}" + inner() + "{% else %}" + inner() + "{% endfor %}"
	case 8:
		return "{% raw %}-- {{ env_var('" + a + "') }}{% endraw %}"
	case 9:
		return "{# {{ env_var('" + a + "') }} #}"
	case 10:
		return ", {{ helper('" + a + "') }} as f"
	case 11:
		return ", {{ deep() }} as g"
	case 12:
		return ", {{ var('" + r.one("v", "w", "u") + "', " + r.one("'none'", r.call("'")) + ") }} as h"
	case 13:
		return ", my_env_var('" + a + "') as j"
	case 14:
		return "{% set env_var = none %}{{ env_var('" + a + "') }}"
	case 15:
		return "{% macro local(z) %}{{ env_var('" + a + "') }}{% endmacro %}" + r.one("", ", {{ local(1) }} as l")
	case 16:
		return "{% set names = ['" + a + "', '" + r.name() + "'] %}{% for n in names %}, {{ env_var(n" + r.one("", ", 'x'") + ") }} as n{{ loop.index }}{% endfor %}"
	case 17:
		return "{% do " + r.one("log("+r.call(q)+")", "[].append("+r.call(q)+")") + " %}"
	case 18:
		return "{% set z %}" + r.expression(q) + "{% endset %}, '{{ z }}' as y"
	case 19:
		return "{% filter upper %}{{ " + r.call(q) + " }}{% endfilter %}"
	case 20:
		return "{% macro wrap() %}" + r.one("{{ caller() }}", "{% if false %}{{ caller() }}{% endif %}") + "{% endmacro %}{% call wrap() %}{{ " + r.call(q) + " }}{% endcall %}"
	case 21:
		return "{% set ns = namespace(v=" + r.call(q) + ") %}, {{ ns.v }} as ns"
	case 22:
		return "{%- if " + r.condition(q, 1) + " -%}\n" + inner() + "\n{%- endif -%}"
	default:
		return ", '" + strings.ReplaceAll(r.expression(`"`), "'", `"`) + "' as a"
	}
}

func (g *generator) moreSQL() {
	g.files["models/sub/n.sql"] = g.sql()
	switch g.IntN(7) {
	case 0:
		g.files["analyses/a.sql"] = g.query()
	case 1:
		g.files["tests/t.sql"] = g.query() + " limit 0\n"
	case 2:
		g.files["snapshots/s.sql"] = "{% snapshot s %}\n{{ config(unique_key='x', strategy='check', check_cols=['x'], schema='s') }}\n" + g.query() + "{% endsnapshot %}\n"
	case 3:
		g.files["seeds/s.csv"] = "a,b\n1,{{ env_var('A') }}\n"
	case 4:
		g.files["models/docs.md"] = "{% docs d %}\n{{ env_var('A') }}\n{% enddocs %}\n"
	case 5:
		g.files["models/py.py"] = "def model(dbt, session):\n    x = \"{{ env_var('A') }}\"\n    return session.sql('select 1 as x')\n"
	}
}

func (g *generator) macros() {
	a, c := g.name(), g.name()
	helper := g.one(
		"{{ a }}", "{{ env_var(a) }}", "{{ env_var(a, 'x') }}", "{{ env_var('"+a+"') }}", "{{ env_var('"+a+"', 'd') }}", "{{ deep() }}",
		"{% if a == 'A' %}{{ env_var('"+c+"') }}{% endif %}", "{% if execute %}{{ env_var('"+c+"') }}{% endif %}", g.statement(1),
		"{% set v = var('v', 'none') %}{{ v }}", "{{ return(env_var('"+a+"')) }}", "{{ adapter.dispatch('deep', 'p')() }}",
	)
	deep := g.one("2", "{{ env_var('"+c+"') }}", "{{ p.deeper() }}", "{{ helper2() }}")
	g.files["macros/x.sql"] = "{% macro helper(a) %}" + helper + "{% endmacro %}\n{% macro deep() %}" + deep + "{% endmacro %}\n" +
		"{% macro default__deep() %}{{ env_var('" + c + "', '7') }}{% endmacro %}\n{% macro helper2(z=1) %}{{ z }}{% endmacro %}\n" +
		"{% macro deeper() %}{{ env_var('" + a + "', '5') }}{% endmacro %}\n{% macro nobody() %}{{ env_var('" + c + "') }}{% endmacro %}\n"
	if g.chance(30) {
		g.add("macros/x.sql", "{% macro generate_"+g.one("schema_name(custom, node)", "alias_name(custom, node)", "database_name(custom, node)")+" %}{{ env_var('"+g.name()+"') }}{% endmacro %}\n")
	}
	if g.chance(30) {
		g.add("macros/x.sql", "{% test shiny(model, column_name) %}select {{ env_var('"+g.name()+"') }} where false{% endtest %}\n")
		if g.chance(60) {
			g.files["models/tests.yml"] = "models:\n  - name: m\n    columns:\n      - name: x\n        data_tests: [shiny]\n"
		}
	}
	if g.chance(15) {
		g.add("macros/x.sql", "{% set top = env_var('"+g.name()+"') %}\n")
	}
	if g.chance(70) {
		g.add("models/m.sql", g.one(", {{ helper('"+g.name()+"') }} as f", ", {{ deep() }} as g", ", {{ p.helper('A') }} as h", "{% if execute %}, {{ deep() }} as g{% endif %}")+"\n")
	}
}

// hooks are rendered at parse too, and what goes wrong there is a warning.
func (g *generator) hooks() {
	a := g.name()
	switch g.IntN(7) {
	case 0:
		g.add("dbt_project.yml", g.one("on-run-end", "on-run-start")+":\n  - \"select "+g.expression("'")+"\"\n")
	case 1:
		g.add("dbt_project.yml", "on-run-start: \"select '{{ env_var('"+a+"') }}'\"\n")
	case 2:
		g.files["models/h.sql"] = "{{ config(" + g.one("pre_hook", "post_hook") + "=\"select {{ env_var('" + a + "') }}\") }}select 1 as x\n"
	case 3:
		g.files["models/h.sql"] = "{{ config(post_hook=[\"select {{ env_var('" + a + "') }}\", 'select 2']) }}select 1 as x\n"
	case 4:
		g.files["models/h.sql"] = "select 1 as x\n"
		g.files["models/h.yml"] = "models:\n  - name: h\n    config:\n      post_hook: \"select {{ env_var('" + a + "') }}\"\n"
	case 5:
		g.add("dbt_project.yml", "models:\n  p:\n    +post-hook: \"select {{ env_var('"+a+"') }}\"\n")
	case 6:
		g.add("dbt_project.yml", "query-comment: \"c "+g.expression("'")+"\"\n")
	}
}
