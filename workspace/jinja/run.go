package jinja

import (
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// Context is what a template can see when it is evaluated.
type Context struct {
	// Env looks a variable up. Nil: nothing is known about any variable; a call
	// without default is Missing, one with a default Defaulted, and the value
	// is Unknown.
	Env func(name string) (secret.Text, bool)
	// Secrets allows DBT_ENV_SECRET… names: they yield the engine's own
	// placeholder, which Reveal replaces. Elsewhere they are Refused.
	Secrets bool
	// Execute is the value of `execute`: false for parse and list. With Secrets
	// there is no such name.
	Execute bool
	// Strict makes looking into what is undefined fail: in profiles.yml, in
	// dbt_project.yml and in files about packages, not in SQL and properties.
	Strict bool
	// Bare leaves out most of the names that dbt defines elsewhere: profiles.yml.
	Bare bool
	// Whole renders a model that switches itself off to its end, as dbt v1 does.
	Whole bool
	// Global finds a name whose value is known. It goes before everything that this
	// package knows itself. Nil: there is none.
	Global func(name string) (Value, bool)
	// Var looks up a project variable for var(). Nil: var() is Unknown unless
	// Global finds it.
	Var func(name string) (Var, bool)
	// Macro finds a macro of the project or a package; pkg is "" for the
	// project's own. Nil or a nil macro: the call's value is Unknown.
	Macro func(pkg, name string) *Macro
	// Adapter is the type of the connection, for adapter.dispatch.
	Adapter string
}

// Var is a project variable: a value, or a text that is rendered when it is read.
type Var struct {
	Value    Value
	Template *Template
}

// Result is what an evaluation found.
type Result struct {
	Value   Value  // of a lone {{ expr }} its own, else the text; Unknown when not known
	Text    string // the rendered text, when Known; it may hold values of variables
	Known   bool
	Stopped bool  // config(enabled=…) with a false value ended it
	Enabled Value // what config(enabled=…) was given that ended it; else Unknown
	Limited bool  // it was too long to be followed to its end
	Uses    []Use
	Absent  []Absent
}

// Absent is a variable of the project that the evaluated template surely asks for, by a
// call without a default, and that is not there: the engine stops, or sees nothing.
type Absent struct {
	Name string
	Call *Invocation // in the template itself: of var, for the variable or for one whose value asks for it
}

// Outcome is what one evaluation of env_var gave.
type Outcome int

// The outcomes of env_var.
const (
	Found     Outcome = iota // the variable exists
	Defaulted                // it does not, and the default was used
	Missing                  // it does not, and there is no default: the engine stops
	Refused                  // a blocked name: _DBT…, or a secret where none is allowed
	Dynamic                  // the name is not known, or not a text
)

// Rendering says what env_var did with a variable's value, which it renders as
// a template (minijinja/src/vm/mod.rs of dbt; dbt v1 does not).
type Rendering int

// The ways a value is rendered.
const (
	NoTemplate Rendering = iota // it holds no {{, {% or {#
	Rendered                    // it is a template
	Broken                      // it is one with a mistake: the engine stops
	Endless                     // it names itself: the engine aborts
)

// Use is one evaluation of env_var.
type Use struct {
	Call      *Call
	Template  *Template // the template that Call stands in
	In        *Macro    // the macro that Call stands in, nil outside
	Name      string
	Outcome   Outcome
	Certain   bool        // the engine surely evaluates it
	Via       *Invocation // the call in the evaluated template that leads there; nil when it stands there itself
	Rendering Rendering   // of the value found, or of the default used
	NoText    bool        // the name is surely no text: the engine stops
	// Inside is set for a call that stands in no file: in the value of the
	// variable of that name.
	Inside string
}

// Limits of an evaluation.
const (
	maxSteps     = 100_000 // expressions, statements, and pieces of text of pieceSize bytes
	pieceSize    = 64
	maxCalls     = 30      // macros within macros
	maxRenders   = 8       // values within values
	maxLoop      = 1000    // rounds of one loop
	maxText      = 1 << 20 // bytes of a text that an operator makes
	secretPrefix = "DBT_ENV_SECRET"
	secretStart  = "$$$DBT_SECRET_START$$$"
	secretEnd    = "$$$DBT_SECRET_END$$$"
)

// HoldsSecret reports whether a text has a placeholder for a secret in it.
func HoldsSecret(s string) bool { return strings.Contains(s, secretStart) }

// Reveal replaces the placeholders that env_var gives for secrets by their
// values, as the engine does after rendering. It reports false when a variable
// is missing. Two secrets in one text make the engine fail up to 2.0.0.
func Reveal(s string, env func(name string) (secret.Text, bool)) (secret.Text, bool) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, secretStart)
		name, after, ended := strings.Cut(rest, secretEnd)
		if !found || !ended {
			b.WriteString(s)
			return secret.New(b.String()), true
		}
		value, ok := env(name)
		if !ok {
			return secret.Text{}, false
		}
		b.WriteString(before)
		b.WriteString(value.Reveal())
		s = after
	}
}

// scope holds the variables of a block, and leads to those around it.
type scope struct {
	vars  map[string]Value
	outer *scope
}

func (s *scope) set(name string, v Value) {
	if s.vars == nil {
		s.vars = map[string]Value{}
	}
	s.vars[name] = v
}

// output collects text. It is not known anymore after the first part that is
// not.
type output struct {
	b       strings.Builder
	unknown bool
	lone    Value // the value of the only part, when there is one
	parts   int
}

// interp evaluates one template with what it calls.
type interp struct {
	ctx   *Context
	top   *scope
	out   *output
	uses  []Use
	gone  []Absent
	seen  map[useKey]int
	steps int

	blind  bool // a name that is not known may stand for anything
	failed bool // the engine surely fails in the value that is being rendered
	base   int  // unsure where that value was asked for
	unsure int  // more than 0 where it is not sure that the engine gets there
	raised int  // how much of that comes from errors that the template raises
	calls  int
	rounds int // values that are being rendered within each other
	inside string
	asking *Invocation // the call in the evaluated template whose variable is being rendered
	names  []string    // the variables whose values are being rendered

	template *Template
	macro    *Macro
	via      *Invocation
	atTop    bool // in the evaluated template itself

	result  Value // what return() gave
	maybe   bool  // a return stands behind that may or may not have been reached
	stopped bool
	enabled Value // that stopped it
	halting bool  // it is open whether config(enabled=…) stopped it
	changes int   // lists and mappings changed where it is not sure
	limited bool
}

type useKey struct {
	call    *Call
	name    string
	outcome Outcome
	via     *Invocation
	inside  string
}

func newInterp(ctx *Context) *interp {
	return &interp{ctx: ctx, top: &scope{}, out: &output{}, seen: map[useKey]int{}, steps: maxSteps, atTop: true}
}

// Run evaluates t. What is not known takes both ways. A missing variable does
// not end it, as it would end the engine: its value is Unknown.
func (t *Template) Run(ctx *Context) Result {
	in := newInterp(ctx)
	in.template = t
	in.exec(t.body)
	return in.done(in.out.value())
}

// Run evaluates m with arguments by position.
func (m *Macro) Run(ctx *Context, args ...Value) Result {
	in := newInterp(ctx)
	in.template = m.Template
	v := in.invoke(m, &callArgs{args: args}, nil)
	return in.done(v)
}

func (in *interp) done(v Value) Result {
	text, ok := show(v)
	return Result{
		Value: v, Text: text, Known: ok && v.known(),
		Stopped: in.stopped, Enabled: in.enabled, Limited: in.limited, Uses: in.uses, Absent: in.gone,
	}
}

// value is what an output holds: a lone expression's own value, or the text.
func (o *output) value() Value {
	switch {
	case o.parts == 1 && o.lone.kind != KindUnknown:
		return o.lone
	case o.unknown:
		return Unknown()
	}
	return String(o.b.String())
}

// textValue is what an output holds as text.
func (o *output) textValue() Value {
	if o.unknown {
		return Unknown()
	}
	return String(o.b.String())
}

func (o *output) write(v Value) {
	o.parts++
	o.lone = v
	s, ok := show(v)
	if !ok || o.b.Len()+len(s) > maxText {
		o.unknown = true
		return
	}
	if !o.unknown {
		o.b.WriteString(s)
	}
}

// write emits a value.
func (in *interp) write(v Value) {
	in.charge(len(v.text))
	in.out.write(v)
}

// capture evaluates with an output of its own.
func (in *interp) capture(run func()) *output {
	outer := in.out
	in.out = &output{}
	run()
	got := in.out
	in.out = outer
	return got
}

// charge counts the work that n bytes, or items, make.
func (in *interp) charge(n int) { in.steps -= n / pieceSize }

// step counts one step and reports whether there is room for more.
func (in *interp) step() bool {
	in.steps--
	if in.steps < 0 {
		in.limited = true
	}
	return !in.limited
}

// control says how a list of statements ended.
type control int

const (
	goOn control = iota
	broke
	continued
	returned
	stopped
)

func (in *interp) exec(nodes []node) control {
	for _, n := range nodes {
		if !in.step() {
			return goOn
		}
		if c := in.node(n); c != goOn {
			return c
		}
	}
	return goOn
}

func (in *interp) node(n node) control {
	switch n := n.(type) {
	case textNode:
		in.write(String(n.text))
	case *outputNode:
		return in.outputNode(n.x, true)
	case *doNode:
		return in.outputNode(n.x, false)
	case *ifNode:
		return in.ifNode(n.branches)
	case *forNode:
		return in.forNode(n)
	case *setNode:
		in.assign(n.target, in.eval(n.value))
	case *setBlockNode:
		return in.captured(n.body, func(v Value) {
			in.assign(n.target, in.applyChain(n.filter, v))
		})
	case *filterNode:
		return in.captured(n.body, func(v Value) {
			in.write(in.applyChain(n.filter, v))
		})
	case *withNode:
		in.push()
		for i, x := range n.values {
			in.assign(n.targets[i], in.eval(x))
		}
		c := in.exec(n.body)
		in.pop()
		return c
	case *callNode:
		in.callNode(n)
	case *groupNode:
		return in.groupNode(n)
	case *macroNode:
		return in.macroNode(n.m)
	case *jumpNode:
		if n.loop == jumpBreak {
			return broke
		}
		return continued
	}
	if in.stopped {
		return stopped
	}
	return goOn
}

func (in *interp) push() { in.top = &scope{outer: in.top} }
func (in *interp) pop()  { in.top = in.top.outer }

// captured runs statements and hands their text on.
func (in *interp) captured(body []node, use func(Value)) control {
	var c control
	out := in.capture(func() { c = in.exec(body) })
	if c == goOn {
		use(out.textValue())
	}
	return c
}

// outputNode evaluates {{ x }} or {% do x %}. There return() ends a macro.
func (in *interp) outputNode(x expr, emit bool) control {
	if call, ok := x.(*callExpr); ok {
		if name, ok := call.fn.(*nameExpr); ok && name.id == "return" && len(call.args) == 1 {
			in.result = in.eval(call.args[0].x)
			return returned
		}
	}
	v := in.eval(x)
	if in.stopped {
		return stopped
	}
	if emit {
		in.write(v)
	}
	return goOn
}

// ifNode follows the branch that is taken, or all that may be.
func (in *interp) ifNode(branches []branch) control {
	for i, b := range branches {
		if b.cond == nil {
			return in.exec(b.body)
		}
		truth, known := in.eval(b.cond).truth()
		switch {
		case in.stopped:
			return stopped
		case known && truth:
			return in.exec(b.body)
		case !known:
			return in.either(
				func() control { return in.exec(b.body) },
				func() control { return in.ifNode(branches[i+1:]) },
			)
		}
	}
	return goOn
}

// either follows two ways of which one is taken, and goes on with what they
// have in common.
func (in *interp) either(one, other func() control) control {
	before := in.top.vars
	in.charge(2 * pieceSize / 16 * len(before))
	type way struct {
		c    control
		vars map[string]Value
		out  *output
		ret  Value
	}
	follow := func(run func() control) (w way) {
		in.top.vars = make(map[string]Value, len(before))
		for name, v := range before {
			in.top.vars[name] = v
		}
		raised := in.raised
		in.unsure++
		w.out = in.capture(func() { w.c = run() })
		in.unsure -= 1 + in.raised - raised
		in.raised = raised
		w.vars, w.ret = in.top.vars, in.result
		if w.c == stopped {
			in.stopped = false
		}
		return w
	}
	a, b := follow(one), follow(other)
	in.top.vars = joinVars(a.vars, b.vars)
	in.joinOutput(a.out, b.out)
	in.result = join(a.ret, b.ret)
	if a.c == b.c {
		in.stopped = a.c == stopped
		return a.c
	}
	in.unsure++ // for the rest of the loop, macro or template
	for _, c := range []control{a.c, b.c} {
		in.maybe = in.maybe || c == returned
		in.halting = in.halting || c == stopped
	}
	return goOn
}

func joinVars(a, b map[string]Value) map[string]Value {
	joined := make(map[string]Value, len(a))
	for name, v := range a {
		w, ok := b[name]
		if !ok {
			w = Unknown()
		}
		joined[name] = join(v, w)
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			joined[name] = Unknown()
		}
	}
	return joined
}

func (in *interp) joinOutput(a, b *output) {
	if a.parts == 0 && b.parts == 0 {
		return
	}
	in.out.parts += 2
	if a.unknown || b.unknown || a.b.String() != b.b.String() {
		in.out.unknown = true
		return
	}
	if !in.out.unknown {
		in.out.b.WriteString(a.b.String())
	}
}

// perhaps follows something that may be left out.
func (in *interp) perhaps(run func() control) control {
	return in.either(run, func() control { return goOn })
}

func (in *interp) forNode(n *forNode) control {
	iter := in.eval(n.iter)
	if in.stopped {
		return stopped
	}
	items, known := iterate(iter)
	if !known || len(items) > maxLoop {
		return in.openLoop(n)
	}
	if n.filter != nil {
		var ok bool
		if items, ok = in.filtered(n, items); !ok {
			return in.openLoop(n)
		}
	}
	if len(items) == 0 {
		return in.exec(n.more)
	}
	return in.eachItem(n, items)
}

// eachItem runs the body for each of the items.
func (in *interp) eachItem(n *forNode, items []Value) control {
	before := in.unsure
	defer func() {
		if !in.maybe && !in.halting {
			in.unsure = before
		}
	}()
	keys := loopKeys()
	for i, item := range items {
		if !in.step() {
			return goOn
		}
		c := in.round(n, item, loopVariable(keys, i, items))
		if c == broke {
			return goOn
		}
		if c == returned || c == stopped {
			return c
		}
	}
	return goOn
}

func (in *interp) round(n *forNode, item, loop Value) control {
	in.push()
	in.top.set("loop", loop)
	in.assign(n.target, item)
	c := in.exec(n.body)
	in.pop()
	return c
}

// filtered keeps the items for which the condition of a loop holds.
func (in *interp) filtered(n *forNode, items []Value) ([]Value, bool) {
	var kept []Value
	for _, item := range items {
		in.push()
		in.assign(n.target, item)
		truth, known := in.eval(n.filter).truth()
		in.pop()
		if !known {
			return nil, false
		}
		if truth {
			kept = append(kept, item)
		}
	}
	return kept, true
}

// openLoop follows a loop over what is not known: once, and once more when the
// first round has changed something that lives longer than a round.
func (in *interp) openLoop(n *forNode) control {
	before, changes := in.unsure, in.changes
	body := func() control {
		c := in.perhaps(func() control {
			in.push()
			in.top.set("loop", Unknown())
			in.assign(n.target, Unknown())
			if n.filter != nil {
				in.eval(n.filter)
			}
			c := in.exec(n.body)
			in.pop()
			if c == broke || c == continued {
				return goOn
			}
			return c
		})
		return c
	}
	c := in.either(body, func() control { return in.exec(n.more) })
	if in.changes > changes && c == goOn {
		c = in.perhaps(body)
	}
	in.out.unknown = true
	if !in.maybe && !in.halting {
		in.unsure = before
	}
	return c
}

// loopVariable makes `loop`. keys are those of loopKeys.
func loopVariable(keys []Value, i int, items []Value) Value {
	at := func(i int) Value {
		if i < 0 || i >= len(items) {
			return Undefined()
		}
		return items[i]
	}
	n := len(items)
	return Value{kind: KindMap, dict: &dict{keys: keys, values: []Value{
		Int(int64(i)), Int(int64(i + 1)), Int(int64(n)), Int(int64(n - i)), Int(int64(n - i - 1)),
		Bool(i == 0), Bool(i == n-1), Unknown(), Unknown(), at(i - 1), at(i + 1),
	}}}
}

func loopKeys() (keys []Value) {
	for _, name := range []string{
		"index0", "index", "length", "revindex", "revindex0", "first", "last", "depth", "depth0", "previtem", "nextitem",
	} {
		keys = append(keys, String(name))
	}
	return slices.Clip(keys)
}

// iterate returns what a loop over v visits.
func iterate(v Value) (items []Value, known bool) {
	if !v.known() {
		return nil, false
	}
	switch v.kind {
	case KindUndefined:
		return nil, true
	case KindString:
		for _, r := range v.text {
			items = append(items, String(string(r)))
		}
		return items, true
	case KindList:
		return v.list.items, true
	case KindMap:
		return v.dict.keys, !v.dict.namespace
	}
	return nil, false
}

func (in *interp) assign(target expr, v Value) {
	switch target := target.(type) {
	case *nameExpr:
		in.top.set(target.id, v)
	case *listExpr:
		items, known := iterate(v)
		if !known || len(items) != len(target.items) || v.kind != KindList {
			items = nil
		}
		for i, t := range target.items {
			if items == nil {
				in.assign(t, Unknown())
			} else {
				in.assign(t, items[i])
			}
		}
	case *attrExpr:
		if ns := in.eval(target.x); ns.kind == KindMap {
			in.changeDict(ns.dict, func() { ns.dict.set(String(target.name), v) })
		}
	}
}

// changeDict changes a mapping in place.
func (in *interp) changeDict(d *dict, change func()) {
	if in.unsure > d.level {
		d.unknown = true
		in.changes++
		return
	}
	change()
}

// changeList changes a list in place.
func (in *interp) changeList(l *list, change func()) {
	if in.unsure > l.level {
		l.unknown = true
		in.changes++
		return
	}
	change()
}

func (in *interp) groupNode(n *groupNode) control {
	for _, x := range n.xs {
		in.eval(x)
	}
	for _, name := range n.sets {
		in.top.set(name, Unknown())
	}
	if n.text {
		in.write(Unknown())
	}
	if in.stopped {
		return stopped
	}
	return in.exec(n.body)
}

// macroNode defines a macro. A snapshot's body is rendered where it stands,
// and what switches it off ends only it.
func (in *interp) macroNode(m *Macro) control {
	switch m.Kind {
	case "snapshot":
		unsure := in.unsure
		in.push()
		in.exec(m.body)
		in.pop()
		in.stopped, in.halting, in.unsure = false, false, unsure
	case "macro":
		scope := in.top
		in.top.set(m.Name, Value{kind: KindFunc, fn: func(in *interp, c *callArgs) Value {
			return in.invoke(m, c, scope)
		}})
	}
	return goOn
}

// callNode evaluates {% call f() %}…{% endcall %}.
func (in *interp) callNode(n *callNode) {
	call, ok := n.call.(*callExpr)
	if !ok {
		in.eval(n.call)
		return
	}
	around, template, macro, via, top := in.top, in.template, in.macro, in.via, in.atTop
	called := false
	caller := Value{kind: KindFunc, fn: func(in *interp, c *callArgs) Value {
		called = true
		t, m, v, a := in.template, in.macro, in.via, in.atTop
		in.template, in.macro, in.via, in.atTop = template, macro, via, top
		result := in.function(n.params, n.body, c, around)
		in.template, in.macro, in.via, in.atTop = t, m, v, a
		return result
	}}
	in.write(in.call(call, &caller))
	if !called { // whoever was called may do it
		in.perhaps(func() control {
			in.function(n.params, n.body, &callArgs{open: true}, around)
			return goOn
		})
	}
}
