package workspace

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// A trace is what one evaluation found, with all that this follows from. While
// that is the same, nothing has to be evaluated again: a key in .env concerns
// only the texts that read the variable.
type trace struct {
	unit   *unit // nil for a macro that dbt itself calls, and for all texts that nothing evaluates by themselves
	world  *world
	config *yamlfile.Node // what a properties file says about the unit's resource
	target *target        // nil where it was not looked at
	reads  reads
	asked  atomic.Pointer[asked] // in which the reads were noted last, and held
	macros []namedMacro          // that it came to

	off    bool           // dbt does not look at the unit
	absent []jinja.Absent // at which dbt stops
	own    []mark
	abroad []mark // of calls in other units
}

// A namedMacro is a macro, and the name by which the project knows it.
type namedMacro struct {
	name  string
	macro *jinja.Macro
}

// A world is what every evaluation may follow from, besides variables.
type world struct {
	file, vars *File // dbt_project.yml and vars.yml
	scanned    *scanned
	name       string // of the project
	adapter    string
	packages   Need
	v1         bool // dbt v1 reads the project
}

// reads are the variables that an evaluation looked up, and what they were.
type reads []read

type read struct {
	name  string
	value secret.Text
	set   bool
}

// fewReads are searched faster than they are put into a map.
const fewReads = 16

// lookup looks a variable up and notes it.
func (r *reads) lookup(env *Environment) func(name string) (secret.Text, bool) {
	var noted map[string]bool // by name, once there are more than a few
	return func(name string) (secret.Text, bool) {
		value, set := env.Lookup(name)
		if len(*r) <= fewReads && !slices.ContainsFunc(*r, func(was read) bool { return was.name == name }) {
			*r = append(*r, read{name, value, set})
		} else if len(*r) > fewReads {
			if noted == nil {
				noted = map[string]bool{}
				for _, was := range *r {
					noted[was.name] = true
				}
			}
			if !noted[name] {
				noted[name] = true
				*r = append(*r, read{name, value, set})
			}
		}
		return value, set
	}
}

// hold reports whether all variables are what they were.
func (r reads) hold(env *Environment) bool {
	for _, was := range r {
		if value, set := env.Lookup(was.name); set != was.set || value != was.value {
			return false
		}
	}
	return true
}

// mention reports whether the value of a variable holds a word.
func (r reads) mention(word string) bool {
	return slices.ContainsFunc(r, func(r read) bool { return strings.Contains(r.value.Reveal(), word) })
}

// evaluator finds out which calls dbt would evaluate.
type evaluator struct {
	project *Project
	world   *world
	vars    map[*yamlfile.Node]*unit // the values of variables that are templates
	flags   func() jinja.Value       // while dbt parses
	idle    *trace                   // of all texts that are not evaluated by themselves
}

func newEvaluator(p *Project, before *ledger, units []*unit) *evaluator {
	e := &evaluator{project: p, vars: map[*yamlfile.Node]*unit{}, flags: before.flags, world: &world{
		file: p.File, vars: p.vars, scanned: p.index.scanned, name: p.Name, adapter: p.Profile.Adapter, packages: p.packagesNeed(), v1: p.EngineKind() == engine.KindV1,
	}}
	if before.world != nil && *before.world == *e.world {
		e.world = before.world
	}
	if e.flags == nil {
		e.flags = sync.OnceValue(parseFlags)
	}
	e.idle = &trace{world: e.world}
	for _, u := range units {
		if u.phase == onVar {
			e.vars[u.node] = u
		}
	}
	return e
}

// holds reports whether what a trace follows from is as it was.
func (e *evaluator) holds(t *trace, config *yamlfile.Node) bool {
	if t == nil || t.config != config || t.world != e.world || t.target != nil && t.target != e.project.target {
		return false
	}
	if slices.ContainsFunc(t.macros, func(m namedMacro) bool { return e.project.index.macros[m.name] != m.macro }) {
		return false
	}
	env := e.project.Env
	if t.asked.Load() == env.asked {
		return true
	}
	if !t.reads.hold(env) {
		return false
	}
	t.asked.Store(env.asked)
	return true
}

// part evaluates one text the way its phase says.
func (e *evaluator) part(p part) *trace {
	u, src := p.unit, p.src
	var config *yamlfile.Node
	if src != nil && src.kind == modelSQL {
		config = e.project.index.configs[src.resource()]
	}
	last := u.trace.Load()
	if e.holds(last, config) {
		return last
	}
	if u.phase == onCall || u.phase == onVar || u.phase == onTarget || u.phase == onNothing && !e.world.v1 { // not by itself
		u.trace.Store(e.idle)
		return e.idle
	}
	r := e.run(&trace{unit: u, world: e.world, config: config})
	r.off = src != nil && src.kind == modelSQL && !e.world.v1 && !r.enabled(src) // dbt v1 renders it all the same
	r.off = r.off || u.of != nil && !e.world.v1 && !e.world.scanned.present[*u.of]
	if !r.off {
		r.unit(u)
	}
	r.trace.reads, r.trace.macros = slices.Clip(r.trace.reads), slices.Clip(r.trace.macros)
	u.trace.Store(r.trace)
	return r.trace
}

// macroUse is a macro that dbt itself calls.
type macroUse struct {
	macro  *jinja.Macro
	silent bool
}

// macro evaluates a macro that dbt itself calls.
func (e *evaluator) macro(use macroUse, last *trace) *trace {
	if e.holds(last, nil) {
		return last
	}
	r := e.run(&trace{world: e.world})
	r.silent = use.silent
	r.note(use.macro.Run(r.sql(false)).Uses, NeedParse)
	r.see(use.macro.Template)
	return r.trace
}

// macroUses returns the generic tests of the project that properties files use,
// and the project's own generate_*_name macros, which dbt calls for every node
// and whose errors it swallows.
func (e *evaluator) macroUses(sources []*source) []macroUse {
	p := e.project
	if len(p.index.macros) == 0 {
		return nil
	}
	var uses []macroUse
	for _, src := range sources {
		for _, word := range src.tests {
			pkg, name, ok := strings.Cut(word, ".")
			if !ok {
				pkg, name = "", word
			}
			if m := p.macro(pkg, "test_"+name); m != nil && !slices.Contains(uses, macroUse{m, false}) {
				uses = append(uses, macroUse{m, false})
			}
		}
	}
	if !p.index.nodes {
		return uses
	}
	for _, kind := range []string{"schema", "alias", "database"} {
		if m := p.macro("", "generate_"+kind+"_name"); m != nil {
			uses = append(uses, macroUse{m, !e.world.v1})
		}
	}
	return uses
}

// A run is an evaluation that writes its trace.
type run struct {
	*evaluator
	*trace
	silent bool
}

func (e *evaluator) run(t *trace) *run {
	t.asked.Store(e.project.Env.asked)
	return &run{evaluator: e, trace: t}
}

func (r *run) unit(u *unit) {
	switch u.phase {
	case onParse, onNothing:
		result := u.template.Run(r.context(u))
		r.note(result.Uses, NeedParse)
		r.noteSwitch(result)
		if u.scope != "sql" {
			r.absent = result.Absent
		}
		if u.scope == "sql" && r.mayExecute(u.template) { // what it does under `execute` only
			r.note(u.template.Run(r.sql(true)).Uses, NeedLater)
		}
	case onHook:
		need := NeedLater
		if r.evaluator.world.v1 {
			need = NeedParse
		}
		r.note(u.template.Run(r.sql(false)).Uses, need)
	case onPackages:
		result := u.template.Run(r.context(u))
		r.note(result.Uses, r.evaluator.world.packages)
		if r.evaluator.world.packages == NeedParse {
			r.absent = result.Absent
		}
	}
	if u.phase != onPackages {
		r.see(u.template)
	}
}

// context is that of the file that a text stands in.
func (r *run) context(u *unit) *jinja.Context {
	var ctx *jinja.Context
	switch {
	case u.scope == "sql":
		ctx = r.sql(false)
	case u.secrets:
		ctx = r.secrets(u)
	default:
		ctx = r.yaml()
	}
	ctx.Strict = ctx.Strict || u.strict()
	if u.early {
		ctx.Var = noVariables
	}
	return ctx
}

func (r *run) mayExecute(t *jinja.Template) bool {
	if len(r.project.index.macros) > 0 && len(t.Invocations) > 0 || strings.Contains(t.Source, "flags") {
		return true
	}
	return slices.ContainsFunc(t.Calls, func(c *jinja.Call) bool { return c.Execute })
}

// secrets is the context of files in which secrets are allowed.
func (r *run) secrets(u *unit) *jinja.Context {
	return &jinja.Context{Env: r.reads.lookup(r.project.Env), Var: noVariables, Secrets: true, Strict: true, Bare: u.profiles()}
}

func (r *run) yaml() *jinja.Context {
	return &jinja.Context{Env: r.reads.lookup(r.project.Env), Var: r.variable, Global: r.global(false)}
}

func (r *run) sql(execute bool) *jinja.Context {
	return &jinja.Context{
		Env: r.reads.lookup(r.project.Env), Var: r.variable, Macro: r.macroNamed, Execute: execute,
		Adapter: r.project.Profile.Adapter, Global: r.global(execute),
		Whole: r.evaluator.world.v1,
	}
}

// global finds what dbt gives to all files but profiles.yml and those about
// packages.
func (r *run) global(execute bool) func(name string) (jinja.Value, bool) {
	return func(name string) (jinja.Value, bool) {
		switch {
		case name == "target":
			return r.project.target.value, true
		case name == "flags" && !execute && !r.evaluator.world.v1: // else they are those of whatever command it is
			return r.flags(), true
		}
		return jinja.Value{}, false
	}
}

func (r *run) macroNamed(pkg, name string) *jinja.Macro {
	key := r.project.macroKey(pkg, name)
	if u := r.trace.unit; pkg == "" && u != nil && u.pkg != "" { // a package's own go before the project's
		if own := r.project.macroKey(u.pkg, name); r.project.index.macros[own] != nil {
			key = own
		}
	}
	found := namedMacro{key, r.project.index.macros[key]}
	if found.macro == nil {
		return nil
	}
	if !slices.Contains(r.trace.macros, found) {
		r.trace.macros = append(r.trace.macros, found)
	}
	r.see(found.macro.Template)
	return found.macro
}

// see notes that a template was evaluated: whether it can have asked for
// `target`, by name or in a variable's value, which dbt renders as well.
func (r *run) see(t *jinja.Template) {
	const word = "target"
	if strings.Contains(t.Source, word) || r.reads.mention(word) {
		r.trace.target = r.project.target
	}
}

// note keeps what was found out about the calls that were met.
func (r *run) note(uses []jinja.Use, need Need) {
	broken := brokenValues(uses)
	for _, use := range uses {
		if use.Call == nil { // by another name, or where a condition decides what the name stands for
			continue
		}
		m := mark{call: use.Call, need: needOf(use, need), reach: reachOf(use, need), silent: r.silent, rendering: use.Rendering, noText: use.NoText}
		if use.Inside == "" {
			m.rendering = max(m.rendering, broken[use.Name])
		}
		if use.Call.Dynamic && use.Outcome != jinja.Dynamic {
			m.name = use.Name
		}
		if t := r.trace; t.unit != nil && (use.Template == t.unit.template || slices.Contains(t.unit.template.Calls, use.Call)) {
			t.own = append(t.own, m)
		} else {
			t.abroad = append(t.abroad, m)
		}
	}
}

// brokenValues returns the variables whose values, rendered, ask for one that
// is missing or that dbt keeps back, or for themselves.
func brokenValues(uses []jinja.Use) map[string]jinja.Rendering {
	var names map[string]jinja.Rendering
	for _, use := range slices.Backward(uses) { // what a value asks for comes behind it
		if use.Inside == "" || !use.Certain {
			continue
		}
		how := max(use.Rendering, names[use.Name])
		if use.Outcome == jinja.Missing || use.Outcome == jinja.Refused {
			how = max(how, jinja.Broken)
		}
		if how < jinja.Broken {
			continue
		}
		if names == nil {
			names = map[string]jinja.Rendering{}
		}
		names[use.Inside] = max(names[use.Inside], how)
	}
	return names
}

// noteSwitch marks the calls that gave `enabled` a text dbt does not know, and
// takes for no.
func (r *run) noteSwitch(result jinja.Result) {
	u, value := r.trace.unit, result.Value
	if u.scope == "sql" {
		value = result.Enabled
	} else if !u.switches || !result.Known {
		return
	}
	text, ok := value.Text()
	if !ok || strings.EqualFold(text, "true") || strings.EqualFold(text, "false") {
		return
	}
	for i := range r.trace.own {
		m := &r.trace.own[i]
		m.disables = u.switches || m.call.Enables
	}
}

func needOf(use jinja.Use, need Need) Need {
	switch {
	case use.Outcome == jinja.Dynamic, use.Outcome == jinja.Defaulted, use.Outcome == jinja.Refused:
		return NeedNone
	case use.Outcome == jinja.Found && (use.Call.Default || use.Call.Guarded):
		return NeedNone
	}
	return reachOf(use, need)
}

// reachOf is when dbt evaluates a call that was met, whatever it gives.
func reachOf(use jinja.Use, need Need) Need {
	if use.Call != nil && use.Call.Hook {
		need = min(need, NeedLater)
	}
	if !use.Certain {
		need = min(need, NeedMaybe)
	}
	return need
}

// A target is what Jinja sees as `target`.
type target struct {
	from  connection
	reads reads
	value jinja.Value
}

// A connection is what a target is made of.
type connection struct {
	node                   *yamlfile.Node // nil where profiles.yml does not tell
	profile, name, adapter string
}

// targetOf makes the target, or returns the one before if it is the same.
func (p *Project) targetOf(before *target) *target {
	next := &target{value: jinja.Unknown()}
	if p.Profile.Problem == dbt.ProfileFine {
		next.from = connection{p.Profile.Connections[0], p.Profile.Name, p.Profile.Target, p.Profile.Adapter}
	}
	if before != nil && before.from == next.from && before.reads.hold(p.Env) {
		return before
	}
	if next.from.node != nil {
		next.value = next.fields(&jinja.Context{Env: next.reads.lookup(p.Env), Var: noVariables, Secrets: true, Strict: true, Bare: true})
	}
	return next
}

// targetFields are the names that `target` offers to Jinja whatever the
// connection, and that dbt may fill in by itself.
var targetFields = [...]string{
	"name", "target_name", "profile_name", "type", "schema", "database", "threads", "warehouse", "role", "user", "account",
	"host", "port", "dbname", "project", "dataset", "catalog", "path",
}

// fields is the mapping that Jinja sees: known where profiles.yml tells.
func (t *target) fields(ctx *jinja.Context) jinja.Value {
	known := map[string]jinja.Value{
		"name": jinja.String(t.from.name), "target_name": jinja.String(t.from.name),
		"profile_name": jinja.String(t.from.profile), "type": jinja.String(t.from.adapter),
	}
	for pair := range t.from.node.All() {
		value := dbt.Render(pair.Value, ctx)
		if value.Known && value.Present && yamlfile.TypeOf(value.Text) == yamlfile.String {
			if _, ok := known[pair.Key.Value]; !ok {
				known[pair.Key.Value] = jinja.String(value.Text)
			}
		}
	}
	for _, name := range targetFields {
		if _, ok := known[name]; !ok {
			known[name] = jinja.Unknown()
		}
	}
	var pairs []jinja.Value
	for _, name := range slices.Sorted(maps.Keys(known)) {
		pairs = append(pairs, jinja.String(name), known[name])
	}
	return jinja.Map(pairs...)
}
