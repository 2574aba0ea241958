package jinja

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// collector finds the calls of a template by reading it, without evaluating it.
type collector struct {
	t      *Template
	frames []map[string]binding // names that the template itself gives a value
	flow   flow
	guards []calls // what the conditions around the place call
}

// binding is what is known of the value that a template gives to a name.
type binding uint8

const (
	unbound binding = iota
	bound
	boundToEnvVar // the function env_var itself
)

// calls is a range of the calls found so far: those of one condition.
type calls struct {
	from, to int
	truth    bool // what the condition is when all of them fall back on their defaults,
	known    bool // if that can be told
}

// flow is what is known about the place that is being read.
type flow struct {
	macro       string
	conditional bool
	execute     bool
	dead        bool
	depth       int // blocks around it that are not always entered
}

func collect(t *Template) {
	c := &collector{t: t}
	c.push()
	c.body(t.body)
	t.Disabled = c.flow.dead
	slices.SortStableFunc(t.Calls, func(a, b *Call) int { return cmp.Compare(a.Token.Start, b.Token.Start) })
	slices.SortStableFunc(t.Refs, func(a, b *Ref) int { return cmp.Compare(a.Token.Start, b.Token.Start) })
	slices.SortStableFunc(t.Invocations, func(a, b *Invocation) int { return cmp.Compare(a.Token.Start, b.Token.Start) })
	slices.SortStableFunc(t.Macros, func(a, b *Macro) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
}

func (c *collector) push() { c.frames = append(c.frames, nil) }
func (c *collector) pop()  { c.frames = c.frames[:len(c.frames)-1] }

func (c *collector) bind(name string, b binding) {
	top := &c.frames[len(c.frames)-1]
	if *top == nil {
		*top = map[string]binding{}
	}
	(*top)[name] = b
}

// set reads an assignment. A name may come to stand for env_var.
func (c *collector) set(target, value expr) {
	c.expr(value)
	to, isName := target.(*nameExpr)
	from, copies := value.(*nameExpr)
	if isName && copies && c.isEnvVar(from.id) {
		c.bind(to.id, boundToEnvVar)
		return
	}
	c.assign(target)
}

func (c *collector) isEnvVar(name string) bool {
	b := c.binding(name)
	return b == boundToEnvVar || b == unbound && name == "env_var"
}

func (c *collector) assign(x expr) {
	switch x := x.(type) {
	case *nameExpr:
		c.bind(x.id, bound)
	case *listExpr:
		for _, item := range x.items {
			c.assign(item)
		}
	case *attrExpr:
		c.expr(x.x)
	case *itemExpr:
		c.expr(x.x)
	}
}

// local reports whether the template has given name a value of its own.
func (c *collector) local(name string) bool { return c.binding(name) != unbound }

func (c *collector) binding(name string) binding {
	for _, f := range slices.Backward(c.frames) {
		if b := f[name]; b != unbound {
			return b
		}
	}
	return unbound
}

func (c *collector) body(nodes []node) {
	for _, n := range nodes {
		c.node(n)
	}
}

func (c *collector) node(n node) {
	switch n := n.(type) {
	case *outputNode:
		c.expr(n.x)
		c.returns(n.x)
	case *doNode:
		c.expr(n.x)
		c.returns(n.x)
	case *ifNode:
		c.ifNode(n)
	case *forNode:
		_, items := c.guard(n.iter)
		c.under(items, true, flow{conditional: true}, func() {
			c.push()
			c.assign(n.target)
			c.assign(&nameExpr{id: "loop"})
			_, kept := c.guard(n.filter)
			c.under(kept, true, flow{}, func() { c.body(n.body) })
			c.pop()
		})
		c.under(items, false, flow{conditional: true}, func() { c.body(n.more) })
	case *setNode:
		c.set(n.target, n.value)
	case *setBlockNode:
		c.body(n.body)
		c.expr(n.filter)
		c.assign(n.target)
	case *withNode:
		c.push()
		for i, x := range n.values {
			c.set(n.targets[i], x)
		}
		c.body(n.body)
		c.pop()
	case *filterNode:
		c.body(n.body)
		c.expr(n.filter)
	case *callNode:
		c.expr(n.call)
		c.branch(flow{conditional: true}, func() { c.function(n.params, n.body) })
	case *groupNode:
		for _, x := range n.xs {
			c.expr(x)
		}
		for _, name := range n.sets {
			c.assign(&nameExpr{id: name})
		}
		c.body(n.body)
	case *macroNode:
		c.macro(n.m)
	}
}

func (c *collector) function(params []Param, body []node) {
	c.push()
	for _, p := range params {
		if p.Default != nil {
			c.branch(flow{conditional: true}, func() { c.expr(p.Default) })
		}
		c.assign(&nameExpr{id: p.Name})
	}
	c.body(body)
	c.pop()
}

func (c *collector) macro(m *Macro) {
	outer, guards := c.flow, c.guards
	c.guards = nil
	if m.Kind != "snapshot" { // a snapshot's body is rendered where it stands
		c.flow = flow{macro: m.Name}
	}
	c.function(m.Params, m.body)
	c.flow, c.guards = outer, guards
}

// branch reads what is not always reached, or not at all.
func (c *collector) branch(more flow, read func()) {
	outer := c.flow
	c.flow.conditional = outer.conditional || more.conditional
	c.flow.execute = outer.execute || more.execute
	c.flow.dead = outer.dead || more.dead
	if more.conditional {
		c.flow.depth++
	}
	read()
	c.flow = outer
}

func (c *collector) ifNode(n *ifNode) {
	outer, guards := c.flow, c.guards
	rest := flow{} // what the branches before say about those that follow
	for _, b := range n.branches {
		verdict, called := isTrue, calls{}
		if b.cond != nil {
			c.branch(rest, func() { verdict, called = c.guard(b.cond) })
		}
		then := rest
		switch verdict {
		case isTrue:
		case isFalse:
			then.dead = true
		case ifExecute:
			then.conditional, then.execute = true, true
		default:
			then.conditional = true
		}
		c.under(called, true, then, func() {
			if then == (flow{}) { // surely reached: what it sets stays set
				c.body(b.body)
				return
			}
			c.push()
			c.body(b.body)
			c.pop()
		})
		switch verdict {
		case isTrue:
			rest.dead = true
		case unlessExecute:
			rest.conditional, rest.execute = true, true
		case isFalse:
		default:
			rest.conditional = true
		}
		c.guards = c.with(called, false)
	}
	c.flow, c.guards = outer, guards
}

// returns ends what follows in a macro that has returned, and in a template
// that has switched itself off.
func (c *collector) returns(x expr) {
	call, ok := x.(*callExpr)
	if !ok || c.flow.depth > 0 {
		return
	}
	fn, ok := call.fn.(*nameExpr)
	if ok && fn.id == "return" && c.flow.macro != "" && !c.local("return") {
		c.flow.dead = true
	}
}

// guard reads a condition and remembers what it calls.
func (c *collector) guard(x expr) (verdict, calls) {
	from := len(c.t.Calls)
	v := c.expr(x)
	called := calls{from: from, to: len(c.t.Calls)}
	if called.to > from {
		called.truth, called.known = whenMissing(x)
	}
	return v, called
}

// guardSteps is how much of a condition is evaluated to see what it guards.
const guardSteps = 200

// whenMissing evaluates a condition as if no variable existed.
func whenMissing(x expr) (truth, known bool) {
	in := newInterp(&Context{Env: func(string) (secret.Text, bool) { return secret.Text{}, false }})
	in.steps, in.blind = guardSteps, true
	v := in.eval(x)
	if in.limited {
		return false, false
	}
	return v.truth()
}

// with returns the guards where a condition is what truth says. A condition
// that is just that without the variables guards nothing.
func (c *collector) with(called calls, truth bool) []calls {
	if called.from == called.to || called.known && called.truth == truth {
		return c.guards
	}
	return append(slices.Clip(c.guards), called)
}

// under reads what is reached where a condition is what truth says.
func (c *collector) under(called calls, truth bool, more flow, read func()) {
	guards := c.guards
	c.guards = c.with(called, truth)
	c.branch(more, read)
	c.guards = guards
}

// maxGuards is how many calls of one condition are looked at.
const maxGuards = 64

func (c *collector) guarded(name string) bool {
	for _, g := range c.guards {
		for _, call := range c.t.Calls[g.from:min(g.to, g.from+maxGuards)] {
			if call.Default && !call.Dynamic && call.Name == name {
				return true
			}
		}
	}
	return false
}

// expr reads an expression and says what it is as a condition.
func (c *collector) expr(x expr) verdict {
	switch x := x.(type) {
	case nil:
	case *constExpr:
		return constant(x.value)
	case *nameExpr:
		if x.id == "execute" && !c.local("execute") {
			return ifExecute
		}
	case *unaryExpr:
		if v := c.expr(x.x); x.op == opNot {
			return negate(v)
		}
	case *ifExpr:
		c.ifExpr(x)
	case *binaryExpr:
		if x.op == opAnd || x.op == opOr {
			return c.decision(x)
		}
		c.expr(x.l)
		c.expr(x.r)
	case *callExpr:
		c.call(x)
	default:
		children(x, func(x expr) { c.expr(x) })
	}
	alterOperands(x)
	return isOpen
}

// alterOperands notes the calls on whose result an expression works.
func alterOperands(x expr) {
	switch x := x.(type) {
	case *filterExpr:
		if keepsText(x.name) {
			return
		}
		alter(x.x)
		for _, a := range x.args {
			alter(a.x)
		}
	case *binaryExpr:
		if !keepsOperands(x.op) && !isEmptyText(x.l) && !isEmptyText(x.r) {
			alter(x.l)
			alter(x.r)
		}
	case *attrExpr:
		alter(x.x)
	case *itemExpr:
		alter(x.x)
	case *sliceExpr:
		alter(x.x)
	}
}

// isEmptyText reports whether an expression is the empty text, with which
// something is compared to see whether it is set.
func isEmptyText(x expr) bool {
	c, ok := x.(*constExpr)
	return ok && c.value.kind == KindString && c.value.text == ""
}

// keepsText reports whether a filter leaves a text as it is, at least one that
// is neither a number nor true or false.
func keepsText(filter string) bool {
	switch filter {
	case "as_text", "as_native", "as_number", "as_bool", "string", "safe", "default", "d", "tojson":
		return true
	}
	return false
}

// keepsOperands reports whether the result of an operator holds its operands.
func keepsOperands(o op) bool { return o == opAnd || o == opOr || o == opConcat || o == opAdd }

// alter notes the calls whose result a value is. What stands below an operation
// that alters has been noted already.
func alter(x expr) {
	switch x := x.(type) {
	case *callExpr:
		if x.env != nil {
			x.env.Altered = true
		}
	case *ifExpr:
		alter(x.yes)
		alter(x.no)
	case *binaryExpr:
		if keepsOperands(x.op) {
			alter(x.l)
			alter(x.r)
		}
	case *filterExpr:
		if keepsText(x.name) {
			alter(x.x)
		}
	}
}

func (c *collector) ifExpr(x *ifExpr) {
	verdict, called := c.guard(x.cond)
	then, otherwise := flow{conditional: true}, flow{conditional: true}
	switch verdict {
	case isTrue:
		then, otherwise = flow{}, flow{dead: true}
	case isFalse:
		then, otherwise = flow{dead: true}, flow{}
	case ifExecute:
		then.execute = true
	case unlessExecute:
		otherwise.execute = true
	}
	c.under(called, true, then, func() { c.expr(x.yes) })
	c.under(called, false, otherwise, func() { c.expr(x.no) })
}

// decision reads `and` and `or`: the left side decides whether the right one
// is evaluated.
func (c *collector) decision(x *binaryExpr) (v verdict) {
	l, called := c.guard(x.l)
	if x.op == opOr {
		l = negate(l)
	}
	right := flow{conditional: true}
	switch l {
	case isTrue:
		right = flow{}
	case isFalse:
		right = flow{dead: true}
	case ifExecute:
		right.execute = true
	}
	c.under(called, x.op == opAnd, right, func() { v = c.expr(x.r) })
	if x.op == opOr {
		return negate(both(l, negate(v)))
	}
	return both(l, v)
}

func (c *collector) call(x *callExpr) {
	pkg, name, token := calleeName(x.fn)
	switch {
	case pkg == "" && c.isEnvVar(name):
		c.envVar(x, token)
	case name == "" || pkg == "" && c.local(name) && name != "caller":
		c.expr(x.fn)
	case name == "ref" && (pkg == "" || pkg == "builtins"):
		c.ref(x, token)
	default:
		if pkg == "" {
			c.invocation(x, "", name, token)
		} else if fn, ok := x.fn.(*attrExpr); ok {
			c.expr(fn.x)
			c.invocation(x, pkg, name, token)
		} else {
			c.invocation(x, pkg, name, token)
		}
	}
	for _, a := range x.args {
		c.expr(a.x)
	}
	if pkg == "" && name == "config" && !c.local("config") {
		c.config(x)
	}
}

// calleeName returns the name that a call goes to: name(…), pkg.name(…),
// context['name'](…).
func calleeName(fn expr) (pkg, name string, at text.Span) {
	switch fn := fn.(type) {
	case *nameExpr:
		return "", fn.id, text.Span(fn.at)
	case *attrExpr:
		if n, ok := fn.x.(*nameExpr); ok {
			return n.id, fn.name, fn.nameAt
		}
	case *itemExpr:
		n, ok := fn.x.(*nameExpr)
		key, lit := constText(fn.key)
		if ok && n.id == "context" && lit != nil && key != "env_var" {
			return "", key, lit.inner
		}
	}
	return "", "", text.Span{}
}

func (c *collector) invocation(x *callExpr, pkg, name string, token text.Span) {
	inv := &Invocation{Token: token, Span: text.Span(x.at), Package: pkg, Name: name, Dead: c.flow.dead, Macro: c.flow.macro}
	if first := argument(x.args, 0, "macro_name"); first != nil {
		value, lit := constText(first)
		inv.First = value
		if lit != nil && lit.whole {
			inv.FirstAt = lit.inner
		}
	}
	x.inv = inv
	c.t.Invocations = append(c.t.Invocations, inv)
}

// argument returns an argument by its position or its keyword, nil when the
// call does not give it.
func argument(args []arg, position int, keyword string) expr {
	for i, a := range args {
		switch {
		case a.splat > 0:
			return nil
		case a.name != "":
			if a.name == keyword {
				return a.x
			}
		case i == position:
			return a.x
		}
	}
	return nil
}

func (c *collector) envVar(x *callExpr, token text.Span) {
	call := &Call{
		Token: token, Span: text.Span(x.at),
		Conditional: c.flow.conditional, Execute: c.flow.execute, Dead: c.flow.dead, Macro: c.flow.macro,
	}
	name := argument(x.args, 0, "var")
	value, ok := foldText(name)
	call.Dynamic = !ok
	call.NoText = noText(x.args, name)
	if ok {
		call.Name = value
		if _, lit := constText(name); lit != nil && !lit.joined {
			call.NameAt = lit.inner
		}
	}
	if fallback := argument(x.args, 1, "default"); fallback != nil {
		call.DefaultAt = fallback.where()
		constant, isConst := fallback.(*constExpr)
		call.Default = !isConst || constant.value.kind != KindNone
	}
	call.Guarded = ok && c.guarded(value)
	x.env = call
	c.t.Calls = append(c.t.Calls, call)
}

// noText reports whether a name is surely not a text.
func noText(args []arg, name expr) bool {
	switch name := name.(type) {
	case nil:
		return !slices.ContainsFunc(args, func(a arg) bool { return a.splat > 0 })
	case *constExpr:
		return name.lit == nil
	case *listExpr, *mapExpr:
		return true
	}
	return false
}

func (c *collector) ref(x *callExpr, token text.Span) {
	ref := &Ref{Token: token, Span: text.Span(x.at), Conditional: c.flow.conditional || c.flow.execute, Dead: c.flow.dead, Macro: c.flow.macro}
	var positional []expr
	for _, a := range x.args {
		if a.name == "" && a.splat == 0 {
			positional = append(positional, a.x)
		}
		ref.Dynamic = ref.Dynamic || a.splat > 0
	}
	read := func(x expr, value *string, where *text.Span) {
		folded, ok := foldText(x)
		*value = folded
		ref.Dynamic = ref.Dynamic || !ok
		if _, lit := constText(x); lit != nil {
			*where = lit.inner
		}
	}
	switch len(positional) {
	case 0:
		ref.Dynamic = true
	case 1:
		read(positional[0], &ref.Model, &ref.ModelAt)
	default:
		read(positional[0], &ref.Package, &ref.PackageAt)
		read(positional[1], &ref.Model, &ref.ModelAt)
	}
	x.ref = ref
	c.t.Refs = append(c.t.Refs, ref)
}

// config looks at what a call of config says about the model being enabled
// and about hooks.
func (c *collector) config(x *callExpr) {
	eachConfig(x.args, func(key string, value expr) {
		if key != "enabled" || value == nil {
			return
		}
		if disables(value) && c.flow.depth == 0 {
			c.flow.dead = true
		}
		enable(value)
	})
	eachConfig(x.args, func(key string, value expr) {
		if isHook(key) {
			c.hook(value)
		}
	})
}

// enable notes the calls in a value of enabled.
func enable(x expr) {
	if call, ok := x.(*callExpr); ok && call.env != nil {
		call.env.Enables = true
	}
	children(x, enable)
}

// disables reports whether a literal value of enabled switches a model off.
func disables(x expr) bool {
	c, ok := x.(*constExpr)
	if !ok {
		return false
	}
	switch c.value.kind {
	case KindBool:
		return c.value.int == 0
	case KindString:
		return !strings.EqualFold(c.value.text, "true")
	}
	return false
}

// hook reads the texts that are handed to a hook as templates of their own.
func (c *collector) hook(x expr) {
	switch x := x.(type) {
	case *constExpr:
		if x.lit != nil && strings.Contains(x.lit.value, "{") {
			c.hookText(x)
		}
	case *listExpr:
		for _, item := range x.items {
			c.hook(item)
		}
	case *mapExpr:
		for i, key := range x.keys {
			if name, lit := constText(key); lit != nil && name == "sql" {
				c.hook(x.values[i])
			}
		}
	case *ifExpr:
		c.branch(flow{conditional: true}, func() { c.hook(x.yes); c.hook(x.no) })
	}
}

func (c *collector) hookText(x *constExpr) {
	sub := Parse(x.lit.value)
	at := func(s text.Span) text.Span {
		if s.Empty() {
			return text.At(x.lit.source(s.Start))
		}
		return text.Span{Start: x.lit.source(s.Start), End: x.lit.end(s.End)}
	}
	name := func(s text.Span) text.Span { // one text here, not written in two literals there
		if x.lit.joint(s) {
			s.End = s.Start
		}
		return at(s)
	}
	for _, call := range sub.Calls {
		call.Token, call.Span, call.NameAt, call.DefaultAt = at(call.Token), at(call.Span), name(call.NameAt), at(call.DefaultAt)
		call.Hook, call.Macro = true, c.flow.macro
		call.Conditional = call.Conditional || c.flow.conditional
		call.Execute = call.Execute || c.flow.execute
		call.Dead = call.Dead || c.flow.dead
		c.t.Calls = append(c.t.Calls, call)
	}
	for _, ref := range sub.Refs {
		ref.Token, ref.Span, ref.PackageAt, ref.ModelAt = at(ref.Token), at(ref.Span), at(ref.PackageAt), at(ref.ModelAt)
		ref.Hook, ref.Macro, ref.Dead = true, c.flow.macro, ref.Dead || c.flow.dead
		c.t.Refs = append(c.t.Refs, ref)
	}
	for _, inv := range sub.Invocations {
		inv.Token, inv.Span, inv.FirstAt = at(inv.Token), at(inv.Span), name(inv.FirstAt)
		inv.Macro, inv.Dead = c.flow.macro, inv.Dead || c.flow.dead
		c.t.Invocations = append(c.t.Invocations, inv)
	}
	x.hook = sub
}
