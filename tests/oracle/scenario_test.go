package oracle

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

var (
	scenarios    = flag.Int("scenarios", 240, "how many generated projects are compared with the engine")
	scenarioSeed = flag.Uint64("scenario-seed", 0, "run only the scenario of this seed, and print it")
)

// TestScenarios generates projects and compares, for each, what the rules
// claim with what `dbt parse` does:
//
//   - the engine refuses exactly when a finding claims so;
//   - a name that the engine misses is one that we call missing;
//   - with all names set that we call missing, the engine misses none.
func TestScenarios(t *testing.T) {
	engine := dbttest.Find(t)
	if *scenarioSeed != 0 {
		s := generate(*scenarioSeed)
		for path, content := range s.Files {
			t.Logf("-- %s --\n%s", path, content)
		}
		t.Logf("home %v env %v", s.Home, s.Env)
		compare(t, engine, []uint64{*scenarioSeed})
		return
	}
	var seeds []uint64
	for seed := uint64(1); len(seeds) < *scenarios; seed++ {
		seeds = append(seeds, seed)
	}
	compare(t, engine, seeds)
}

func compare(t *testing.T, engine *dbttest.Engine, seeds []uint64) {
	generated := make([]dbttest.Scenario, len(seeds))
	predictions := make([]prediction, len(seeds))
	for i, seed := range seeds {
		generated[i] = generate(seed)
		predictions[i] = predict(t, generated[i])
	}
	refused, missed := 0, 0
	var mended []dbttest.Scenario
	var owners []int
	for i, seen := range engine.Batch(t, generated) {
		for _, problem := range predictions[i].disagreements(seen) {
			t.Errorf("seed %d: %s\n%s", seeds[i], problem, seen.Stdout+seen.Stderr)
		}
		if seen.Exit != 0 {
			refused++
		}
		if len(seen.Missing) > 0 {
			missed++
		}
		if names := predictions[i].names; len(names) > 0 {
			mended = append(mended, withSet(generated[i], names))
			owners = append(owners, i)
		}
	}
	for j, seen := range engine.Batch(t, mended) {
		i := owners[j]
		if names := seen.Fatal(); len(names) > 0 {
			t.Errorf("seed %d: with %v set the engine still misses %v", seeds[i], predictions[i].names, names)
		}
	}
	t.Logf("%d scenarios; the engine refused %d, %d of them for a missing name", len(seeds), refused, missed)
	if len(seeds) > 100 && (refused < len(seeds)/5 || refused > len(seeds)*4/5) {
		t.Errorf("the generator is lopsided: the engine refused %d of %d", refused, len(seeds))
	}
}

func withSet(s dbttest.Scenario, names []string) dbttest.Scenario {
	env := map[string]string{}
	for name, value := range s.Env {
		env[name] = value
	}
	for _, name := range names {
		env[name] = "main"
	}
	s.Env = env
	return s
}

// A prediction is what the rules say of a scenario.
type prediction struct {
	claims  []string // findings that claim a refusal
	names   []string // names that are missing or lost and needed by parse
	lighter []string // names that are missing, and that parse can do without
}

func predict(t *testing.T, s dbttest.Scenario) prediction {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root, home := filepath.Join(top, "root"), filepath.Join(top, "home")
	writeAll(t, root, s.Files)
	writeAll(t, home, s.Home)
	machine := &workspace.Machine{Home: home, Environ: map[string]secret.Text{"HOME": secret.New(home), "PATH": secret.New("/usr/bin:/bin")}}
	for name, value := range s.Env {
		machine.Environ[name] = secret.New(strings.NewReplacer("{root}", root, "{home}", home).Replace(value))
	}
	w := workspace.New(machine)
	w.SetFolders([]string{root})
	var p prediction
	for _, project := range w.Snapshot().Projects() {
		for _, f := range diagnostics.Check(project, diagnostics.Options{Scope: diagnostics.Machine}) {
			if f.Refuses {
				p.claims = append(p.claims, f.Rule.Code+": "+f.Text())
			}
		}
		for _, v := range project.Variables {
			if v.State != workspace.Missing && v.State != workspace.Lost || v.System() {
				continue
			}
			switch {
			case v.Need == workspace.NeedParse:
				p.names = append(p.names, v.Name)
			case v.Need > workspace.NeedNone:
				p.lighter = append(p.lighter, v.Name)
			}
		}
	}
	return p
}

func writeAll(t *testing.T, base string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (p prediction) disagreements(seen dbttest.Observation) []string {
	var all []string
	if refused := seen.Exit != 0; refused != (len(p.claims) > 0) {
		all = append(all, fmt.Sprintf("exit %d, but the claims are %q", seen.Exit, p.claims))
	}
	for _, name := range seen.Missing {
		if !slices.Contains(p.names, name) && (slices.Contains(seen.Fatal(), name) || !slices.Contains(p.lighter, name)) {
			all = append(all, fmt.Sprintf("the engine misses %s; we expect %v, and with less need %v", name, p.names, p.lighter))
		}
	}
	return all
}

// A source makes random choices; the same seed makes the same ones.
type source struct{ *rand.Rand }

func (r source) one(choices ...string) string { return choices[r.IntN(len(choices))] }

func (r source) chance(percent int) bool { return r.IntN(100) < percent }

// name is one of a few names, so that files meet each other.
func (r source) name() string { return r.one("A", "B", "C", "D", "E_1", "DBT_F") }

// generate makes a project of the fragments that the facts speak of.
func generate(seed uint64) dbttest.Scenario {
	r := source{rand.New(rand.NewPCG(seed, 7))}
	s := dbttest.Scenario{Files: map[string]string{}, Home: map[string]string{}, Env: map[string]string{}}
	s.Files["dbt_project.yml"] = r.project()
	s.Files["models/m.sql"] = r.model()
	if r.chance(50) {
		s.Files["models/sub/n.sql"] = r.model()
	}
	if r.chance(50) {
		s.Files["macros/x.sql"] = r.macros()
	} else {
		s.Files["macros/x.sql"] = "{% macro helper(a) %}1{% endmacro %}\n{% macro deep() %}2{% endmacro %}\n"
	}
	if r.chance(40) {
		s.Files["models/schema.yml"] = r.properties()
	}
	if r.chance(15) {
		s.Files["selectors.yml"] = "selectors:\n  - name: s\n    description: \"d " + r.expression(`'`) + "\"\n    definition: {method: tag, value: x}\n"
	}
	r.profiles(&s)
	if r.chance(60) {
		s.Files[".env"] = r.env()
	}
	for range r.IntN(3) {
		s.Env[r.name()] = r.one("main", "p", "true", "")
	}
	if r.chance(8) {
		s.Env["DBT_TARGET"] = r.one("dev", "prod", "nope")
	}
	if r.chance(5) {
		s.Env["DBT_PROFILE"] = r.one("p", "q")
	}
	return s
}

func (r source) project() string {
	var b strings.Builder
	b.WriteString("name: p\nversion: '1.0'\n")
	switch r.IntN(12) {
	case 0:
		b.WriteString("profile: q\n")
	case 1:
	case 2:
		fmt.Fprintf(&b, "profile: \"{{ env_var('%s', 'p') }}\"\n", r.name())
	default:
		b.WriteString("profile: p\n")
	}
	if r.chance(30) {
		fmt.Fprintf(&b, "models:\n  p:\n    +meta:\n      k: \"%s\"\n", r.expression(`'`))
		if r.chance(40) {
			fmt.Fprintf(&b, "    sub:\n      +enabled: %s\n", r.one("false", "true", `"{{ env_var('A', 'true') }}"`, `"{{ env_var('B', 'false') | as_bool }}"`))
		}
	}
	if r.chance(20) {
		fmt.Fprintf(&b, "vars:\n  v: \"{{ env_var('%s') }}\"\n  w: 1\n", r.name())
	}
	if r.chance(10) {
		fmt.Fprintf(&b, "on-run-end:\n  - \"select {{ env_var('%s') }}\"\n", r.name())
	}
	return b.String()
}

// expression is one {{ … }} with a call; quote is the kind of quotes inside.
func (r source) expression(quote string) string {
	q := func(s string) string { return quote + s + quote }
	a, b := r.name(), r.name()
	return r.one(
		"{{ env_var("+q(a)+") }}",
		"{{ env_var("+q(a)+", "+q("d")+") }}",
		"{{ env_var("+q(a)+", none) }}",
		"{{ env_var("+q(a)+", env_var("+q(b)+")) }}",
		"{{ env_var("+q(a)+", env_var("+q(b)+", "+q("x")+")) }}",
		"x{{ env_var("+q(a)+") | upper }}",
		"{{ env_var("+q(a)+") if env_var("+q(a)+", false) else 3 }}",
		"{{ env_var("+q(a)+") if env_var("+q(b)+", "+q("")+") == "+q("p")+" else 3 }}",
		"{{ env_var("+q(a)+", "+q("1")+") | int }}",
		"{{ env_var(var="+q(a)+", default="+q("b")+") }}",
		"{{ env_var("+q(a)+") ~ env_var("+q(b)+", "+q("c")+") }}",
		"{# env_var("+q(a)+") #}x",
		"{{ "+q("env_var")+" }}",
		"{{ env_var("+q(a)+", "+q("t")+") or env_var("+q(b)+") }}",
		"{{ env_var("+q("NO_"+a)+", "+q("")+") or env_var("+q(b)+", "+q("z")+") }}",
	)
}

func (r source) model() string {
	var b strings.Builder
	if r.chance(10) {
		b.WriteString(r.one("{{ config(enabled=false) }}", "{{ config(materialized='table') }}", "{{ config(enabled=env_var('A', 'x') == 'p') }}"))
	}
	b.WriteString("select 1 as x\n")
	for range r.IntN(3) {
		a, c := r.name(), r.name()
		b.WriteString(r.one(
			"-- "+r.expression(`"`),
			", "+r.expression("'")+" as a",
			"{% if env_var('"+a+"', 'x') == 'p' %}, {{ env_var('"+c+"') }} as b{% endif %}",
			"{% if env_var('"+a+"', 'x') == 'p' %}{% else %}, {{ env_var('"+c+"') }} as b{% endif %}",
			"{% if execute %}, {{ env_var('"+a+"') }} as c{% endif %}",
			"{% if target.name == 'prod' %}, {{ env_var('"+a+"') }} as c{% endif %}",
			"{% set z = env_var('"+a+"', '1') %}, {{ z }} as d",
			"{% for i in [1, 2] %}, {{ env_var('"+a+"', 'q') }}{{ i }} as e{{ i }}{% endfor %}",
			"{% raw %}-- {{ env_var('"+a+"') }}{% endraw %}",
			"{# {{ env_var('"+a+"') }} #}",
			", {{ helper('"+a+"') }} as f",
			", {{ deep() }} as g",
			", {{ var('v', 'none') }} as h",
			", {{ var('w', 'none') }} as i",
			", my_env_var('"+a+"') as j",
			"{% set env_var = none %}{{ env_var('"+a+"') }}",
		) + "\n")
	}
	return b.String()
}

func (r source) macros() string {
	a, c := r.name(), r.name()
	helper := r.one(
		"{{ a }}",
		"{{ env_var(a) }}",
		"{{ env_var('"+a+"') }}",
		"{{ env_var('"+a+"', 'd') }}",
		"{{ deep() }}",
		"{% if a == 'A' %}{{ env_var('"+c+"') }}{% endif %}",
	)
	deep := r.one("2", "{{ env_var('"+c+"') }}", "{{ p.deeper() }}")
	s := "{% macro helper(a) %}" + helper + "{% endmacro %}\n{% macro deep() %}" + deep + "{% endmacro %}\n" +
		"{% macro deeper() %}{{ env_var('" + a + "', '5') }}{% endmacro %}\n{% macro nobody() %}{{ env_var('" + c + "') }}{% endmacro %}\n"
	if r.chance(30) {
		s += "{% macro generate_schema_name(custom, node) %}{{ env_var('" + r.name() + "') }}{% endmacro %}\n"
	}
	if r.chance(30) {
		s += "{% test shiny(model, column_name) %}select {{ env_var('" + r.name() + "') }} where false{% endtest %}\n"
	}
	return s
}

func (r source) properties() string {
	var b strings.Builder
	b.WriteString("version: 2\nmodels:\n")
	fmt.Fprintf(&b, "  - name: %s\n    description: \"d %s\"\n", r.one("m", "n", "nobody"), r.expression(`'`))
	if r.chance(30) {
		fmt.Fprintf(&b, "    config:\n      enabled: %s\n", r.one("true", "false", `"{{ env_var('C', 'true') }}"`))
	}
	if r.chance(30) {
		fmt.Fprintf(&b, "    columns:\n      - name: x\n        description: >\n          folded %s\n          text\n", r.expression(`"`))
	}
	return b.String()
}

func (r source) profiles(s *dbttest.Scenario) {
	var b strings.Builder
	b.WriteString("p:\n")
	switch r.IntN(10) {
	case 0:
	case 1:
		b.WriteString("  target: nope\n")
	case 2, 3:
		fmt.Fprintf(&b, "  target: \"{{ env_var('%s', '%s') }}\"\n", r.name(), r.one("dev", "prod"))
	case 4:
		fmt.Fprintf(&b, "  target: \"{{ env_var('%s') }}\"\n", r.name())
	default:
		b.WriteString("  target: dev\n")
	}
	b.WriteString("  outputs:\n")
	for _, target := range []string{"dev", "prod"} {
		fmt.Fprintf(&b, "    %s:\n      type: duckdb\n      path: x.duckdb\n      schema: \"s%s\"\n", target, r.one("", r.expression("'")))
		if r.chance(20) {
			fmt.Fprintf(&b, "      # password: \"{{ env_var('%s') }}\"\n", r.name())
		}
	}
	if r.chance(20) {
		fmt.Fprintf(&b, "q:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: \"x%s\", schema: main}\n", r.expression("'"))
	}
	switch r.IntN(12) {
	case 0:
	case 1, 2, 3:
		s.Home[".dbt/profiles.yml"] = b.String()
	case 4:
		s.Home[".dbt/profiles.yml"] = b.String()
		s.Files["profiles.yml"] = "q: {target: dev, outputs: {dev: {type: duckdb, path: x.duckdb, schema: main}}}\n"
	default:
		s.Files["profiles.yml"] = b.String()
	}
}

func (r source) env() string {
	var b strings.Builder
	for range 1 + r.IntN(5) {
		n := r.name()
		b.WriteString(r.one(
			n+"=main", n+"=p", n+"=", n+"= # c", n+"='p'", "export "+n+"=dev", "# "+n+"=x",
			n+"=hello world", n+": v", n+"=O'Brien", n+"=\"a b\"", n+"=$A", n+"=prod",
		) + "\n")
	}
	return b.String()
}
