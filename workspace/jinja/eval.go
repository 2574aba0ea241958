package jinja

import (
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// callArgs are the evaluated arguments of a call.
type callArgs struct {
	args   []Value
	keys   []string
	values []Value
	open   bool // there may be more: * or ** of something that is not known
	caller *Value
	inv    *Invocation
	call   *Call
}

// get returns an argument by position or keyword.
func (c *callArgs) get(position int, keyword string) (Value, bool) {
	if position < len(c.args) {
		return c.args[position], true
	}
	return c.keyword(keyword)
}

func (c *callArgs) keyword(name string) (Value, bool) {
	for i := len(c.keys) - 1; i >= 0; i-- {
		if c.keys[i] == name {
			return c.values[i], true
		}
	}
	return Undefined(), false
}

func (in *interp) eval(x expr) Value {
	if x == nil || !in.step() || in.stopped {
		return Unknown()
	}
	v := in.evalKind(x)
	in.charge(len(v.text))
	if v.kind == KindList {
		in.charge(len(v.list.items) * 8)
	}
	return v
}

func (in *interp) evalKind(x expr) Value {
	switch x := x.(type) {
	case *constExpr:
		return x.value
	case *nameExpr:
		return in.lookup(x.id)
	case *unaryExpr:
		v := in.eval(x.x)
		in.failingSign(x.op, v)
		return unary(x.op, v)
	case *binaryExpr:
		return in.binary(x)
	case *ifExpr:
		return in.ifExpr(x)
	case *filterExpr:
		return in.filter(x.name, in.eval(x.x), in.arguments(x.args))
	case *testExpr:
		v := in.eval(x.x)
		return in.test(x.name, v, in.arguments(x.args))
	case *attrExpr:
		return in.attribute(in.eval(x.x), x.name)
	case *itemExpr:
		v := in.eval(x.x)
		key := in.eval(x.key)
		if !in.opens(v) {
			return Unknown()
		}
		return item(v, key)
	case *sliceExpr:
		return in.slice(x)
	case *callExpr:
		return in.call(x, nil)
	case *listExpr:
		l := &list{tuple: x.tuple, level: in.unsure}
		for _, item := range x.items {
			l.items = append(l.items, in.eval(item))
		}
		return Value{kind: KindList, list: l}
	case *mapExpr:
		d := &dict{level: in.unsure}
		for i, key := range x.keys {
			k := in.eval(key)
			d.set(k, in.eval(x.values[i]))
		}
		return Value{kind: KindMap, dict: d}
	case *brokenExpr:
		for _, part := range x.parts {
			in.eval(part)
		}
	}
	return Unknown()
}

// lookup finds the value of a name: the template's own, what the caller knows,
// what dbt defines, a macro. Any other name is undefined.
func (in *interp) lookup(name string) Value {
	if v, ok := in.variable(name); ok {
		return v
	}
	switch {
	case name == "execute" && in.ctx.Secrets: // these files are read before dbt knows what it does
		return Undefined()
	case name == "execute":
		return Bool(in.ctx.Execute)
	case name == "env_var":
		return Value{kind: KindFunc, fn: (*interp).envVar}
	case in.opaque(name):
		return Unknown()
	case in.findMacro("", name) != nil:
		m := in.findMacro("", name)
		return Value{kind: KindFunc, fn: func(in *interp, c *callArgs) Value { return in.invoke(m, c, nil) }}
	case in.blind:
		return Unknown()
	}
	return Undefined()
}

// variable finds a name that the template or the caller has given a value.
func (in *interp) variable(name string) (Value, bool) {
	for s := in.top; s != nil; s = s.outer {
		if v, ok := s.vars[name]; ok {
			return v, true
		}
	}
	if in.ctx.Global == nil {
		return Value{}, false
	}
	return in.ctx.Global(name)
}

func (in *interp) findMacro(pkg, name string) *Macro {
	if in.ctx.Macro == nil {
		return nil
	}
	return in.ctx.Macro(pkg, name)
}

// reserved reports whether dbt defines a name in one of its contexts, with a
// value that this package does not know (dbt-jinja-ctx, dbt-jinja-utils).
func reserved(name string) bool {
	switch name {
	case "adapter", "api", "builtins", "caller", "column_name", "config", "connection_name", "context",
		"database", "dbt_metadata_envs", "dbt_version", "debug", "dialect", "dict", "diff_of_two_dicts", "doc",
		"env", "env_var", "exceptions", "flags", "fromjson", "fromyaml", "function", "graph", "identifier",
		"invocation_args_dict", "invocation_id", "kwargs", "load_agate_table", "load_result", "local_md5", "log",
		"loop", "metric", "model", "modules", "namespace", "node", "otel_span_id", "otel_trace_id", "post_hooks",
		"pre_hooks", "print", "project_name", "range", "ref", "render", "return", "run_started_at", "schema",
		"schemas", "selected_resources", "self", "set", "set_strict", "source", "sql", "store_raw_result",
		"store_result", "submit_python_job", "super", "target", "this", "thread_id", "tojson", "toyaml",
		"try_or_compiler_error", "var", "varargs", "write", "zip", "zip_strict", "cycler", "joiner", "now",
		"lipsum", "randrange", "database_schemas", "results", "TARGET_PACKAGE_NAME", "TARGET_UNIQUE_ID",
		"MACRO_DISPATCH_ORDER":
		return true
	}
	return false
}

// applyChain applies the filters of {% filter %} or {% set x | f %} to v.
func (in *interp) applyChain(x expr, v Value) Value {
	f, ok := x.(*filterExpr)
	if !ok {
		return v
	}
	return in.filter(f.name, in.applyChain(f.x, v), in.arguments(f.args))
}

func (in *interp) ifExpr(x *ifExpr) Value {
	truth, known := in.eval(x.cond).truth()
	switch {
	case known && truth:
		return in.eval(x.yes)
	case known && x.no == nil:
		return Undefined()
	case known:
		return in.eval(x.no)
	}
	yes := in.maybeEval(x.yes)
	if x.no == nil {
		return Unknown()
	}
	return join(yes, in.maybeEval(x.no))
}

// maybeEval evaluates what may not be reached.
func (in *interp) maybeEval(x expr) (v Value) {
	in.perhaps(func() control {
		v = in.eval(x)
		if in.stopped {
			return stopped
		}
		return goOn
	})
	return v
}

func (in *interp) binary(x *binaryExpr) Value {
	l := in.eval(x.l)
	if x.op == opAnd || x.op == opOr {
		truth, known := l.truth()
		switch {
		case !known:
			in.maybeEval(x.r)
			return Unknown()
		case truth == (x.op == opOr):
			return l
		}
		return in.eval(x.r)
	}
	r := in.eval(x.r)
	in.failing(x.op, l, r)
	return binary(x.op, l, r)
}

func unary(o op, v Value) Value {
	if o == opNot {
		truth, known := v.truth()
		if !known {
			return Unknown()
		}
		return Bool(!truth)
	}
	switch {
	case v.kind == KindFloat && o == opNeg:
		return Float(-v.num)
	case v.kind == KindInt && o == opNeg && v.int != math.MinInt64:
		return Int(-v.int)
	case (v.kind == KindFloat || v.kind == KindInt) && o == opPos:
		return v
	}
	return Unknown()
}

func binary(o op, l, r Value) Value {
	switch o {
	case opEq, opNe:
		equal, known := equalValues(l, r)
		if !known {
			return Unknown()
		}
		return Bool(equal == (o == opEq))
	case opLt, opLe, opGt, opGe:
		order, known := compareValues(l, r)
		if !known {
			return Unknown()
		}
		return Bool(o == opLt && order < 0 || o == opLe && order <= 0 || o == opGt && order > 0 || o == opGe && order >= 0)
	case opIn:
		return contains(r, l)
	case opConcat:
		a, ok := show(l)
		b, also := show(r)
		if !ok || !also {
			return Unknown()
		}
		return limited(a, b)
	}
	return arithmetic(o, l, r)
}

// limited joins texts unless the result is too long to be followed.
func limited(parts ...string) Value {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	if n > maxText {
		return Unknown()
	}
	return String(strings.Join(parts, ""))
}

func contains(container, v Value) Value {
	if !container.known() || !v.known() {
		return Unknown()
	}
	switch container.kind {
	case KindUndefined, KindNone:
		return Bool(false)
	case KindString:
		s, ok := show(v)
		if !ok {
			return Unknown()
		}
		return Bool(strings.Contains(container.text, s))
	case KindList:
		return among(container.list.items, v)
	case KindMap:
		return among(container.dict.keys, v)
	}
	return Unknown()
}

func among(items []Value, v Value) Value {
	open := false
	for _, item := range items {
		equal, known := equalValues(item, v)
		if known && equal {
			return Bool(true)
		}
		open = open || !known
	}
	if open {
		return Unknown()
	}
	return Bool(false)
}

func arithmetic(o op, l, r Value) Value {
	if !l.known() || !r.known() {
		return Unknown()
	}
	if o == opAdd {
		switch {
		case l.kind == KindString && r.kind == KindString:
			return limited(l.text, r.text)
		case l.kind == KindList && r.kind == KindList:
			return addLists(l.list, r.list)
		}
	}
	if o == opMul && (l.kind >= KindString || r.kind >= KindString) {
		return repeat(l, r)
	}
	if o == opMod && l.kind == KindString {
		return format(l.text, r)
	}
	li, lf, lFloat, lOK := l.number()
	ri, rf, rFloat, rOK := r.number()
	switch {
	case !lOK || !rOK:
		return Unknown()
	case o == opDiv:
		return Float(lf / rf)
	case lFloat || rFloat:
		return floatArithmetic(o, lf, rf)
	}
	return intArithmetic(o, li, ri)
}

func addLists(l, r *list) Value {
	if len(l.items)+len(r.items) > maxLoop {
		return Unknown()
	}
	items := append(append([]Value{}, l.items...), r.items...)
	return Value{kind: KindList, list: &list{items: items, tuple: l.tuple && r.tuple}}
}

func repeat(l, r Value) Value {
	if l.kind == KindInt {
		l, r = r, l
	}
	if r.kind != KindInt || r.int < 0 {
		return Unknown()
	}
	switch {
	case l.kind == KindString && int64(len(l.text))*min(r.int, maxText+1) <= maxText:
		return String(strings.Repeat(l.text, int(min(r.int, maxText))))
	case l.kind == KindList && int64(len(l.list.items))*min(r.int, maxLoop+1) <= maxLoop:
		var items []Value
		for i := int64(0); i < r.int && len(l.list.items) > 0; i++ {
			items = append(items, l.list.items...)
		}
		return Value{kind: KindList, list: &list{items: items, tuple: true}}
	}
	return Unknown()
}

func floatArithmetic(o op, l, r float64) Value {
	switch o {
	case opAdd:
		return Float(l + r)
	case opSub:
		return Float(l - r)
	case opMul:
		return Float(l * r)
	case opMod:
		return Float(math.Mod(l, r))
	case opFloorDiv: // Euclid's division, as in Rust
		q := math.Trunc(l / r)
		if math.Mod(l, r) < 0 {
			if r > 0 {
				q--
			} else {
				q++
			}
		}
		return Float(q)
	}
	return Unknown()
}

func intArithmetic(o op, l, r int64) Value {
	a, b, z := big.NewInt(l), big.NewInt(r), new(big.Int)
	switch o {
	case opAdd:
		z.Add(a, b)
	case opSub:
		z.Sub(a, b)
	case opMul:
		z.Mul(a, b)
	case opMod, opFloorDiv:
		if r == 0 {
			return Unknown()
		}
		if o == opMod {
			z.Mod(a, b)
		} else {
			z.Div(a, b)
		}
	case opPow:
		switch {
		case r < 0: // a float whose last digit depends on the library
			return Unknown()
		case r > 64 && l != 0 && l != 1 && l != -1:
			return Unknown()
		}
		z.Exp(a, b, nil)
	}
	if !z.IsInt64() {
		return Unknown()
	}
	return Int(z.Int64())
}

func (in *interp) attribute(v Value, name string) Value {
	if !v.known() {
		return Unknown()
	}
	switch v.kind {
	case KindMap:
		if !v.dict.namespace && (name == "items" || name == "keys" || name == "values" || name == "get") {
			return Unknown()
		}
		value, found := v.dict.get(String(name))
		if !found && v.dict.unknown {
			return Unknown()
		}
		return value
	case KindFunc:
		return Unknown()
	}
	if !in.opens(v) {
		return Unknown()
	}
	return Undefined()
}

func item(v, key Value) Value {
	if !v.known() || !key.known() {
		return Unknown()
	}
	switch v.kind {
	case KindMap:
		value, _ := v.dict.get(key)
		return value
	case KindList:
		if i, ok := index(key, len(v.list.items)); ok {
			return v.list.items[i]
		}
	case KindString:
		runes := []rune(v.text)
		if i, ok := index(key, len(runes)); ok {
			return String(string(runes[i]))
		}
	case KindFunc:
		return Unknown()
	}
	return Undefined()
}

func index(key Value, n int) (int, bool) {
	i := key.int
	if key.kind == KindFloat && key.num == math.Trunc(key.num) {
		i = int64(key.num)
	} else if key.kind != KindInt && key.kind != KindBool {
		return 0, false
	}
	if i < 0 {
		i += int64(n)
	}
	return int(i), i >= 0 && i < int64(n)
}

// slice evaluates v[start:stop:step].
func (in *interp) slice(x *sliceExpr) Value {
	v := in.eval(x.x)
	bound := func(x expr, otherwise int64) (n int64, given, ok bool) {
		if x == nil {
			return otherwise, false, true
		}
		b := in.eval(x)
		if b.kind == KindNone {
			return otherwise, false, true
		}
		return b.int, true, b.kind == KindInt
	}
	start, _, ok1 := bound(x.start, 0)
	stop, hasStop, ok2 := bound(x.stop, 0)
	step, _, ok3 := bound(x.step, 1)
	if !ok1 || !ok2 || !ok3 || step == 0 || !v.known() {
		return Unknown()
	}
	if step < 0 && (x.start != nil || x.stop != nil) { // the engine has rules of its own here
		return Unknown()
	}
	switch v.kind {
	case KindString:
		var b strings.Builder
		runes := []rune(v.text)
		for _, i := range picks(start, stop, hasStop, step, len(runes)) {
			b.WriteRune(runes[i])
		}
		return String(b.String())
	case KindList:
		l := &list{level: in.unsure}
		for _, i := range picks(start, stop, hasStop, step, len(v.list.items)) {
			l.items = append(l.items, v.list.items[i])
		}
		return Value{kind: KindList, list: l}
	case KindUndefined, KindNone:
		return Value{kind: KindList, list: &list{tuple: true}}
	}
	return Unknown()
}

// picks returns the indexes that a slice takes of n items. A start before the
// beginning takes nothing (minijinja/src/value/ops.rs).
func picks(start, stop int64, hasStop bool, step int64, n int) []int {
	size := int64(n)
	if !hasStop {
		stop = size
	} else if stop < 0 {
		stop += size
		if stop < 0 {
			stop = size
		}
	}
	if start < 0 {
		start += size
		if start < 0 {
			return nil
		}
	}
	var found []int
	by := max(step, -step)
	for i := start; i < min(stop, size); i += by {
		found = append(found, int(i))
	}
	if step < 0 {
		for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
			found[i], found[j] = found[j], found[i]
		}
	}
	return found
}

// arguments evaluates the arguments of a call: those by position, then those
// by keyword, as the engine does.
func (in *interp) arguments(args []arg) *callArgs {
	c := &callArgs{}
	for _, a := range args {
		switch {
		case a.name != "" || a.splat == 2:
		case a.splat == 1:
			items, known := iterate(in.eval(a.x))
			c.open = c.open || !known
			c.args = append(c.args, items...)
		default:
			c.args = append(c.args, in.eval(a.x))
		}
	}
	for _, a := range args {
		switch {
		case a.name != "":
			c.keys, c.values = append(c.keys, a.name), append(c.values, in.eval(a.x))
		case a.splat == 2:
			v := in.eval(a.x)
			if v.kind != KindMap || !v.known() {
				c.open = true
				continue
			}
			for i, key := range v.dict.keys {
				if key.kind == KindString {
					c.keys, c.values = append(c.keys, key.text), append(c.values, v.dict.values[i])
				}
			}
		}
	}
	return c
}

// call evaluates a call. caller is set by {% call %}.
func (in *interp) call(x *callExpr, caller *Value) Value {
	c := &callArgs{}
	take := func() *callArgs {
		c = in.arguments(x.args)
		c.caller, c.inv, c.call = caller, x.inv, x.env
		if in.stopped {
			c.open = true
		}
		return c
	}
	switch fn := x.fn.(type) {
	case *nameExpr:
		if v, ok := in.variable(fn.id); ok {
			return in.callValue(v, take())
		}
		return in.callName(fn.id, x, take())
	case *attrExpr:
		if n, ok := fn.x.(*nameExpr); ok {
			if _, local := in.variable(n.id); !local {
				return in.callQualified(n.id, fn.name, take())
			}
		}
		receiver := in.eval(fn.x)
		if v := in.member(receiver, fn.name); v.kind == KindFunc {
			return in.callValue(v, take())
		}
		return in.method(receiver, fn.name, take())
	case *itemExpr:
		if pkg, name, _ := calleeName(fn); pkg == "" && name != "" {
			if _, local := in.variable("context"); !local {
				return in.callMacro(in.fromContext(name), take())
			}
		}
	}
	v := in.eval(x.fn)
	args := take()
	if dispatch, ok := x.fn.(*callExpr); ok {
		args.inv = dispatch.inv
	}
	return in.callValue(v, args)
}

// fromContext returns the macro that context['name'] gives: one for the
// adapter goes before the one of that name.
func (in *interp) fromContext(name string) *Macro {
	for adapter := in.ctx.Adapter; adapter != ""; adapter = parentOf(adapter) {
		if m := in.findMacro("", adapter+"__"+name); m != nil {
			return m
		}
	}
	if m := in.findMacro("", "default__"+name); m != nil {
		return m
	}
	return in.findMacro("", name)
}

// member returns what a mapping holds under a name, for a call of it.
func (in *interp) member(v Value, name string) Value {
	if v.kind == KindMap && v.known() {
		value, _ := v.dict.get(String(name))
		return value
	}
	return Undefined()
}

func (in *interp) callValue(v Value, c *callArgs) Value {
	if v.kind != KindFunc || in.stopped {
		in.escape(c)
		return Unknown()
	}
	return v.fn(in, c)
}

func (in *interp) callMacro(m *Macro, c *callArgs) Value {
	if m == nil || in.stopped {
		in.escape(c)
		return Unknown()
	}
	return in.invoke(m, c, nil)
}

// callName calls what dbt defines by that name, or a macro.
func (in *interp) callName(name string, x *callExpr, c *callArgs) Value {
	if in.stopped {
		return Unknown()
	}
	switch name {
	case "env_var":
		return in.envVar(c)
	case "var":
		return in.projectVariable(c)
	case "config":
		return in.config(x, c)
	case "log", "print":
		return String("")
	case "range":
		return rangeOf(c)
	case "dict", "namespace":
		return in.newDict(c, name == "namespace")
	case "tojson":
		if len(c.args) == 1 && len(c.keys) == 0 && !c.open {
			return toJSON(c.args[0])
		}
		return Unknown()
	}
	if m := in.findMacro("", name); m != nil {
		return in.invoke(m, c, nil)
	}
	if name == "is_incremental" && !in.ctx.Execute {
		return Bool(false)
	}
	if in.ctx.Strict && !in.opaque(name) { // no macros there
		in.fail()
	}
	in.escape(c)
	return Unknown()
}

// callQualified calls name in a package or in one of dbt's own objects.
func (in *interp) callQualified(pkg, name string, c *callArgs) Value {
	if in.stopped {
		return Unknown()
	}
	switch {
	case pkg == "adapter" && name == "dispatch":
		return in.dispatch(c)
	case pkg == "exceptions" && (name == "raise_compiler_error" || name == "raise_not_implemented"):
		in.fail()
		in.raised++ // nothing after it is evaluated
		in.unsure++
		return Unknown()
	case pkg == "config" && name == "set":
		if key, ok := c.get(0, "name"); ok && key.text == "enabled" && key.kind == KindString {
			value, _ := c.get(1, "value")
			in.enable(value)
		}
		return Unknown()
	case in.opaque(pkg):
		in.escape(c)
		return Unknown()
	}
	if m := in.findMacro(pkg, name); m != nil {
		return in.invoke(m, c, nil)
	}
	in.opens(Undefined())
	in.escape(c)
	return Unknown()
}

// parentOf returns the adapter whose macros an adapter falls back to, "" when
// there is none (dependencies of dbt's adapter plugins).
func parentOf(adapter string) string {
	switch adapter {
	case "redshift", "materialize":
		return "postgres"
	case "databricks":
		return "spark"
	}
	return ""
}

// dispatch returns the macro that adapter.dispatch finds.
func (in *interp) dispatch(c *callArgs) Value {
	name, _ := c.get(0, "macro_name")
	pkg, _ := c.get(1, "macro_namespace")
	if name.kind != KindString || c.open {
		return Unknown()
	}
	space, known := "", pkg.kind != KindUnknown
	if pkg.kind == KindString {
		space = pkg.text
	}
	try := func(prefix string) *Macro {
		if m := in.findMacro("", prefix+"__"+name.text); m != nil || space == "" {
			return m
		}
		return in.findMacro(space, prefix+"__"+name.text)
	}
	for adapter := in.ctx.Adapter; adapter != ""; adapter = parentOf(adapter) {
		if m := try(adapter); m != nil {
			return Value{kind: KindFunc, fn: func(in *interp, c *callArgs) Value { return in.invoke(m, c, nil) }}
		}
	}
	m := try("default")
	if m == nil {
		return Unknown()
	}
	sure := known && in.ctx.Adapter != ""
	return Value{kind: KindFunc, fn: func(in *interp, c *callArgs) Value {
		if sure {
			return in.invoke(m, c, nil)
		}
		in.perhaps(func() control {
			in.invoke(m, c, nil)
			return goOn
		})
		return Unknown()
	}}
}

// invoke runs a macro. around is the scope of one that the template itself
// defines.
func (in *interp) invoke(m *Macro, c *callArgs, around *scope) Value {
	if in.calls >= maxCalls {
		in.limited = true
		return Unknown()
	}
	template, macro, via, top := in.template, in.macro, in.via, in.atTop
	if in.atTop && c.inv != nil {
		in.via = c.inv
	}
	if m.Template != in.template || c.inv != nil {
		in.atTop = false
	}
	in.template, in.macro = m.Template, m
	in.calls++
	v := in.function(m.Params, m.body, c, around)
	in.calls--
	in.template, in.macro, in.via, in.atTop = template, macro, via, top
	return v
}

// function runs the body of a macro or of a {% call %} with arguments.
func (in *interp) function(params []Param, body []node, c *callArgs, around *scope) Value {
	caller, unsure, raised, maybe, halting, result := in.top, in.unsure, in.raised, in.maybe, in.halting, in.result
	in.top = &scope{outer: around}
	in.maybe, in.result = false, Value{}
	in.bind(params, c)
	var end control
	out := in.capture(func() { end = in.exec(body) })
	v := out.textValue()
	if end == returned {
		v = in.result
	}
	if in.maybe || in.halting && !halting {
		v = Unknown()
	}
	if in.halting == halting { // else it is open whether the engine goes on at all
		in.unsure, in.raised = unsure, raised
	}
	in.top, in.maybe, in.result = caller, maybe, result
	return v
}

// bind gives parameters their values.
func (in *interp) bind(params []Param, c *callArgs) {
	used := map[string]bool{}
	for i, p := range params {
		used[p.Name] = true
		v, given := c.get(i, p.Name)
		switch {
		case given && v.kind != KindUndefined:
		case c.open:
			if p.Default != nil {
				in.maybeEval(p.Default)
			}
			v = Unknown()
		case p.Default != nil:
			v = in.eval(p.Default)
		}
		in.top.set(p.Name, v)
	}
	if c.caller != nil {
		in.top.set("caller", *c.caller)
	} else if v, ok := c.keyword("caller"); ok {
		in.top.set("caller", v)
	}
	varargs, kwargs := List(), Map()
	if len(c.args) > len(params) {
		varargs = List(c.args[len(params):]...)
	}
	for i, key := range c.keys {
		if !used[key] {
			kwargs.dict.set(String(key), c.values[i])
		}
	}
	varargs.list.unknown, kwargs.dict.unknown = c.open, c.open
	varargs.list.level, kwargs.dict.level = in.unsure, in.unsure
	in.top.set("varargs", varargs)
	in.top.set("kwargs", kwargs)
}

// config evaluates config(...): a false enabled ends the model, else the hooks
// in it are rendered.
func (in *interp) config(x *callExpr, c *callArgs) Value {
	if enabled, ok := c.keyword("enabled"); ok {
		in.enable(enabled)
	} else if len(c.args) == 1 && c.args[0].kind == KindMap && c.args[0].known() {
		if enabled, ok := c.args[0].dict.get(String("enabled")); ok {
			in.enable(enabled)
		}
	} else if c.open || len(c.args) == 1 {
		in.enable(Unknown())
	}
	if in.stopped {
		return Unknown()
	}
	eachConfig(x.args, func(key string, value expr) {
		if isHook(key) {
			in.hook(value)
		}
	})
	return Undefined()
}

// eachConfig visits what config(...) is given by keyword or in a mapping.
func eachConfig(args []arg, visit func(key string, value expr)) {
	for _, a := range args {
		if a.name != "" {
			visit(a.name, a.x)
		}
		if m, ok := a.x.(*mapExpr); ok && a.name == "" {
			for i, key := range m.keys {
				if name, lit := constText(key); lit != nil {
					visit(name, m.values[i])
				}
			}
		}
	}
}

func isHook(key string) bool {
	return key == "pre_hook" || key == "post_hook" || key == "pre-hook" || key == "post-hook"
}

// enable ends a model that is switched off.
func (in *interp) enable(v Value) {
	truth, known := v.truth()
	switch {
	case in.ctx.Whole:
	case !known:
		in.halting = true
		in.unsure++
	case v.kind == KindString && !strings.EqualFold(v.text, "true"), !truth:
		in.stopped, in.enabled = true, v
	}
}

// hook renders the texts handed to a hook, as dbt does after the model.
func (in *interp) hook(x expr) {
	switch x := x.(type) {
	case *constExpr:
		if x.hook != nil {
			top := in.top
			in.top = &scope{}
			in.capture(func() { in.exec(x.hook.body) })
			in.top = top
		}
	case *listExpr:
		for _, item := range x.items {
			in.hook(item)
		}
	case *mapExpr:
		for _, v := range x.values {
			in.hook(v)
		}
	case *ifExpr:
		in.perhaps(func() control {
			in.hook(x.yes)
			in.hook(x.no)
			return goOn
		})
	}
}

// projectVariable evaluates var(...). Its result is rendered, as env_var's is.
func (in *interp) projectVariable(c *callArgs) Value {
	name, ok := c.get(0, "var")
	if !ok || name.kind != KindString || in.ctx.Var == nil {
		return Unknown()
	}
	found, ok := in.ctx.Var(name.text)
	switch {
	case ok && found.Template != nil:
		if in.rounds >= maxRenders {
			in.limited = true
			return Unknown()
		}
		template, macro, asking := in.template, in.macro, in.asking
		if in.rounds == 0 && in.macro == nil {
			in.asking = c.inv
		}
		in.template, in.macro = found.Template, nil
		v := in.renderBody(found.Template.body)
		in.template, in.macro, in.asking = template, macro, asking
		return v
	case ok:
		v, _ := in.rendered(found.Value, "")
		return v
	}
	if fallback, ok := c.get(1, "default"); ok {
		v, _ := in.rendered(fallback, "")
		return v
	}
	if in.unsure == 0 && in.macro == nil && !c.open {
		in.lacks(name.text, c.inv)
	}
	return Unknown()
}

// lacks notes a variable of the project that is not there.
func (in *interp) lacks(name string, call *Invocation) {
	if in.rounds > 0 {
		call = in.asking
	}
	if gone := (Absent{name, call}); call != nil && !slices.Contains(in.gone, gone) {
		in.gone = append(in.gone, gone)
	}
}

// renderBody renders statements without the variables of the place.
func (in *interp) renderBody(body []node) Value {
	top := in.top
	in.top = &scope{}
	in.rounds++
	out := in.capture(func() { in.exec(body) })
	in.rounds--
	in.top = top
	return out.textValue()
}

// envVar evaluates env_var(...), by whatever name it is called, with arguments
// that are evaluated already.
func (in *interp) envVar(c *callArgs) Value {
	use := Use{
		Call: c.call, Template: in.template, In: in.macro, Certain: in.unsure == 0, Via: in.via, Inside: in.inside,
	}
	name, ok := c.get(0, "var")
	if !ok || name.kind != KindString || use.Call == nil {
		use.Outcome, use.NoText = Dynamic, ok && name.known() && use.Certain
		in.use(use)
		return Unknown()
	}
	use.Name = name.text
	isSecret := strings.HasPrefix(name.text, secretPrefix)
	if isSecret && (!in.ctx.Secrets || in.inside != "") || strings.HasPrefix(name.text, "_DBT") {
		use.Outcome = Refused
		in.use(use)
		return Unknown()
	}
	value, found := secret.Text{}, false
	if in.ctx.Env != nil {
		value, found = in.ctx.Env(name.text)
	}
	fallback, hasDefault := c.get(1, "default")
	hasDefault = hasDefault && fallback.kind != KindNone && fallback.kind != KindUndefined
	switch {
	case found && isSecret:
		in.use(use)
		return String(secretStart + name.text + secretEnd)
	case found:
		at := in.use(use)
		v, how := in.rendered(String(value.Reveal()), name.text)
		in.uses[at].Rendering = max(in.uses[at].Rendering, how)
		return v
	case hasDefault || c.open:
		use.Outcome = Defaulted
		at := in.use(use)
		v, how := in.rendered(fallback, name.text)
		in.uses[at].Rendering = max(in.uses[at].Rendering, how)
		if in.ctx.Env == nil {
			return Unknown()
		}
		return v
	}
	use.Outcome = Missing
	in.use(use)
	return Unknown()
}

// use records an evaluation once.
func (in *interp) use(u Use) int {
	key := useKey{u.Call, u.Name, u.Outcome, u.Via, u.Inside}
	if u.Inside != "" { // parsed anew each time
		key.call = nil
	}
	if i, ok := in.seen[key]; ok {
		in.uses[i].Certain, in.uses[i].NoText = in.uses[i].Certain || u.Certain, in.uses[i].NoText || u.NoText
		return i
	}
	in.seen[key] = len(in.uses)
	in.uses = append(in.uses, u)
	return len(in.uses) - 1
}

// rendered renders a text as the engine does with what env_var and var yield.
func (in *interp) rendered(v Value, name string) (Value, Rendering) {
	if v.kind != KindString || !HasTemplate(v.text) {
		return v, NoTemplate
	}
	for _, outer := range in.names {
		if outer == name && name != "" {
			return Unknown(), Endless
		}
	}
	if in.rounds >= maxRenders {
		in.limited = true
		return Unknown(), Endless
	}
	in.charge(len(v.text) * 16)
	t := Parse(v.text)
	if len(t.Problems) > 0 {
		return Unknown(), Broken
	}
	inside := in.inside
	in.inside, in.names = name, append(in.names, name)
	template, macro, failed, base := in.template, in.macro, in.failed, in.base
	in.template, in.macro, in.failed, in.base = t, nil, false, in.unsure
	text := in.renderBody(t.body)
	fails := in.failed
	in.template, in.macro, in.failed, in.base = template, macro, failed, base
	in.inside, in.names = inside, in.names[:len(in.names)-1]
	if fails {
		in.fail() // the value that asked for it, if it was one
		return Unknown(), Broken
	}
	return text, Rendered
}

// HasTemplate reports whether env_var and var render a text again: it holds
// {{, {% or {#.
func HasTemplate(s string) bool {
	for i := 0; ; {
		j := strings.IndexByte(s[i:], '{')
		if j < 0 || i+j+1 == len(s) {
			return false
		}
		i += j + 1
		if c := s[i]; c == '{' || c == '%' || c == '#' {
			return true
		}
	}
}
