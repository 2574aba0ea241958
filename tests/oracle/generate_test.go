package oracle

import (
	"maps"
	"math/rand/v2"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
)

// A scenario is a project, what lies around it, and the folder and environment
// that dbt runs in.
type scenario struct {
	dbttest.Scenario
	project string // the folder of the project below the root, "" for the root itself
}

// A source makes random choices; the same seed makes the same ones.
type source struct{ *rand.Rand }

func (r source) one(choices ...string) string { return choices[r.IntN(len(choices))] }

func (r source) chance(percent int) bool { return r.IntN(100) < percent }

// A generator makes one scenario.
type generator struct {
	source
	files   map[string]string // of the project, by path below its root
	outside map[string]string // of the folder above the project
	home    map[string]string
	env     map[string]string
	links   map[string]string
	work    string   // the folder that dbt runs in, below the project or ".."
	envFile []string // lines of .env
	rawEnv  string   // the whole .env, if not ""
	spots   []string
}

// A spot is a part of a project that is made interesting.
type spot struct {
	name   string
	weight int
	make   func(g *generator)
}

func spots() []spot {
	return []spot{
		{"sql", 14, (*generator).moreSQL}, {"macros", 8, (*generator).macros}, {"properties", 10, (*generator).properties},
		{"project keys", 10, (*generator).projectKeys}, {"project shape", 6, (*generator).projectShape},
		{"profile place", 6, (*generator).profilePlace}, {"profile shape", 8, (*generator).profileShape},
		{"profile name", 4, (*generator).profileName}, {"target", 8, (*generator).target}, {"adapter", 8, (*generator).adapter},
		{"profile values", 8, (*generator).profileValues}, {"env lines", 14, (*generator).envLines}, {"env bytes", 4, (*generator).envBytes},
		{"env place", 4, (*generator).envPlace}, {"settings", 10, (*generator).settings}, {"engine names", 4, (*generator).engineNames},
		{"selectors", 4, (*generator).selectors}, {"vars", 6, (*generator).vars}, {"packages", 10, (*generator).packages},
		{"mesh", 6, (*generator).mesh}, {"cloud", 6, (*generator).cloud}, {"folder", 6, (*generator).folder},
		{"yaml", 6, (*generator).brokenYAML}, {"stray files", 3, (*generator).strays}, {"enabled", 5, (*generator).enabled},
		{"secrets", 4, (*generator).secrets}, {"hooks", 4, (*generator).hooks},
	}
}

// generate makes the scenario of a seed: a sound project, a few spots of which
// are interesting, and most of whose variables are set.
func generate(seed uint64) scenario {
	g := &generator{
		source: source{rand.New(rand.NewPCG(seed, 7))},
		files: map[string]string{
			"dbt_project.yml": "name: p\nversion: '1.0'\nprofile: p\n",
			"profiles.yml":    "p:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      path: x.duckdb\n      schema: main\n    prod:\n      type: duckdb\n      path: y.duckdb\n      schema: \"{{ env_var('PROD_ONLY') }}\"\n",
			"macros/x.sql":    "{% macro helper(a) %}1{% endmacro %}\n{% macro deep() %}2{% endmacro %}\n",
		},
		outside: map[string]string{}, home: map[string]string{}, env: map[string]string{}, links: map[string]string{},
	}
	g.files["models/m.sql"] = g.sql()
	all, total := spots(), 0
	for _, s := range all {
		total += s.weight
	}
	for range 1 + g.IntN(4) {
		at := g.IntN(total)
		for _, s := range all {
			if at -= s.weight; at < 0 {
				if !slices.Contains(g.spots, s.name) {
					g.spots = append(g.spots, s.name)
					s.make(g)
				}
				break
			}
		}
	}
	g.provide()
	return g.scenario()
}

// provide sets most of the names that the files mention, in .env or the shell.
func (g *generator) provide() {
	var texts []string
	for _, p := range slices.Sorted(maps.Keys(g.files)) {
		texts = append(texts, g.files[p])
	}
	for _, p := range slices.Sorted(maps.Keys(g.home)) {
		texts = append(texts, g.home[p])
	}
	mentioned := regexp.MustCompile(`\b(A|B|C|D|E_1|DBT_F|PROD_ONLY|DBT_ENV_SECRET_G)\b`).FindAllString(strings.Join(texts, "\n"), -1)
	slices.Sort(mentioned)
	for _, name := range slices.Compact(mentioned) {
		value := g.one("main", "main", "main", "p", "dev", "prod", "d", "")
		switch at := g.IntN(100); {
		case name == "PROD_ONLY" || at < 14:
		case at < 60:
			g.envFile = slices.Insert(g.envFile, g.IntN(len(g.envFile)+1), name+"="+value)
		default:
			g.env[name] = value
		}
	}
}

func (g *generator) scenario() scenario {
	s := scenario{Scenario: dbttest.Scenario{
		Name: strings.Join(g.spots, ", "), Files: map[string]string{}, Home: g.home, Env: g.env, Links: g.links, Args: []string{"parse"},
	}}
	if g.work == ".." || len(g.outside) > 0 {
		s.project = "shop"
	}
	place := func(name string) string {
		joined := path.Join(s.project, name)
		if strings.HasSuffix(name, "/") {
			joined += "/"
		}
		return joined
	}
	for name, content := range g.files {
		if _, folder := g.files[name+"/"]; folder {
			continue
		}
		s.Files[place(name)] = content
	}
	for name, content := range g.outside {
		s.Files[name] = content
	}
	s.Cwd = path.Join(s.project, g.work)
	if g.work == ".." {
		s.Cwd, s.Args = "", []string{"parse", "--project-dir", s.project}
	}
	at := path.Join(s.Cwd, ".env")
	switch _, folder := s.Files[at+"/x"]; {
	case folder || g.links[at] != "":
	case g.rawEnv != "":
		s.Files[at] = g.rawEnv
	case len(g.envFile) > 0:
		s.Files[at] = strings.Join(g.envFile, "\n") + g.one("\n", "\n", "\n", "\n", "")
	}
	return s
}

// edit changes a file of the project; it must be there.
func (g *generator) edit(name, old, replacement string) {
	g.files[name] = strings.Replace(g.files[name], old, replacement, 1)
}

// append adds to a file of the project.
func (g *generator) add(name, content string) { g.files[name] += content }

// anyYAML picks a YAML file of the project.
func (g *generator) anyYAML() string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(g.files)) {
		if strings.HasSuffix(name, ".yml") {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return g.one(names...)
}
