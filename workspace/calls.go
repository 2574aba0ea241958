package workspace

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// Need says how badly dbt needs a variable at one call, or altogether.
type Need int

// The needs, from none to the strongest.
const (
	NeedNone      Need = iota // it has a default, or a condition guards it
	NeedElsewhere             // only for another target, a macro that nothing calls, a variable that nothing reads, a disabled model
	NeedMaybe                 // if a condition holds that the files do not tell
	NeedLater                 // by commands that run something: hooks, `execute`, deps
	NeedParse                 // by every command that loads the project
)

// Call is one live env_var(…) of a project.
type Call struct {
	Name        string // "" when Dynamic
	Dynamic     bool
	Default     bool
	Conditional bool
	File        *File
	Token       text.Span // the word env_var
	NameAt      text.Span // the name between its quotes; empty when Dynamic
	Span        text.Span // the whole call
	Scope       string    // profiles:<profile>/<target>, project, packages, yaml, sql, macro
	Package     string    // the installed package whose file it stands in
	Need        Need
	Silent      bool   // reached only by way of a macro whose errors dbt swallows
	Selected    bool   // in profiles.yml: in the connection that dbt uses
	Macro       string // the macro around it, "" outside

	// Derived is set for a call whose name is put together when it runs: the
	// same place gives another name at another time.
	Derived bool

	guarded bool
	unit    *unit
	rank    int
}

// At returns the place of the name, or of the call when it has none.
func (c *Call) At() Location {
	if c.NameAt.Empty() {
		return c.File.At(c.Token)
	}
	return c.File.At(c.NameAt)
}

// ranks order the files of a project by when dbt reads them.
const (
	rankProfiles = iota
	rankProject
	rankPackages
	rankSelectors
	rankProperties
	rankSQL
	rankMacro
	rankPackage
)

// evaluator finds out which calls dbt would evaluate.
type evaluator struct {
	project *Project
	calls   map[*jinja.Call]*Call
	derived map[derivedCall]*Call
	vars    map[string]*unit
	sql     *jinja.Context
	yaml    *jinja.Context
	secret  *jinja.Context // for files in which secrets are allowed
	configs map[resourceID]*yamlfile.Node
}

// evaluate renders every unit abstractly and returns the calls in the order in
// which they are reported.
func (p *Project) evaluate(units []*unit, sources []*source) []*Call {
	e := &evaluator{project: p, calls: map[*jinja.Call]*Call{}, derived: map[derivedCall]*Call{}, vars: map[string]*unit{}, configs: configured(sources)}
	e.contexts()
	for _, u := range units {
		e.register(u, "")
		if u.phase == onVar {
			e.vars[u.variable] = u
		}
	}
	for _, src := range sources {
		for _, u := range src.units {
			e.register(u, src.pkg)
		}
	}
	for _, u := range units {
		e.unit(u)
	}
	for _, src := range sources {
		for _, u := range src.units {
			if src.kind != modelSQL || e.enabled(src) {
				e.unit(u)
			}
		}
	}
	e.genericTests(sources)
	e.nameMacros()
	p.Refs = e.crossRefs(sources)
	return e.sorted()
}

func (e *evaluator) contexts() {
	p := e.project
	e.secret = &jinja.Context{Env: p.Env.Lookup, Secrets: true}
	e.yaml = &jinja.Context{Env: p.Env.Lookup, Var: e.variable}
	e.sql = &jinja.Context{
		Env: p.Env.Lookup, Var: e.variable, Macro: p.macro,
		Adapter: p.Profile.Adapter, Globals: map[string]jinja.Value{"target": p.targetValue()},
	}
}

// variable answers var(): the value under `vars:`.
func (e *evaluator) variable(name string) (jinja.Var, bool) {
	u := e.vars[name]
	if u == nil {
		return jinja.Var{}, false
	}
	return jinja.Var{Template: u.template}, true
}

func (e *evaluator) register(u *unit, pkg string) {
	for _, jc := range u.template.Calls {
		e.calls[jc] = &Call{
			Name: jc.Name, Dynamic: jc.Dynamic, Default: jc.Default, Conditional: jc.Conditional,
			File: u.file, Token: u.span(jc.Token), NameAt: u.span(jc.NameAt), Span: u.span(jc.Span),
			Scope: u.scope, Package: pkg, Selected: u.selected, Macro: jc.Macro,
			guarded: jc.Guarded, unit: u, rank: rankOf(u, pkg),
			Need: e.unreached(u, jc),
		}
	}
}

// unreached is the need of a call that no evaluation meets.
func (e *evaluator) unreached(u *unit, jc *jinja.Call) Need {
	switch {
	case jc.Default || jc.Guarded || jc.Dynamic:
		return NeedNone
	case jc.Execute && u.phase == onParse:
		return NeedLater
	case u.phase == onTarget && !strings.HasPrefix(u.scope, "profiles:"+e.project.Profile.Name+"/"):
		return NeedNone
	case u.phase == onTarget, u.phase == onCall, u.phase == onVar, jc.Dead, jc.Macro != "":
		return NeedElsewhere
	}
	return NeedNone
}

func rankOf(u *unit, pkg string) int {
	switch {
	case pkg != "":
		return rankPackage
	case strings.HasPrefix(u.scope, "profiles:"):
		return rankProfiles
	case u.scope == "project":
		return rankProject
	case u.scope == "packages":
		return rankPackages
	case u.scope == "macro":
		return rankMacro
	case u.scope == "sql":
		return rankSQL
	case u.file.Name() == dbt.SelectorsFileName:
		return rankSelectors
	}
	return rankProperties
}

// unit evaluates one text the way its phase says.
func (e *evaluator) unit(u *unit) {
	ctx := e.yaml
	switch {
	case u.scope == "sql":
		ctx = e.sql
	case u.secrets:
		ctx = e.secret
	}
	switch u.phase {
	case onParse:
		e.note(u.template.Run(ctx).Uses, NeedParse)
		e.later(u)
	case onHook:
		e.note(u.template.Run(e.sql).Uses, NeedLater)
	case onPackages:
		e.note(u.template.Run(ctx).Uses, e.project.packagesNeed())
	}
}

// later evaluates what a file does under `execute` only.
func (e *evaluator) later(u *unit) {
	if u.scope != "sql" || !e.mayExecute(u.template) {
		return
	}
	ctx := *e.sql
	ctx.Execute = true
	e.note(u.template.Run(&ctx).Uses, NeedLater)
}

func (e *evaluator) mayExecute(t *jinja.Template) bool {
	if len(e.project.index.macros) > 0 && len(t.Invocations) > 0 {
		return true
	}
	return slices.ContainsFunc(t.Calls, func(c *jinja.Call) bool { return c.Execute })
}

// note raises the need of the calls that were met.
func (e *evaluator) note(uses []jinja.Use, need Need) {
	for _, use := range uses {
		if c := e.met(use); c != nil {
			c.Need = max(c.Need, e.needOf(use, c, need))
		}
	}
}

// derivedCall is a call that got its name while it ran.
type derivedCall struct {
	call *jinja.Call
	name string
}

// met returns the call that was evaluated; nil for one that stands in no file.
func (e *evaluator) met(use jinja.Use) *Call {
	c := e.calls[use.Call]
	if c == nil || !c.Dynamic || use.Outcome == jinja.Dynamic {
		return c
	}
	key := derivedCall{use.Call, use.Name}
	if e.derived[key] == nil {
		named := *c
		named.Name, named.Dynamic, named.Derived = use.Name, false, true
		e.derived[key] = &named
	}
	return e.derived[key]
}

func (e *evaluator) needOf(use jinja.Use, c *Call, need Need) Need {
	switch {
	case use.Outcome == jinja.Dynamic, use.Outcome == jinja.Defaulted, use.Outcome == jinja.Refused:
		return NeedNone
	case use.Outcome == jinja.Found && (c.Default || c.guarded):
		return NeedNone
	case use.Call.Hook:
		need = min(need, NeedLater)
	}
	if !use.Certain {
		need = min(need, NeedMaybe)
	}
	return need
}

// genericTests evaluates the generic tests of the project that a properties
// file uses.
func (e *evaluator) genericTests(sources []*source) {
	if len(e.project.index.macros) == 0 {
		return
	}
	for _, src := range sources {
		if src.kind != propertyYML {
			continue
		}
		src.file.YAML().Walk(func(path []string, node *yamlfile.Node) bool {
			for i, key := range path {
				if key == "data_tests" || key == "tests" {
					e.genericTest(append(path[i+1:len(path):len(path)], node.Value))
					break
				}
			}
			return true
		})
	}
}

// genericTest evaluates the test that one of the words below `data_tests:` names.
func (e *evaluator) genericTest(words []string) {
	for _, word := range words {
		pkg, name := "", word
		if p, n, ok := strings.Cut(word, "."); ok {
			pkg, name = p, n
		}
		if m := e.project.macro(pkg, "test_"+name); m != nil {
			e.note(m.Run(e.sql).Uses, NeedParse)
		}
	}
}

// nameMacros evaluates the project's own generate_*_name macros, which dbt
// calls for every node and whose errors it swallows.
func (e *evaluator) nameMacros() {
	if !e.project.index.nodes {
		return
	}
	for _, kind := range []string{"schema", "alias", "database"} {
		m := e.project.macro("", "generate_"+kind+"_name")
		if m == nil {
			continue
		}
		for _, use := range m.Run(e.sql).Uses {
			if c := e.met(use); c != nil && c.Need < NeedLater && e.needOf(use, c, NeedParse) >= NeedMaybe {
				c.Silent = true
			}
		}
	}
}

func (e *evaluator) sorted() []*Call {
	all := slices.AppendSeq(make([]*Call, 0, len(e.calls)+len(e.derived)), maps.Values(e.calls))
	all = slices.AppendSeq(all, maps.Values(e.derived))
	slices.SortFunc(all, func(a, b *Call) int {
		return cmp.Or(
			cmp.Compare(a.rank, b.rank),
			cmp.Compare(a.File.Path, b.File.Path),
			cmp.Compare(a.Token.Start, b.Token.Start),
			cmp.Compare(a.Name, b.Name),
		)
	})
	return all
}
