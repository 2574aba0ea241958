package oracle_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

var generatedExpressions = flag.Int("oracle.jinja", 400, "number of generated expressions to ask the engine about")

// jinjaVariables are the variables that the templates below can find.
func jinjaVariables() map[string]string {
	return map[string]string{
		"S": "abc", "N": "5", "E": "", "T": "true", "F": "False", "M": "a,b,c", "SP": "  x y ",
		"SUM": "{{ 1 + 1 }}", "NESTED": "<{{ env_var('S') }}>", "DEEP": "{{ env_var('GONE') }}",
		"COMMENT": "a{# c #}b", "RAW": "{% raw %}{{ x }}{% endraw %}", "NAMELESS": "a{{ nobody }}b",
		"BROKEN": "{{ 'a", "BRACES": "}} { x } %}", "IF": "{% if true %}yes{% endif %}",
	}
}

// jinjaMacros is the project's macro file.
const jinjaMacros = `
{% macro plain() %}p{% endmacro %}
{% macro echo(a, b='B') %}{{ a }}-{{ b }}{% endmacro %}
{% macro needs() %}{{ env_var('GONE') }}{% endmacro %}
{% macro lazy(x) %}{% if x %}{{ env_var('GONE') }}{% else %}fine{% endif %}{% endmacro %}
{% macro gives(x) %}{{ return(x) }}{{ env_var('GONE') }}{% endmacro %}
{% macro given(x) %}{% do return(x * 2) %}{% endmacro %}
{% macro maybe_gives(x) %}{% if x > 1 %}{{ return('big') }}{% endif %}small{% endmacro %}
{% macro with_default(x=env_var('GONE')) %}{{ x }}{% endmacro %}
{% macro wrap() %}[{{ caller() }}]{% endmacro %}
{% macro wrap_twice() %}{{ caller(1) }}{{ caller(2) }}{% endmacro %}
{% macro no_wrap() %}none{% endmacro %}
{% macro count_down(n) %}{% if n > 0 %}{{ n }}{{ count_down(n - 1) }}{% endif %}{% endmacro %}
{% macro lateral(a, b=a) %}{{ a }}{{ b }}{% endmacro %}
{% macro extra() %}{{ varargs | length }}{{ kwargs.get('k') }}{% endmacro %}
{% macro dispatched() %}{{ return(adapter.dispatch('dispatched')()) }}{% endmacro %}
{% macro default__dispatched() %}default{{ env_var('GONE') }}{% endmacro %}
{% macro duckdb__dispatched() %}duck{% endmacro %}
{% macro only_default() %}{{ return(adapter.dispatch('only_default')()) }}{% endmacro %}
{% macro default__only_default() %}d{{ env_var('S') }}{% endmacro %}
{% macro when_execute() %}{% if execute %}{{ env_var('GONE') }}{% endif %}e{% endmacro %}
{% macro env_name(n) %}{{ env_var(n) }}{% endmacro %}
{% macro shadow(env_var) %}{{ env_var }}{% endmacro %}
{% macro outer_names() %}{{ s }}{% endmacro %}
`

// expressions are asked for their values.
func expressions() []string {
	return strings.Split(strings.TrimSpace(jinjaExpressions), "\n")
}

// templates are models, asked for the first name that they miss.
func templates() []string {
	return strings.Split(strings.TrimSpace(jinjaTemplates), "\n")
}

// TestJinjaValuesAgree evaluates expressions with our interpreter and with the
// engine. What we call known must be what the engine says, and what we call
// missing must be what it misses.
func TestJinjaValuesAgree(t *testing.T) {
	listed := expressions()
	all := append(listed, randomExpressions(*seed, *generatedExpressions)...)
	models := make([]string, len(all))
	for i, x := range all {
		models[i] = "{{ config(meta={'v': (" + x + ")}) }} select 1 as x"
	}
	known := 0
	for i, got := range askModels(t, models) {
		ours := runModel("{{ " + all[i] + " }}")
		if ours.Known && got.errors == "" {
			known++
			want := plain(ours.Value)
			if diff := cmp.Diff(want, got.value); diff != "" {
				t.Errorf("%s (-ours +engine)\n%s", all[i], diff)
			}
		}
		if i < len(listed) && ours.Known && got.errors != "" && got.missing == "" {
			t.Errorf("%s: ours is %v, the engine says %s", all[i], plain(ours.Value), got.errors)
		}
		compareMissing(t, all[i], runModel(models[i]), got)
		if i < len(listed) && !ours.Known && got.errors == "" {
			t.Logf("not followed: %s", all[i])
		}
	}
	t.Logf("%d expressions, %d of them known to us and to the engine", len(all), known)
}

// TestJinjaMissingAgrees evaluates models and compares the first name missed.
func TestJinjaMissingAgrees(t *testing.T) {
	models := templates()
	for i, got := range askModels(t, models) {
		compareMissing(t, models[i], runModel(models[i]), got)
	}
	t.Logf("%d models", len(models))
}

// TestJinjaTextsAgree renders generated templates of every kind of statement,
// with every kind of whitespace control, and compares the texts.
func TestJinjaTextsAgree(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(*seed, 8))}
	bodies := make([]string, *generatedExpressions)
	models := make([]string, len(bodies))
	for i := range bodies {
		bodies[i] = g.template(3)
		models[i] = "{% set out %}" + bodies[i] + "{% endset %}{{ config(meta={'v': '<' ~ out ~ '>'}) }}select 1 as x"
	}
	known := 0
	for i, got := range askModels(t, models) {
		compareMissing(t, models[i], runModel(models[i]), got)
		ours := runModel(models[i][:strings.Index(models[i], "{{ config(meta=")] + "{{ '<' ~ out ~ '>' }}")
		if !ours.Known || got.errors != "" {
			continue
		}
		known++
		if diff := cmp.Diff(ours.Text, got.value); diff != "" {
			t.Errorf("%q (-ours +engine)\n%s", bodies[i], diff)
		}
	}
	t.Logf("%d templates, %d of them known to us and to the engine", len(bodies), known)
}

// TestJinjaMistakesAgree damages templates and compares whether they can still
// be read.
func TestJinjaMistakesAgree(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(*seed, 9))}
	models := make([]string, *generatedExpressions)
	for i := range models {
		models[i] = g.damage(g.template(2))
	}
	mistakes := 0
	for i, got := range askModels(t, models) {
		refused := strings.Contains(got.errors, "syntax error")
		problems := jinja.Parse(models[i]).Problems
		if refused {
			mistakes++
		}
		if !got.panicked && refused != (len(problems) > 0) {
			t.Errorf("%q\nours %v\nengine %q", models[i], problems, got.errors)
		}
	}
	t.Logf("%d templates, %d of them refused by us and by the engine", len(models), mistakes)
}

// damage removes, doubles or inserts a few characters.
func (g generator) damage(s string) string {
	for range 1 + g.IntN(2) {
		at := g.IntN(len(s) + 1)
		end := min(at+1+g.IntN(3), len(s))
		switch g.IntN(3) {
		case 0:
			s = s[:at] + s[end:]
		case 1:
			s = s[:end] + s[at:]
		default:
			s = s[:at] + g.pick("{", "}", "%", "'", "(", ")", "[", ".", "|", "=", "-", " if ", " in ", "{{", "%}", "#", "1") + s[at:]
		}
	}
	return s
}

// compareMissing holds the first name that we say is surely missed against
// the one that the engine names.
func compareMissing(t *testing.T, source string, ours jinja.Result, got answer) {
	t.Helper()
	first, open := "", false
	for _, use := range ours.Uses {
		if use.Outcome == jinja.Missing && !use.Call.Hook {
			if use.Certain && first == "" {
				first = use.Name
			}
			open = open || !use.Certain
		}
	}
	switch {
	case got.missing == first, open && first == "":
	case got.errors != "" && got.missing == "": // another error came first
	default:
		t.Errorf("%s\nmissing: ours %q, engine %q (%s)", source, first, got.missing, got.errors)
	}
}

// answer is what the engine says about one model.
type answer struct {
	value    any
	missing  string
	errors   string
	panicked bool
}

// askModels puts the models into projects of some hundred and asks the engine.
func askModels(t *testing.T, models []string) []answer {
	t.Helper()
	engine := dbttest.Find(t)
	const size = 250
	var scenarios []dbttest.Scenario
	for start := 0; start < len(models); start += size {
		scenarios = append(scenarios, modelScenario(models[start:min(start+size, len(models))]))
	}
	var answers []answer
	for n, got := range engine.Batch(t, scenarios) {
		part := models[n*size : min((n+1)*size, len(models))]
		answers = append(answers, readAnswers(t, engine, part, got)...)
	}
	return answers
}

func modelScenario(models []string) dbttest.Scenario {
	s := dbttest.Scenario{
		Name: fmt.Sprintf("%d models", len(models)),
		Env:  jinjaVariables(),
		Files: map[string]string{
			"dbt_project.yml":   "name: p\nversion: '1.0'\nprofile: p\n",
			"profiles.yml":      "p:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.duckdb, schema: main}\n",
			"macros/macros.sql": jinjaMacros,
		},
	}
	for i, model := range models {
		s.Files[fmt.Sprintf("models/m%d.sql", i)] = model
	}
	return s
}

// readAnswers reads what the engine said about each model. Where it panicked,
// which ends the whole run, it is asked about fewer models at a time.
func readAnswers(t *testing.T, engine *dbttest.Engine, models []string, got dbttest.Observation) []answer {
	t.Helper()
	if got.Values == nil && len(got.Diags) == 0 && got.Exit != 0 {
		if len(models) == 1 {
			t.Logf("the engine panics on %q", models[0])
			return []answer{{errors: "panic", panicked: true}}
		}
		var answers []answer
		for _, half := range [][]string{models[:len(models)/2], models[len(models)/2:]} {
			answers = append(answers, readAnswers(t, engine, half, engine.Run(t, modelScenario(half)))...)
		}
		return answers
	}
	missing := regexp.MustCompile(`environment variable '([^']*)' not found`)
	answers := make([]answer, len(models))
	for i := range answers {
		a := &answers[i]
		a.value = got.Values[fmt.Sprintf("m%d", i)]["v"]
		for _, d := range got.Diags {
			if d.File != fmt.Sprintf("models/m%d.sql", i) || d.Level != "error" {
				continue
			}
			a.errors += d.Text
			if m := missing.FindStringSubmatch(d.Text); m != nil && a.missing == "" {
				a.missing = m[1]
			}
		}
	}
	return answers
}

func runModel(source string) jinja.Result {
	macros := map[string]*jinja.Macro{}
	for _, m := range jinja.Parse(jinjaMacros).Macros {
		macros[m.Name] = m
	}
	env := jinjaVariables()
	return jinja.Parse(source).Run(&jinja.Context{
		Env: func(name string) (secret.Text, bool) {
			value, ok := env[name]
			return secret.New(value), ok
		},
		Adapter: "duckdb",
		Macro: func(pkg, name string) *jinja.Macro {
			if pkg == "" || pkg == "p" {
				return macros[name]
			}
			return nil
		},
	})
}

// plain makes of a value what JSON makes of it.
func plain(v jinja.Value) any {
	if i, ok := v.Int(); ok {
		return float64(i)
	}
	if f, ok := v.Float(); ok {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil
		}
		return f
	}
	if b, ok := v.Bool(); ok {
		return b
	}
	if s, ok := v.Text(); ok {
		return s
	}
	if items, ok := v.Items(); ok {
		list := make([]any, len(items))
		for i, item := range items {
			list[i] = plain(item)
		}
		return list
	}
	if keys, values, ok := v.Pairs(); ok {
		m := map[string]any{}
		for i, key := range keys {
			m[fmt.Sprint(plain(key))] = plain(values[i])
		}
		return m
	}
	return nil
}

// randomExpressions makes expressions of every kind of operator. Those that
// fail in the engine say nothing about values, so most are made to fit.
func randomExpressions(seed uint64, n int) []string {
	g := generator{rand.New(rand.NewPCG(seed, 7))}
	made := make([]string, n)
	for i := range made {
		made[i] = g.any(3)
	}
	return made
}

type generator struct{ *rand.Rand }

func (g generator) pick(choices ...string) string { return choices[g.IntN(len(choices))] }

func (g generator) any(depth int) string {
	switch g.IntN(4) {
	case 0:
		return g.number(depth)
	case 1:
		return g.condition(depth)
	default:
		return g.text(depth)
	}
}

func (g generator) text(depth int) string {
	if depth == 0 {
		return g.pick("'a'", "'Ab c'", "''", "env_var('S')", "env_var('E')", "env_var('T')", "env_var('M')",
			"env_var('GONE', 'dflt')", "env_var('SP')", "env_var('SUM')", "'x' 'y'", `'q\n"'`, "env_var('GONE')")
	}
	d := depth - 1
	switch g.IntN(12) {
	case 0:
		return g.text(d) + " ~ " + g.pick(g.text(d), "("+g.number(d)+")")
	case 1:
		return "(" + g.text(d) + ") | " + g.pick("upper", "lower", "trim", "title", "capitalize", "string", "as_text", "as_native", "reverse")
	case 2:
		return "(" + g.text(d) + ") | replace('a', '" + g.pick("", "z", "aa") + "')"
	case 3:
		return "(" + g.text(d) + ")[" + g.pick("0", "-1", "1", "9") + "]"
	case 4:
		return "(" + g.text(d) + ")[" + g.pick("1:", ":2", "0:1", "-2:", ":-1", "::2", "1:9") + "]"
	case 5:
		return "(" + g.text(d) + ") if (" + g.condition(d) + ") else (" + g.text(d) + ")"
	case 6:
		return "(" + g.text(d) + ") " + g.pick("or", "and") + " (" + g.text(d) + ")"
	case 7:
		return "env_var('" + g.pick("S", "GONE", "E", "NESTED") + "', " + g.text(d) + ")"
	case 8:
		return "(" + g.text(d) + ") | default('z'" + g.pick("", ", true") + ")"
	case 9:
		return "(" + g.text(d) + ")." + g.pick("upper()", "lower()", "strip()", "title()", "split(',') | join('-')", "replace('b', 'c')")
	case 10:
		return g.pick("echo", "gives", "lateral") + "(" + g.text(d) + ")"
	}
	return g.text(0)
}

func (g generator) number(depth int) string {
	if depth == 0 {
		return g.pick("0", "1", "7", "-3", "2.5", "1.0", "env_var('N') | int", "env_var('GONE', 4)", "true | int", "0x1f", "1_0")
	}
	d := depth - 1
	switch g.IntN(9) {
	case 0, 1:
		return "(" + g.number(d) + ") " + g.pick("+", "-", "*", "/", "//", "%") + " (" + g.number(d) + ")"
	case 2:
		return "(" + g.text(d) + ") | " + g.pick("length", "int", "int(3)", "as_number", "as_bool")
	case 3:
		return "(" + g.number(d) + ") | " + g.pick("abs", "int", "float", "round", "string", "as_number")
	case 4:
		return "-(" + g.number(d) + ")"
	case 5:
		return "(" + g.number(d) + ") if " + g.condition(d) + " else (" + g.number(d) + ")"
	case 6:
		return "(" + g.pick("2", "-3", "env_var('N') | int") + ") ** " + g.pick("0", "2", "3")
	case 7:
		return "[" + g.number(d) + ", " + g.text(d) + "] | " + g.pick("length", "first", "last", "sort", "sum")
	}
	return g.number(0)
}

func (g generator) condition(depth int) string {
	if depth == 0 {
		return g.pick("true", "false", "none", "execute", "nobody is defined", "env_var('E')", "env_var('F') | as_bool", "[]", "{}")
	}
	d := depth - 1
	switch g.IntN(7) {
	case 0:
		return "(" + g.text(d) + ") " + g.pick("==", "!=", "<", ">", "<=", ">=", "in", "not in") + " (" + g.text(d) + ")"
	case 1:
		return "(" + g.number(d) + ") " + g.pick("==", "!=", "<", ">", "<=", ">=") + " (" + g.number(d) + ")"
	case 2:
		return "not (" + g.condition(d) + ")"
	case 3:
		return "(" + g.condition(d) + ") " + g.pick("and", "or") + " (" + g.condition(d) + ")"
	case 4:
		return "(" + g.pick(g.text(d), g.number(d), g.condition(d)) + ") is " +
			g.pick("", "not ") + g.pick("defined", "none", "string", "number", "boolean", "mapping", "sequence", "integer", "float")
	case 5:
		return "(" + g.text(d) + ") in ['a', (" + g.text(d) + ")]"
	}
	return g.condition(0)
}

// template makes statements. Names that they set are read again.
func (g generator) template(depth int) string {
	var b strings.Builder
	for range 1 + g.IntN(4) {
		b.WriteString(g.pick("", " ", "\n", " \n\t", "x", "y "))
		b.WriteString(g.statement(depth))
	}
	return b.String() + g.pick("", "\n", " \n")
}

// tag writes a tag with some whitespace control.
func (g generator) tag(content string) string {
	return "{%" + g.pick("", "", "-", "+") + " " + content + " " + g.pick("", "", "-", "+") + "%}"
}

func (g generator) statement(depth int) string {
	name := g.pick("a", "b")
	if depth == 0 {
		return "{{" + g.pick("", "-", "+") + " " + g.pick(name, g.text(1), g.number(1), "loop.index") + " " + g.pick("", "-") + "}}"
	}
	d := depth - 1
	switch g.IntN(12) {
	case 0:
		return g.tag("if "+g.condition(1)) + g.template(d) + g.tag("endif")
	case 1:
		return g.tag("if "+g.condition(1)) + g.template(d) + g.tag("elif "+g.condition(1)) + g.template(d) + g.tag("else") + g.template(d) + g.tag("endif")
	case 2:
		return g.tag("for "+name+" in "+g.pick("[1, 'x', none]", "env_var('M').split(',')", "{'k': 1}", "[]", "'ab'", "nobody", "range(2)")+
			g.pick("", " if "+name+" != 1")) + g.template(d) + g.pick("", g.tag("else")+g.template(d)) + g.tag("endfor")
	case 3:
		return g.tag("set " + name + " = " + g.any(1))
	case 4:
		return g.tag("set "+name+g.pick("", " | upper", " | trim | title")) + g.template(d) + g.tag("endset")
	case 5:
		return g.tag("with "+name+" = "+g.any(1)) + g.template(d) + g.tag("endwith")
	case 6:
		return g.tag("filter "+g.pick("upper", "trim", "replace('x', 'z')")) + g.template(d) + g.tag("endfilter")
	case 7: // without names: in a loop the engine remembers those of the round before
		return g.tag("call "+g.pick("wrap()", "wrap_twice()")) + "x {{ " + g.text(d) + " }} " + g.tag("endcall")
	case 8:
		return "{#" + g.pick("", "-", "+") + " {{ nobody( " + g.pick("", "-") + "#}"
	case 9:
		return g.tag("raw") + g.pick("{{ x }}", " {% if %} ", "\n{# ") + g.tag("endraw")
	case 10:
		return g.tag("do " + g.any(1))
	}
	return g.statement(0)
}
