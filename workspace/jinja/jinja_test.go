package jinja_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// describe writes a call the way the tables below do: its name, then what is
// special about it.
func describe(source string, c *jinja.Call) string {
	s := c.Name
	if c.Dynamic {
		s = "<" + string(c.Span.Of([]byte(source))) + ">"
	}
	for word, holds := range map[string]bool{
		"default": c.Default, "conditional": c.Conditional, "guarded": c.Guarded,
		"execute": c.Execute, "hook": c.Hook, "dead": c.Dead,
	} {
		if holds {
			s += " " + word
		}
	}
	words := strings.Fields(s)
	order := map[string]int{"default": 1, "conditional": 2, "guarded": 3, "execute": 4, "hook": 5, "dead": 6}
	for i := 1; i < len(words); i++ {
		for j := i; j > 1 && order[words[j]] < order[words[j-1]]; j-- {
			words[j], words[j-1] = words[j-1], words[j]
		}
	}
	if order[words[0]] == 0 || c.Dynamic {
		s = strings.Join(words, " ")
	}
	if c.Macro != "" {
		s += " in " + c.Macro
	}
	return s
}

// TestSpellings has a row for every spelling of docs/engine/env-var.md:
// how calls are written in public repositories.
func TestSpellings(t *testing.T) {
	for _, row := range []struct {
		source string
		want   []string
	}{
		{`{{ env_var('DBT_X') }}`, []string{"DBT_X"}},
		{`{{ env_var("DBT_X") }}`, []string{"DBT_X"}},
		{`data/{{ env_var('DBT_X') }}.db`, []string{"DBT_X"}},
		{`{% set f = env_var %}{{ f('A') }}`, []string{"A"}},
		{`{% set f = env_var %}{% set g = f %}{{ g('A', 'd') }}{% set f = 1 %}{{ f('B') }}`, []string{"A default"}},
		{`{% with f = env_var %}{{ f('A') }}{% endwith %}{{ f('B') }}`, []string{"A"}},
		{"{{ env_var(\n  'DBT_X',\n  'y'\n) }}", []string{"DBT_X default"}},
		{`{{- env_var ( 'DBT_X' , 'y' ) -}}`, []string{"DBT_X default"}},
		{`{{ env_var('A') | trim | int }}`, []string{"A"}},
		{`{{ env_var('A') | replace('x', env_var('B')) }}`, []string{"A", "B"}},
		{`{{ env_var('A') }}_{{ env_var('B') }}`, []string{"A", "B"}},
		{`{{ env_var('A') ~ '_' ~ env_var('B') + env_var('C') }}`, []string{"A", "B", "C"}},
		{`{{ env_var('A', env_var('B', '')) }}`, []string{"A default", "B default"}},
		{`{{ env_var('A', env_var('B')) }}`, []string{"A default", "B"}},
		{`{{ env_var('A', 5432) }}{{ env_var('B', -1) }}{{ env_var('C', False) }}{{ env_var('D', var('x')) }}`,
			[]string{"A default", "B default", "C default", "D default"}},
		{`{{ env_var('A', none) }}{{ env_var('B', None) }}{{ env_var('C', default=none) }}`, []string{"A", "B", "C"}},
		{`{{ env_var('A') | int if env_var('A', false) else 3 }}`, []string{"A conditional guarded", "A default"}},
		{`{% if env_var('A', '') == 'x' %}{{ env_var('A') }}{% endif %}`, []string{"A default", "A conditional guarded"}},
		{`{% if env_var('A', '') == '' %}{% else %}{{ env_var('A') }}{% endif %}{{ env_var('A') }}`,
			[]string{"A default", "A conditional guarded", "A"}},
		{`{% if env_var('A', '') %}{% else %}{{ env_var('A') }}{% endif %}{{ env_var('B', '') or env_var('B') }}`,
			[]string{"A default", "A conditional", "B default", "B conditional"}},
		{`{% if env_var('A', none) is not none and x %}{{ env_var('A') }}{% elif y %}{{ env_var('A') }}{% endif %}`,
			[]string{"A", "A conditional", "A conditional"}},
		{`{{ env_var('A') if env_var('A', 'x') != 'x' and y else 1 }}`, []string{"A conditional guarded", "A default"}},
		{`{{ env_var('A') if env_var('A', '') == y else 1 }}`, []string{"A conditional guarded", "A default"}},
		{`{{ env_var('A', '') and env_var('A') }}`, []string{"A default", "A conditional guarded"}},
		{`{% set x = env_var('A') %}`, []string{"A"}},
		{`{% set x %}{{ env_var('A') }}{% endset %}`, []string{"A"}},
		{`{% for x in env_var('A').split(',') %}{{ env_var('B') }}{% else %}{{ env_var('C') }}{% endfor %}`,
			[]string{"A", "B conditional", "C conditional"}},
		{`{% do log(env_var('A')) %}`, []string{"A"}},
		{`{% macro m(x=env_var('D')) %}{{ env_var('A') }}{% endmacro %}`, []string{"D conditional in m", "A in m"}},
		{`{% test t(model) %}{{ env_var('A') }}{% endtest %}`, []string{"A in test_t"}},
		{`{% materialization m, adapter='duckdb' %}{{ env_var('A') }}{% endmaterialization %}`,
			[]string{"A in materialization_m_duckdb"}},
		{`{% snapshot s %}{{ env_var('A') }}{% endsnapshot %}`, []string{"A"}},
		{`{{ env_var(name) }}{{ env_var('A' ~ suffix) }}`, []string{"<env_var(name)>", "<env_var('A' ~ suffix)>"}},
		{`{{ env_var('A' ~ '_B') }}{{ env_var('A' '_C') }}{{ env_var('DBT_TARGET_PATH' ~ '/dbt_packages', 'x') }}`,
			[]string{"A_B", "A_C", "DBT_TARGET_PATH/dbt_packages default"}},
		{`{{ config(post_hook="{{ env_var('A') }}") }}`, []string{"A hook"}},
		{`{{ config(pre_hook=["x {{ env_var('A') }}", {"sql": "{{ env_var('B', '') }}", "transaction": false}]) }}`,
			[]string{"A hook", "B default hook"}},
		{`{{ config({'post-hook': "{{ env_var('A') }}"}) }}`, []string{"A hook"}},
		{`{{ env_var(var='A', default='b') }}{{ env_var(default='x', var='B') }}`, []string{"A default", "B default"}},
		{`{{ env_var(*names) }}{{ env_var(**arguments) }}`, []string{"<env_var(*names)>", "<env_var(**arguments)>"}},
		{`{% if execute %}{{ env_var('A') }}{% else %}{{ env_var('B') }}{% endif %}`,
			[]string{"A conditional execute", "B conditional"}},
		{`{{ env_var('A') if execute and x else env_var('B') }}`, []string{"A conditional execute", "B conditional"}},
		{`{% if not execute %}{% else %}{{ env_var('A') }}{% endif %}`, []string{"A conditional execute"}},
		{`{% if x %}{% elif env_var('A') %}{{ env_var('B') }}{% endif %}`, []string{"A conditional", "B conditional"}},
		{`{{ x or env_var('A') }}{{ false or env_var('B') }}`, []string{"A conditional", "B"}},
		{`{% call m() %}{{ env_var('A') }}{% endcall %}`, []string{"A conditional"}},
		{`{% filter upper %}{{ env_var('A') }}{% endfilter %}`, []string{"A"}},
		{`{% with a = env_var('A') %}{{ env_var('B') }}{% endwith %}`, []string{"A", "B"}},
		{`-- {{ env_var('A') }} /* {{ env_var('B') }} */`, []string{"A", "B"}},
		{`{{ [env_var('A'), {env_var('B'): (env_var('C'),)}][env_var('D'):] }}`, []string{"A", "B", "C", "D"}},
		{`{{ x is divisibleby env_var('A') }}{{ f(*[env_var('B')], **{'k': env_var('C')}) }}`, []string{"A", "B", "C"}},
	} {
		t.Run(row.source, func(t *testing.T) {
			got := jinja.Parse(row.source)
			if diff := cmp.Diff(row.want, calls(got)); diff != "" {
				t.Errorf("calls (-want +got)\n%s", diff)
			}
			if len(got.Problems) > 0 {
				t.Errorf("problems: %v", got.Problems)
			}
		})
	}
}

func calls(t *jinja.Template) []string {
	var found []string
	for _, c := range t.Calls {
		found = append(found, describe(t.Source, c))
	}
	return found
}

// TestNoCalls has a row for everything of docs/engine/env-var.md that
// looks like a call in a template and is none.
func TestNoCalls(t *testing.T) {
	for _, source := range []string{
		`{{ get_env_var('A') }}{{ my_env_var('A') }}{{ test_env_var('A') }}{{ env_vars('A') }}{{ env_var2('A') }}`,
		`{{ elementary.get_first_env_var('A') }}{{ pkg.env_var('A') }}{{ x.env_var('A') }}{{ x.y.env_var('A') }}`,
		`{{ 'env_var("A")' }}{{ "env_var('A')" }}`,
		`{# {{ env_var('A') }} #}`,
		"{#\n {{ env_var('A') }}\n#}",
		`{% raw %}{{ env_var('A') }}{% endraw %}`,
		`{%- raw -%}{{ env_var('A') }}{%+ endraw -%}`,
		`-- env_var('A')`,
		`select env_var('A')`,
		`{% set env_var = none %}{{ env_var('A') }}`,
		`{% macro m(env_var) %}{{ env_var('A') }}{% endmacro %}`,
		`{% for env_var in x %}{{ env_var('A') }}{% endfor %}`,
		`{% with env_var = x %}{{ env_var('A') }}{% endwith %}`,
		`{% call(env_var) m() %}{{ env_var('A') }}{% endcall %}`,
		`{% docs d %}{{ env_var('A') }}{% enddocs %}`,
		`{{ env_var }}{{ env_var ~ ('A') }}{{ 'A' | env_var }}`,
		`{{ builtins.env_var('A') }}{{ context['env_var']('A') }}`,
		`{{ config(meta={'a': "{{ env_var('A') }}"}) }}{% set x = "{{ env_var('A') }}" %}`,
	} {
		t.Run(source, func(t *testing.T) {
			got := jinja.Parse(source)
			if found := calls(got); len(found) > 0 {
				t.Errorf("calls %q", found)
			}
			if len(got.Problems) > 0 {
				t.Errorf("problems: %v", got.Problems)
			}
		})
	}
}

// TestShadowEnds checks that a name is given back where its block ends.
func TestShadowEnds(t *testing.T) {
	source := `{% for env_var in x %}{% endfor %}{% macro m(env_var) %}{% endmacro %}{{ env_var('A') }}`
	if diff := cmp.Diff([]string{"A"}, calls(jinja.Parse(source))); diff != "" {
		t.Error(diff)
	}
}

// TestDead covers what the engine does not reach.
func TestDead(t *testing.T) {
	for _, row := range []struct {
		source string
		want   []string
	}{
		{`{{ env_var('A') }}{{ config(enabled=false) }}{{ env_var('B') }}`, []string{"A", "B dead"}},
		{`{{ config(enabled=False, meta={'a': env_var('A')}) }}{{ env_var('B') }}`, []string{"A", "B dead"}},
		{`{{ config(enabled='nope') }}{{ env_var('B') }}`, []string{"B dead"}},
		{`{{ config(enabled='True') }}{{ env_var('B') }}`, []string{"B"}},
		{`{{ config({'enabled': false}) }}{{ env_var('B') }}`, []string{"B dead"}},
		{`{% do config(enabled=false) %}{{ env_var('B') }}`, []string{"B dead"}},
		{`{{ config(enabled=true) }}{{ env_var('B') }}`, []string{"B"}},
		{`{{ config(enabled=var('x')) }}{{ env_var('B') }}`, []string{"B"}},
		{`{% if x %}{{ config(enabled=false) }}{% endif %}{{ env_var('B') }}`, []string{"B"}},
		{`{% snapshot a %}{{ config(enabled=false) }}{{ env_var('A') }}{% endsnapshot %}{% snapshot b %}{{ env_var('B') }}{% endsnapshot %}`,
			[]string{"A dead", "B"}},
		{`{% if false %}{{ env_var('A') }}{% else %}{{ env_var('B') }}{% endif %}`, []string{"A dead", "B"}},
		{`{% if true %}{{ env_var('A') }}{% else %}{{ env_var('B') }}{% endif %}`, []string{"A", "B dead"}},
		{`{{ env_var('A') if true else env_var('B') }}`, []string{"A", "B dead"}},
		{`{% macro m() %}{{ return(env_var('A')) }}{{ env_var('B') }}{% endmacro %}{{ env_var('C') }}`,
			[]string{"A in m", "B dead in m", "C"}},
		{`{% macro m() %}{% if x %}{% do return(1) %}{% endif %}{{ env_var('B') }}{% endmacro %}`, []string{"B in m"}},
	} {
		t.Run(row.source, func(t *testing.T) {
			if diff := cmp.Diff(row.want, calls(jinja.Parse(row.source))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestPlaces checks that every span covers exactly what it names.
func TestPlaces(t *testing.T) {
	source := "é {{ env_var( \"DBT_X\", 'd' ) }}\n" +
		`{{ config(post_hook="grant {{ env_var(\"HOOK\") }} \u00e9 {{ env_var('AFTER') }}") }}` +
		`{{ ref('p', "m") }}{{ ref('n') }}{{ pkg.mac('first') }}{{ env_var('A' 'B') }}`
	got := jinja.Parse(source)
	of := func(s text.Span) string { return string(s.Of([]byte(source))) }
	var found []string
	for _, c := range got.Calls {
		found = append(found, fmt.Sprintf("%s|%s|%s|%s", of(c.Token), of(c.Span), of(c.NameAt), of(c.DefaultAt)))
	}
	for _, r := range got.Refs {
		found = append(found, fmt.Sprintf("%s|%s|%s|%s", of(r.Token), of(r.Span), of(r.PackageAt), of(r.ModelAt)))
	}
	for _, i := range got.Invocations {
		found = append(found, fmt.Sprintf("%s|%s|%s", of(i.Token), i.Package, of(i.FirstAt)))
	}
	want := []string{
		`env_var|env_var( "DBT_X", 'd' )|DBT_X|'d'`,
		`env_var|env_var(\"HOOK\")|HOOK|`,
		`env_var|env_var('AFTER')|AFTER|`,
		`env_var|env_var('A' 'B')||`,
		`ref|ref('p', "m")|p|m`,
		`ref|ref('n')||n`,
		`config||`,
		`mac|pkg|first`,
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestHalfTyped checks that a file that is being typed keeps its calls.
func TestHalfTyped(t *testing.T) {
	for _, row := range []struct {
		source  string
		want    []string
		problem string // the source from the first problem on
	}{
		{`{{ env_var('A`, []string{"A"}, `'A`},
		{`{{ env_var('A }} x {{ ref('b') }} {{ env_var('C') }}`, []string{"A", "C"}, `b') }} {{ env_var('C') }}`},
		{`{{ env_var( }} {{ env_var('B') }}`, []string{"<env_var(>", "B"}, `}} {{ env_var('B') }}`},
		{`{{ env_var('A' }} {{ env_var('B') }}`, []string{"A", "B"}, `}} {{ env_var('B') }}`},
		{"{{ env_var('A')\nselect 1\n{{ env_var('B') }}", []string{"A", "B"}, "select 1\n{{ env_var('B') }}"},
		{`{% if env_var('A') %}{{ env_var('B') }}`, []string{"A", "B conditional"}, `{% if env_var('A') %}{{ env_var('B') }}`},
		{`{% if x %}{% for y in z %}{% endif %}{{ env_var('A') }}`, []string{"A"}, `endif %}{{ env_var('A') }}`},
		{`{% endif %}{{ env_var('A') }}`, []string{"A"}, `endif %}{{ env_var('A') }}`},
		{`{% unknown env_var('A') %}{{ env_var('B') }}{% endunknown %}`, []string{"A", "B"}, `unknown env_var('A') %}{{ env_var('B') }}{% endunknown %}`},
		{`{{ {{ env_var('A') }} }}`, []string{"A"}, `{{ env_var('A') }} }}`},
		{`{{ env_var('A') + }}{{ env_var('B') }}`, []string{"A", "B"}, `}}{{ env_var('B') }}`},
		{`{{ x y | f(env_var('A')) }}`, []string{"A"}, `y | f(env_var('A')) }}`},
		{`{{ env_var('A'), }`, []string{"A"}, `}`},
		{`{{ env_var('A'`, []string{"A"}, ``},
		{`{# {{ env_var('A') }}`, nil, `{# {{ env_var('A') }}`},
		{`{% raw %}{{ env_var('A') }}`, nil, `{% raw %}{{ env_var('A') }}`},
		{`{% set = env_var('A') %}{{ env_var('B') }}`, []string{"A", "B"}, `= env_var('A') %}{{ env_var('B') }}`},
		{`{% macro (a %}{{ env_var('B') }}{% endmacro %}`, []string{"B"}, `(a %}{{ env_var('B') }}{% endmacro %}`},
		{`{{ f(a=1, env_var('A')) }}`, []string{"A"}, `env_var('A')) }}`},
		{`{{ env_var('\u12') }}`, []string{"\ufffd12"}, `'\u12') }}`},
		{`{{ ? env_var('A') }}`, []string{"A"}, `? env_var('A') }}`},
	} {
		t.Run(row.source, func(t *testing.T) {
			got := jinja.Parse(row.source)
			if diff := cmp.Diff(row.want, calls(got)); diff != "" {
				t.Errorf("calls (-want +got)\n%s", diff)
			}
			if len(got.Problems) == 0 {
				t.Fatal("no problem")
			}
			if at := got.Problems[0].Span; row.source[at.Start:] != row.problem {
				t.Errorf("problem %q at %q", got.Problems[0].Message, row.source[at.Start:])
			}
		})
	}
}

func TestMacrosAndRefs(t *testing.T) {
	source := `{% macro one(a, b: str = 1) %}x{% endmacro %}{% test two(model, column_name) -%} y {%- endtest %}` +
		`{% materialization three, default, supported_languages=['sql', 'python'] %}{% endmaterialization %}` +
		`{% snapshot four.sql %}{{ ref(x) }}{% endsnapshot %}{% docs 5_five *** %}{% if %}{% enddocs five %}` +
		`{{ ref('p', 'm', v=2) }}{{ builtins.ref('n') }}{{ ref(model) }}{{ ref() }}{% set ref = 1 %}{{ ref('hidden') }}`
	got := jinja.Parse(source)
	var found []string
	for _, m := range got.Macros {
		s := m.Kind + " " + m.Name + " " + source[m.NameAt.Start:m.NameAt.End] + " " + source[m.Body.Start:m.Body.End]
		for _, p := range m.Params {
			s += " " + p.Name + "=" + source[p.At.Start:p.At.End]
		}
		found = append(found, s)
	}
	for _, r := range got.Refs {
		found = append(found, fmt.Sprintf("ref %q %q %v", r.Package, r.Model, r.Dynamic))
	}
	want := []string{
		"macro one one x a=a b=b",
		"test test_two two  y  model=model column_name=column_name",
		"materialization materialization_three_default three ",
		"snapshot snapshot_four four {{ ref(x) }}",
		"docs 5_five 5_five {% if %}",
		`ref "" "" true`, `ref "p" "m" false`, `ref "" "n" false`, `ref "" "" true`, `ref "" "" true`,
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(got.Problems) > 0 {
		t.Errorf("problems %v", got.Problems)
	}
}

func TestBareCall(t *testing.T) {
	for scalar, want := range map[string]bool{
		"env_var('A')": true, " ref ( 'a' ) ": true, "env_var('A') ~ 'x'": false, "env_var()": false,
		"my_env_var('A')": false, "env_var": false, "source('a', 'b')": true, "'env_var(1)'": false,
	} {
		if got := jinja.IsBareCall(scalar); got != want {
			t.Errorf("%s: %v", scalar, got)
		}
	}
	got := jinja.ParseExpression(` env_var('A')  `)
	if diff := cmp.Diff([]string{"A"}, calls(got)); diff != "" || len(got.Problems) > 0 {
		t.Error(diff, got.Problems)
	}
}

// TestHuge checks that no text exhausts the stack or takes more than linear
// time.
func TestHuge(t *testing.T) {
	for _, unit := range []string{
		"(", "[", "{", "{{ ", "{% if a %}", "{{ '", "a and ", "not ", "a|b(", "{{ f('a', ", "{% raw %}", "{% docs %}", "{#",
		"{{ '\\' ", "{% macro a() %}", "{% endif %}", "{% if a %}{% endfor %}", ".a", "-", "a~", "a if b else ", "('x',", "{'a':",
		"a(", "x is y ", "{% set x %}", "{{ \"{{ '{{", "env_var('A','') and ", "config(post_hook='{{", "{% for a in b %}{% else %}",
	} {
		long := strings.Repeat(unit, 20_000/len(unit))
		for _, source := range []string{long, "{{ " + long, "{% if " + long} {
			got := jinja.Parse(source)
			got.Run(&jinja.Context{})
		}
	}
}

func BenchmarkModel(b *testing.B) {
	line := "select a.id, b.name, sum(c.amount) as amount -- a comment\n"
	source := strings.Repeat(line, 40) + "where x = '{{ env_var('DBT_X', 'y') }}' and {{ var('z') }}\n" + strings.Repeat(line, 60)
	source = "{{ config(materialized='table') }}\n" + source[:5000]
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		jinja.Parse(source)
	}
}
