package jinja

import "github.com/dbt-hybrid/dbt-hybrid/workspace/text"

// maxDepth is how deeply expressions and blocks nest: the engine's own limit
// (MAX_RECURSION in minijinja/src/compiler/parser.rs), counted as it counts.
const maxDepth = 100

// maxLinks limits how many operators follow each other on one level, where the
// engine has no limit, so that no text can exhaust the stack.
const maxLinks = 2000

// fail reports a mistake. Strict reading stops at it; lenient reading, which
// comes second, goes on.
func (p *parser) fail(at text.Span, message string) {
	if p.lenient || p.failed {
		return
	}
	p.failed = true
	p.problem = Problem{at, message}
	p.tok.kind, p.tok.text = tokEOF, ""
}

func (p *parser) failHere(expected string) {
	message := "unexpected " + p.describe() + ", expected " + expected
	p.fail(text.Span{Start: p.tok.start, End: max(p.tok.end, p.tok.start)}, message)
}

func (p *parser) describe() string {
	switch p.tok.kind {
	case tokEOF:
		return "end of input"
	case tokEnd:
		return "end of the tag"
	case tokIdent:
		return "`" + p.tok.text + "`"
	case tokString:
		return "string"
	case tokNumber:
		return "number"
	case tokBad:
		return "character"
	}
	return "`" + p.tok.text + "`"
}

func (p *parser) isOp(s string) bool    { return p.tok.kind == tokOp && p.tok.text == s }
func (p *parser) isIdent(s string) bool { return p.tok.kind == tokIdent && p.tok.text == s }
func (p *parser) atEnd() bool           { return p.tok.kind == tokEnd || p.tok.kind == tokEOF }

func (p *parser) skipOp(s string) bool {
	if p.isOp(s) {
		p.next()
		return true
	}
	return false
}

func (p *parser) skipIdent(s string) bool {
	if p.isIdent(s) {
		p.next()
		return true
	}
	return false
}

func (p *parser) expectOp(s string) {
	if !p.skipOp(s) {
		p.failHere("`" + s + "`")
	}
}

func (p *parser) ident() (string, text.Span) {
	if p.tok.kind != tokIdent {
		p.failHere("identifier")
		return "", text.At(p.tok.start)
	}
	name, at := p.tok.text, text.Span{Start: p.tok.start, End: p.tok.end}
	p.next()
	return name, at
}

func (p *parser) from(start int) at { return at{start, max(p.prevEnd, start)} }

// nest enters one level of nesting and reports whether there is room for it.
func (p *parser) nest() bool {
	p.depth++
	if p.depth <= maxDepth && p.links <= maxLinks {
		return true
	}
	p.fail(text.At(p.tok.start), "template exceeds maximum recursion limits")
	return false
}

func (p *parser) broken(parts ...expr) expr {
	return &brokenExpr{at{p.tok.start, p.tok.start}, parts}
}

func (p *parser) expr() expr {
	defer func(depth, links int) { p.depth, p.links = depth, links }(p.depth, p.links)
	if !p.nest() {
		if !p.atEnd() {
			p.next() // nothing can be made of it
		}
		return p.broken()
	}
	start := p.tok.start
	x := p.or()
	for p.skipIdent("if") && p.link() {
		cond := p.or()
		var no expr
		if p.skipIdent("else") {
			no = p.expr()
		}
		x = &ifExpr{p.from(start), cond, x, no}
	}
	return x
}

// link counts one more operator on this level.
func (p *parser) link() bool {
	p.links++
	if p.links > maxLinks {
		p.fail(text.At(p.tok.start), "expression is too long")
		return false
	}
	return true
}

func (p *parser) or() expr {
	start, x := p.tok.start, p.and()
	for p.skipIdent("or") && p.link() {
		y := p.and()
		x = &binaryExpr{p.from(start), opOr, x, y}
	}
	return x
}

func (p *parser) and() expr {
	start, x := p.tok.start, p.not()
	for p.skipIdent("and") && p.link() {
		y := p.not()
		x = &binaryExpr{p.from(start), opAnd, x, y}
	}
	return x
}

func (p *parser) not() expr {
	start, nots := p.tok.start, 0
	for p.skipIdent("not") && p.link() {
		nots++
	}
	x := p.compare()
	if nots > 0 {
		x = p.postfix(x, start)
	}
	for ; nots > 0; nots-- {
		x = &unaryExpr{p.from(start), opNot, x}
	}
	return x
}

func (p *parser) compare() expr {
	start, x := p.tok.start, p.sum()
	for {
		o, negated := opEq, false
		switch {
		case p.isOp("=="):
		case p.isOp("!="):
			o = opNe
		case p.isOp("<"):
			o = opLt
		case p.isOp("<="):
			o = opLe
		case p.isOp(">"):
			o = opGt
		case p.isOp(">="):
			o = opGe
		case p.isIdent("in"):
			o = opIn
		case p.isIdent("not"):
			p.next()
			if !p.isIdent("in") {
				p.failHere("in")
				return x
			}
			o, negated = opIn, true
		default:
			return x
		}
		p.next()
		if !p.link() {
			return x
		}
		y := p.sum()
		x = &binaryExpr{p.from(start), o, x, y}
		if negated {
			x = &unaryExpr{p.from(start), opNot, x}
		}
	}
}

func (p *parser) sum() expr {
	start, x := p.tok.start, p.concat()
	for {
		o := opAdd
		switch {
		case p.isOp("+"):
		case p.isOp("-"):
			o = opSub
		default:
			return x
		}
		p.next()
		if !p.link() {
			return x
		}
		y := p.concat()
		x = &binaryExpr{p.from(start), o, x, y}
	}
}

func (p *parser) concat() expr {
	start, x := p.tok.start, p.product()
	for p.skipOp("~") && p.link() {
		y := p.product()
		x = &binaryExpr{p.from(start), opConcat, x, y}
	}
	return x
}

func (p *parser) product() expr {
	start, x := p.tok.start, p.power()
	for {
		o := opMul
		switch {
		case p.isOp("*"):
		case p.isOp("/"):
			o = opDiv
		case p.isOp("//"):
			o = opFloorDiv
		case p.isOp("%"):
			o = opMod
		default:
			return x
		}
		p.next()
		if !p.link() {
			return x
		}
		y := p.power()
		x = &binaryExpr{p.from(start), o, x, y}
	}
}

func (p *parser) power() expr {
	start, x := p.tok.start, p.unary()
	for p.skipOp("**") && p.link() {
		y := p.unary()
		x = &binaryExpr{p.from(start), opPow, x, y}
	}
	return x
}

func (p *parser) unary() expr {
	start := p.tok.start
	return p.filters(p.postfix(p.signed(), start), start)
}

func (p *parser) signed() expr {
	start := p.tok.start
	var signs []op
	for p.isOp("-") || p.isOp("+") {
		if !p.link() {
			break
		}
		if p.isOp("-") {
			signs = append(signs, opNeg)
		} else {
			signs = append(signs, opPos)
		}
		p.next()
	}
	x := p.primary()
	if len(signs) > 0 {
		x = p.postfix(x, start)
	}
	for i := len(signs) - 1; i >= 0; i-- {
		x = &unaryExpr{p.from(start), signs[i], x}
	}
	return x
}

func (p *parser) postfix(x expr, start int) expr {
	for {
		switch {
		case p.isOp("."):
			p.next()
			x = p.attribute(x, start)
		case p.isOp("["):
			p.next()
			x = p.subscript(x, start)
		case p.isOp("("):
			args := p.args()
			x = &callExpr{at: p.from(start), fn: x, args: args}
		default:
			return x
		}
		if !p.link() {
			return x
		}
	}
}

func (p *parser) attribute(x expr, start int) expr {
	switch p.tok.kind {
	case tokIdent:
		name, nameAt := p.ident()
		return &attrExpr{p.from(start), x, name, nameAt}
	case tokNumber:
		key := &constExpr{at: at{p.tok.start, p.tok.end}, value: p.tok.value}
		p.next()
		return &itemExpr{p.from(start), x, key}
	}
	p.failHere("identifier or integer")
	return &attrExpr{p.from(start), x, "", text.At(p.tok.start)}
}

func (p *parser) subscript(x expr, start int) expr {
	var first, stop, step expr
	slice := false
	if !p.isOp(":") {
		first = p.expr()
	}
	if p.skipOp(":") {
		slice = true
		if !p.isOp("]") && !p.isOp(":") {
			stop = p.expr()
		}
		if p.skipOp(":") && !p.isOp("]") {
			step = p.expr()
		}
	} else if p.isOp(",") {
		items := []expr{first}
		for p.skipOp(",") && !p.isOp("]") {
			items = append(items, p.expr())
		}
		first = &listExpr{at: p.from(first.where().Start), items: items}
	}
	p.expectOp("]")
	if slice {
		return &sliceExpr{p.from(start), x, first, stop, step}
	}
	return &itemExpr{p.from(start), x, first}
}

func (p *parser) filters(x expr, start int) expr {
	for {
		switch {
		case p.skipOp("|"):
			name, _ := p.ident()
			var args []arg
			if p.isOp("(") {
				args = p.args()
			}
			x = p.postfix(&filterExpr{p.from(start), name, x, args}, start)
		case p.isIdent("is"):
			x = p.test(x, start)
		default:
			return x
		}
		if !p.link() {
			return x
		}
	}
}

func (p *parser) test(x expr, start int) expr {
	p.next()
	negated := p.skipIdent("not")
	name, _ := p.ident()
	var args []arg
	switch {
	case p.isOp("("):
		args = p.args()
	case p.beginsTestArgument():
		from := p.tok.start
		args = []arg{{x: p.postfix(p.signed(), from)}}
	}
	x = &testExpr{p.from(start), name, x, args}
	if negated {
		x = &unaryExpr{p.from(start), opNot, x}
	}
	return x
}

func (p *parser) beginsTestArgument() bool {
	switch p.tok.kind {
	case tokIdent:
		switch p.tok.text {
		case "and", "or", "else", "is":
			return false
		}
		return true
	case tokString, tokNumber:
		return true
	case tokOp:
		switch p.tok.text {
		case "+", "-", "[", "{":
			return true
		}
	}
	return false
}

// args reads the arguments of a call from its opening parenthesis.
func (p *parser) args() []arg {
	p.next()
	var args []arg
	keywords := false
	p.sequence(")", func() {
		a := arg{}
		if p.skipOp("**") {
			a.splat = 2
		} else if p.skipOp("*") {
			a.splat = 1
		}
		a.x = p.argument()
		if n, ok := a.x.(*nameExpr); ok && a.splat == 0 && p.skipOp("=") {
			a.name, a.x = n.id, p.expr()
		}
		if a.name == "" && a.splat == 0 && keywords {
			p.fail(a.x.where(), "non-keyword arg after keyword arg")
		}
		keywords = keywords || a.name != "" || a.splat == 2
		args = append(args, a)
		if len(args) == maxLinks+1 {
			p.fail(a.x.where(), "Too many arguments in function call")
		}
	})
	return args
}

// argument reads an expression, or the name of a keyword argument that is
// spelled like a literal.
func (p *parser) argument() expr {
	x := p.expr()
	if c, ok := x.(*constExpr); ok && p.isOp("=") && c.lit == nil {
		return &nameExpr{c.at, p.src[c.at.Start:c.at.End]}
	}
	return x
}

// sequence reads what stands between commas up to a closing bracket. Each call
// of item reads one.
func (p *parser) sequence(closing string, item func()) {
	for first := true; ; first = false {
		if p.skipOp(closing) {
			return
		}
		if !first {
			if !p.skipOp(",") {
				p.failHere("`,`")
				if p.lenient && p.isClosing() {
					return
				}
			} else if p.skipOp(closing) {
				return
			}
		}
		if p.atEnd() {
			p.failHere("`" + closing + "`")
			return
		}
		before := p.tok.start
		item()
		if p.tok.start == before && !p.atEnd() {
			if p.isClosing() {
				return
			}
			p.next() // nothing can be made of it
		}
	}
}

func (p *parser) isClosing() bool {
	return p.isOp(")") || p.isOp("]") || p.isOp("}")
}

func (p *parser) primary() expr {
	defer func(depth, links int) { p.depth, p.links = depth, links }(p.depth, p.links)
	if !p.nest() {
		if !p.atEnd() {
			p.next() // nothing can be made of it
		}
		return p.broken()
	}
	t := p.tok
	here := at{t.start, t.end}
	switch t.kind {
	case tokIdent:
		p.next()
		switch t.text {
		case "true", "True", "TRUE":
			return &constExpr{at: here, value: Bool(true)}
		case "false", "False", "FALSE":
			return &constExpr{at: here, value: Bool(false)}
		case "none", "None":
			return &constExpr{at: here, value: None()}
		}
		return &nameExpr{here, t.text}
	case tokString:
		return p.stringLiteral()
	case tokNumber:
		p.next()
		return &constExpr{at: here, value: t.value}
	case tokOp:
		switch t.text {
		case "(":
			p.next()
			return p.parenthesis(t.start)
		case "[":
			p.next()
			list := &listExpr{}
			p.sequence("]", func() { list.items = append(list.items, p.expr()) })
			list.at = p.from(t.start)
			return list
		case "{":
			p.next()
			return p.mapping(t.start)
		}
	}
	p.failHere("expression")
	if p.lenient && !p.atEnd() && !p.isClosing() && !p.isOp(",") {
		p.next() // nothing can be made of it
	}
	return p.broken()
}

func (p *parser) stringLiteral() expr {
	start := p.tok.start
	lit := p.tok.lit
	p.next()
	for p.tok.kind == tokString {
		lit = lit.join(p.tok.lit)
		p.next()
	}
	return &constExpr{at: p.from(start), value: String(lit.value), lit: lit}
}

// join puts two literals that follow each other together.
func (l *literal) join(m *literal) *literal {
	n := len(l.value)
	joined := &literal{joined: true, value: l.value + m.value, inner: text.Span{Start: l.inner.Start, End: m.inner.End}}
	joined.parts = append(append(joined.parts, l.parts...), part{n, m.inner.Start, l.inner.End})
	for _, q := range m.parts {
		joined.parts = append(joined.parts, part{n + q.decoded, q.source, q.before})
	}
	return joined
}

func (p *parser) parenthesis(start int) expr {
	if p.skipOp(")") {
		return &listExpr{at: p.from(start), tuple: true}
	}
	x := p.expr()
	if !p.isOp(",") {
		p.expectOp(")")
		return x
	}
	list := &listExpr{items: []expr{x}, tuple: true}
	p.next()
	p.sequence(")", func() { list.items = append(list.items, p.expr()) })
	list.at = p.from(start)
	return list
}

func (p *parser) mapping(start int) expr {
	m := &mapExpr{}
	p.sequence("}", func() {
		key := p.expr()
		p.expectOp(":")
		m.keys, m.values = append(m.keys, key), append(m.values, p.expr())
	})
	m.at = p.from(start)
	return m
}

// tuple reads an expression or several with commas between them. one reads
// each; stop tells where a trailing comma may stand.
func (p *parser) tuple(one func() expr, stop func() bool) expr {
	start := p.tok.start
	x := one()
	if !p.isOp(",") {
		return x
	}
	items := []expr{x}
	for p.skipOp(",") && !stop() && !p.atEnd() {
		items = append(items, one())
	}
	return &listExpr{p.from(start), items, true}
}
