package jinja_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// library holds the macros that the templates of these tests can call.
const library = `
{% macro needs() %}{{ env_var('M') }}{% endmacro %}
{% macro echo(a, b='B') %}{{ a }}-{{ b }}{% endmacro %}
{% macro outer() %}{{ needs() }}{% endmacro %}
{% macro wrap() %}[{{ caller() }}]{% endmacro %}
{% macro checked(x) %}{% if not x %}{{ exceptions.raise_compiler_error('x') }}{{ env_var('GONE1') }}{% endif %}{{ env_var('GONE2') }}{% endmacro %}
{% macro maybe(x) %}{% if x %}{{ return('one') }}{% endif %}{{ env_var('GONE1') }}{% endmacro %}
{% macro switch() %}{{ config(enabled=target.name == 'x') }}{% endmacro %}
{% macro generate_schema_name(custom, node) %}{% if custom is none %}{{ env_var('SCHEMA') }}{% else %}{{ custom | trim }}{% endif %}{% endmacro %}
{% macro again(x) %}{{ again(x) }}{% endmacro %}
{% macro default__d() %}{{ env_var('DEFAULT') }}{% endmacro %}
{% macro postgres__d() %}{{ env_var('POSTGRES') }}{% endmacro %}
`

func context(adapter string) *jinja.Context {
	env := map[string]string{
		"A": "a", "N": "5", "E": "", "T": "true", "J": "<{{ env_var('Q') }}>", "SELF": "{{ env_var('SELF') }}",
		"BROKEN": "{{ x", "DBT_ENV_SECRET_S": "hidden",
	}
	macros := map[string]*jinja.Macro{}
	for _, m := range jinja.Parse(library).Macros {
		macros[m.Name] = m
	}
	return &jinja.Context{
		Env: func(name string) (secret.Text, bool) {
			value, ok := env[name]
			return secret.New(value), ok
		},
		Adapter: adapter,
		Macro: func(pkg, name string) *jinja.Macro {
			if pkg == "" || pkg == "shop" {
				return macros[name]
			}
			return nil
		},
	}
}

// useOf writes a use: its name and outcome, and what is special about it.
func useOf(u jinja.Use) string {
	s := u.Name + " " + map[jinja.Outcome]string{
		jinja.Found: "found", jinja.Defaulted: "defaulted", jinja.Missing: "missing",
		jinja.Refused: "refused", jinja.Dynamic: "dynamic",
	}[u.Outcome]
	if !u.Certain {
		s += " perhaps"
	}
	if u.In != nil {
		s += " in " + u.In.Name
	}
	if u.Via != nil {
		s += " via " + u.Via.Name
	}
	if u.Inside != "" {
		s += " inside " + u.Inside
	}
	return s + map[jinja.Rendering]string{
		jinja.NoTemplate: "", jinja.Rendered: " rendered", jinja.Broken: " broken", jinja.Endless: " endless",
	}[u.Rendering]
}

func TestRun(t *testing.T) {
	for _, row := range []struct {
		source string
		text   string // "?" for one that is not known
		uses   []string
	}{
		{`{{ env_var('A') }}-{{ env_var('N') | int + 1 }}`, "a-6", []string{"A found", "N found"}},
		{`{{ env_var('X') }}{{ env_var('Y', 'y') }}{{ env_var('E', 'z') }}`, "?", []string{"X missing", "Y defaulted", "E found"}},
		{`{{ env_var('A', env_var('X')) }}`, "a", []string{"X missing", "A found"}},
		{`{{ env_var('X', none) }}{{ env_var('Y', nobody) }}`, "?", []string{"X missing", "Y missing"}},
		{`{{ env_var('_DBT_X', 1) }}{{ env_var('DBT_ENV_SECRET_S', 1) }}`, "?", []string{"_DBT_X refused", "DBT_ENV_SECRET_S refused"}},
		{`{{ env_var(target.name) }}{{ env_var(5) }}`, "?", []string{" dynamic", " dynamic"}},
		{`{% set n = 'X' %}{{ env_var(n) }}`, "?", []string{"X missing"}},
		{`{% if target.name == 'p' %}{{ env_var('X') }}{% else %}{{ env_var('Y') }}{% endif %}{{ env_var('Z') }}`, "?",
			[]string{"X missing perhaps", "Y missing perhaps", "Z missing"}},
		{`{% if env_var('T') == 'true' %}{{ env_var('A') }}{% else %}{{ env_var('Y') }}{% endif %}`, "a", []string{"T found", "A found"}},
		{`{{ env_var('X') if env_var('E') else 'none' }}`, "none", []string{"E found"}},
		{`{{ env_var('X') if var('v') else 'none' }}`, "?", []string{"X missing perhaps"}},
		{`{{ var('v') or env_var('X') }}{{ 'a' or env_var('Y') }}`, "?", []string{"X missing perhaps"}},
		{`{% if execute %}{{ env_var('X') }}{% endif %}{% if is_incremental() %}{{ env_var('Y') }}{% endif %}ok`, "ok", nil},
		{`{% for x in ref('a') %}{{ env_var('X') }}{% else %}{{ env_var('Y') }}{% endfor %}`, "?",
			[]string{"X missing perhaps", "Y missing perhaps"}},
		{`{% for x in ['A', 'N'] %}{{ env_var(x) }}{% endfor %}`, "a5", []string{"A found", "N found"}},
		{`{% set s = 'a' %}{% if var('v') %}{% set s = 'a' %}{% endif %}{{ s }}`, "a", nil},
		{`{% set s = 'a' %}{% if var('v') %}{% set s = 'b' %}{% endif %}{{ s }}`, "?", nil},
		{`{% set l = ['A'] %}{% if var('v') %}{% do l.append('X') %}{% endif %}{% for n in l %}{{ env_var(n) }}{% endfor %}`, "?",
			[]string{" dynamic perhaps"}},
		{`{% set ns = namespace(n='A') %}{% for x in ref('a') %}{% set ns.n = x %}{% endfor %}{{ env_var(ns.n) }}`, "?", []string{" dynamic"}},
		{`{% set d = {'n': 'A'} %}{% do unknown_macro(d) %}{{ env_var(d.n) }}`, "?", []string{" dynamic"}},
		{`{{ env_var('J') }}`, "?", []string{"J found rendered", "Q missing inside J"}},
		{`{{ env_var('SELF') }}`, "?", []string{"SELF found rendered", "SELF found inside SELF endless"}},
		{`{{ env_var('BROKEN') }}`, "?", []string{"BROKEN found broken"}},
		{`{{ env_var('X', '{{ 1 + 1 }}') }}`, "2", []string{"X defaulted rendered"}},
		{`{{ needs() }}{{ outer() }}{{ shop.needs() }}`, "?",
			[]string{"M missing in needs via needs", "M missing in needs via outer", "M missing in needs via needs"}},
		{`{{ unknown_macro(env_var('X')) }}{{ other.needs() }}`, "?", []string{"X missing"}},
		{`{{ echo(1) }} {{ echo(b=2, a='x') }}`, "1-B x-2", nil},
		{`{% call wrap() %}hi {{ env_var('A') }}{% endcall %}`, "[hi a]", []string{"A found"}},
		{`{% call unknown_macro() %}{{ env_var('X') }}{% endcall %}`, "?", []string{"X missing perhaps"}},
		{`{{ checked(var('v')) }}`, "?", []string{"GONE1 missing perhaps in checked via checked", "GONE2 missing in checked via checked"}},
		{`{{ maybe(var('v')) }}{{ env_var('X') }}`, "?", []string{"GONE1 missing perhaps in maybe via maybe", "X missing"}},
		{`{{ maybe(true) }}`, "one", nil},
		{`{{ switch() }}{{ env_var('X') }}`, "?", []string{"X missing perhaps"}},
		{`{{ config(enabled=env_var('E')) }}{{ env_var('X') }}`, "", []string{"E found"}},
		{`{{ config(enabled=env_var('T')) }}{{ env_var('X') }}`, "?", []string{"T found", "X missing"}},
		{`{{ config(enabled=var('v')) }}{{ env_var('X') }}`, "?", []string{"X missing perhaps"}},
		{`{{ config(post_hook="{{ env_var('X') }}") }}ok`, "ok", []string{"X missing"}},
		{`{% snapshot s %}{{ config(enabled=false) }}{{ env_var('X') }}{% endsnapshot %}{{ env_var('Y') }}`, "?", []string{"Y missing"}},
		{`{{ again(1) }}`, "?", nil},
		{`{{ adapter.dispatch('d')() }}`, "?", []string{"POSTGRES missing in postgres__d via dispatch"}},
		{`{{ adapter.dispatch('d', 'shop')() }}`, "?", []string{"POSTGRES missing in postgres__d via dispatch"}},
		{`{{ context['d']() }}`, "?", []string{"POSTGRES missing in postgres__d via d"}},
		{`{{ env_var('A' }}`, "a", []string{"A found"}},
		{"  {{- 'x' -}}  y  {%- if true -%} z {%- endif %}\n", "xyz", nil},
	} {
		t.Run(row.source, func(t *testing.T) {
			got := jinja.Parse(row.source).Run(context("redshift"))
			text := "?"
			if got.Known {
				text = got.Text
			}
			if text != row.text {
				t.Errorf("text %q, want %q", text, row.text)
			}
			var uses []string
			for _, u := range got.Uses {
				uses = append(uses, useOf(u))
			}
			if diff := cmp.Diff(row.uses, uses); diff != "" {
				t.Errorf("uses (-want +got)\n%s", diff)
			}
		})
	}
}

// TestLoneExpression checks that a lone expression keeps its own type.
func TestLoneExpression(t *testing.T) {
	ctx := context("")
	for source, want := range map[string]jinja.Kind{
		`{{ env_var('N') }}`: jinja.KindString, `{{ env_var('N') | int }}`: jinja.KindInt,
		`{{- env_var('T') | as_bool -}}`: jinja.KindBool, `{{ 1 }} `: jinja.KindString,
		`{{ none }}`: jinja.KindNone, `{{ [1] }}`: jinja.KindList, `{{ var('x') }}`: jinja.KindUnknown,
		`plain`: jinja.KindString, ``: jinja.KindString,
	} {
		if got := jinja.Parse(source).Run(ctx).Value.Kind(); got != want {
			t.Errorf("%q is of kind %d, want %d", source, got, want)
		}
	}
}

func TestMacroRun(t *testing.T) {
	ctx := context("")
	m := ctx.Macro("", "generate_schema_name")
	if got := m.Run(ctx, jinja.String(" x "), jinja.Unknown()); !got.Known || got.Text != "x" || len(got.Uses) > 0 {
		t.Errorf("with a name: known %v, %d uses", got.Known, len(got.Uses))
	}
	got := m.Run(ctx, jinja.None(), jinja.Unknown())
	if len(got.Uses) != 1 || got.Uses[0].Name != "SCHEMA" || !got.Uses[0].Certain || got.Uses[0].In != m {
		t.Errorf("without: %d uses", len(got.Uses))
	}
}

func TestSecrets(t *testing.T) {
	ctx := context("")
	ctx.Secrets = true
	got := jinja.Parse(`pre_{{ env_var('DBT_ENV_SECRET_S') | upper }}_{{ env_var('DBT_ENV_SECRET_S') == 'hidden' }}`).Run(ctx)
	if !got.Known || strings.Contains(got.Text, "hidden") {
		t.Fatal("the text is not known or shows the secret")
	}
	revealed, ok := jinja.Reveal(got.Text, ctx.Env)
	if want := "pre_hidden_False"; !ok || revealed.Reveal() != want {
		t.Errorf("revealed is not %q", want)
	}
	if _, ok := jinja.Reveal(got.Text, func(string) (secret.Text, bool) { return secret.Text{}, false }); ok {
		t.Error("revealed without a value")
	}
}

// TestGlobalAndVar checks what the caller hands in.
func TestGlobalAndVar(t *testing.T) {
	ctx := context("")
	ctx.Global = func(name string) (jinja.Value, bool) {
		switch name {
		case "target":
			return jinja.Map(jinja.String("name"), jinja.String("prod")), true
		case "twice":
			return jinja.Func(func(args []jinja.Value) jinja.Value { return jinja.List(args[0], args[0]) }), true
		}
		return jinja.Value{}, false
	}
	lazy := jinja.Parse(`{{ env_var('LAZY') }}`)
	ctx.Var = func(name string) (jinja.Var, bool) {
		switch name {
		case "plain":
			return jinja.Var{Value: jinja.Int(3)}, true
		case "lazy":
			return jinja.Var{Template: lazy}, true
		}
		return jinja.Var{}, false
	}
	got := jinja.Parse(`{% if target.name == 'prod' %}{{ var('plain') + 1 }}{{ var('none', 'd') }}{{ twice('x') }}{% else %}{{ env_var('X') }}{% endif %}`).Run(ctx)
	if want := "4d['x', 'x']"; !got.Known || got.Text != want || len(got.Uses) > 0 {
		t.Errorf("%q known %v, %d uses; want %q", got.Text, got.Known, len(got.Uses), want)
	}
	got = jinja.Parse(`{{ var('lazy') }}`).Run(ctx)
	if len(got.Uses) != 1 || got.Uses[0].Template != lazy || got.Uses[0].Call != lazy.Calls[0] {
		t.Errorf("a variable's call is not told: %d uses", len(got.Uses))
	}
}

// TestNothingKnown checks an evaluation that is told of no variable.
func TestNothingKnown(t *testing.T) {
	got := jinja.Parse(`{% if env_var('A', '') %}{{ env_var('B') }}{% endif %}`).Run(&jinja.Context{})
	var uses []string
	for _, u := range got.Uses {
		uses = append(uses, useOf(u))
	}
	if diff := cmp.Diff([]string{"A defaulted", "B missing perhaps"}, uses); diff != "" {
		t.Error(diff)
	}
}

// TestValuesAreMasked checks that a value cannot be printed by accident.
func TestValuesAreMasked(t *testing.T) {
	v := jinja.Parse(`{{ env_var('A') ~ 'bc' }}`).Run(context("")).Value
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{
		fmt.Sprint(v), fmt.Sprintf("%v %+v %#v %s %q %x", v, v, v, v, v, v), fmt.Sprintf("%v", []jinja.Value{v}), string(encoded),
	} {
		if strings.Contains(printed, "abc") || strings.Contains(printed, "616263") {
			t.Error("a value is printed")
		}
	}
	if s, ok := v.Text(); !ok || s != "abc" {
		t.Error("the accessor does not give the text")
	}
}
