package jinja_test

import (
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{{ env_var('A') }}`, `{{ env_var("A", 'b') | int if x else env_var(y) }}`, "{% if a %}{{ ref('p', 'm') }}",
		`{{ config(post_hook="{{ env_var(\"A\") }}\n", pre_hook=['{{ b }}', {'sql': "x"}]) }}`,
		`{% macro m(a, b=1) -%} {{ return(a) }} {%- endmacro %}{{ p.m(1)[1:2].x }}`,
		`{% raw %}{{ x }}{% endraw %}{# c #}{% set x | upper %}y{% endset %}{% docs d %}{% enddocs %}`,
		`{% for a, b in {'x': [1, 2.5e3, 0x1f]}.items() if a %}{{ loop.index ~ 'é' }}{% else %}{% endfor %}`,
		`{{ env_var('A`, `{{ env_var('A }} {{ ref('b') }}`, "{{ '\\u00e9' 'b' \"c\" }}", `{% call(x) m() %}{{ x }}{% endcall %}`,
		`{% snapshot a.b %}{% endsnapshot %}{% test t(m) %}{% endtest %}{% materialization x, adapter='y' %}{% endmaterialization %}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		checkTemplate(t, jinja.Parse(source))
		checkTemplate(t, jinja.ParseExpression(source))
	})
}

// checkTemplate checks what holds for every template.
func checkTemplate(t *testing.T, got *jinja.Template) {
	t.Helper()
	inside := func(what string, s text.Span) {
		if s.Start < 0 || s.End < s.Start || s.End > len(got.Source) {
			t.Fatalf("%s %v leaves the text of %d bytes", what, s, len(got.Source))
		}
	}
	last := 0
	for _, c := range got.Calls {
		inside("token", c.Token)
		inside("call", c.Span)
		inside("name", c.NameAt)
		inside("default", c.DefaultAt)
		if c.Token.Start < last {
			t.Fatal("calls are not in order")
		}
		last = c.Token.Start
		if !c.Hook && string(c.Token.Of([]byte(got.Source))) != "env_var" {
			t.Fatalf("token is %q", c.Token.Of([]byte(got.Source)))
		}
		written := string(c.NameAt.Of([]byte(got.Source)))
		if c.Dynamic && (c.Name != "" || written != "") {
			t.Fatalf("a dynamic name is %q", c.Name)
		}
		if !c.NameAt.Empty() && !strings.Contains(written, `\`) && written != c.Name {
			t.Fatalf("name %q is written %q", c.Name, written)
		}
	}
	for _, r := range got.Refs {
		inside("ref", r.Span)
		inside("ref token", r.Token)
		inside("ref package", r.PackageAt)
		inside("ref model", r.ModelAt)
	}
	for _, i := range got.Invocations {
		inside("invocation", i.Span)
		inside("invocation token", i.Token)
		inside("first argument", i.FirstAt)
	}
	for _, m := range got.Macros {
		inside("macro", m.Span)
		inside("macro name", m.NameAt)
		inside("macro body", m.Body)
	}
	for _, p := range got.Problems {
		inside("problem", p.Span)
	}
}

// FuzzRun evaluates a template that has its own macros and whose variables are
// templates.
func FuzzRun(f *testing.F) {
	for _, seed := range []string{
		`{{ env_var('A') }}`, `{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}`, `{{ env_var('LOOP') }}`,
		`{% set l = [] %}{% do l.append(l) %}{{ l }}{{ l == l }}`, `{% for x in range(900) %}{% for y in range(900) %}{{ x }}{% endfor %}{% endfor %}`,
		`{% if x %}{{ config(enabled=x) }}{% else %}{{ return(1) }}{% endif %}{{ 'a' * 99999999 }}`, `{{ 9 ** 99 % 0 // 0 / 0 }}`,
		`{% set ns = namespace(a=1) %}{% for i in y %}{% set ns.a = ns.a + 1 %}{% endfor %}{{ ns.a }}`,
		`{% call(a) m() %}{{ caller() }}{% endcall %}{{ adapter.dispatch('m', 'p')() }}`, `{{ 'abc'[::-1][5:2] | replace('', 'x') | int(3) }}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		template := jinja.Parse(source)
		macros := map[string]*jinja.Macro{}
		for _, m := range template.Macros {
			macros[m.Name] = m
		}
		ctx := &jinja.Context{
			Env: func(name string) (secret.Text, bool) {
				return secret.New("<{{ env_var('" + name + "') }}" + source), len(name)%2 == 0
			},
			Macro:   func(_, name string) *jinja.Macro { return macros[name] },
			Adapter: "redshift",
		}
		got := template.Run(ctx)
		if got.Known && got.Value.Kind() == jinja.KindUnknown {
			t.Fatal("known text of an unknown value")
		}
		for _, m := range template.Macros {
			m.Run(ctx, jinja.String("a"))
		}
	})
}
