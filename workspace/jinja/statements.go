package jinja

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// known reads a statement by its name, which stands at nameAt.
func (p *parser) known(begin, nameAt int, name string) node {
	head := func(content func()) {
		p.block = true
		p.inTag(nameAt+len(name), content)
	}
	switch name {
	case "if":
		return p.ifStatement(begin, head)
	case "for":
		return p.forStatement(begin, head)
	case "set":
		return p.setStatement(begin, head)
	case "with":
		return p.withStatement(begin, head)
	case "macro", "test", "materialization", "snapshot":
		return p.macroStatement(begin, name, head)
	case "docs":
		return p.docsStatement(begin, head)
	case "call":
		return p.callStatement(begin, head)
	case "filter":
		n := &filterNode{}
		head(func() { n.filter = p.filterChain() })
		var end string
		n.body, end = p.nested(begin, name, "endfilter")
		p.finish(end)
		return n
	case "do", "print":
		n := &doNode{}
		head(func() { n.x = p.outputExpr() })
		return n
	case "autoescape", "block":
		return p.groupStatement(begin, name, head)
	case "extends", "include", "import", "from":
		return p.importStatement(name, head)
	case "continue", "break":
		n := &jumpNode{}
		if name == "continue" {
			n.loop = jumpContinue
		}
		head(func() {})
		return n
	}
	return p.unknownStatement(begin, nameAt, name, head)
}

// unknownStatement passes a tag that no one knows; what it says is read for
// calls, but they are not live, since the engine stops.
func (p *parser) unknownStatement(begin, nameAt int, name string, head func(func())) node {
	at := text.Span{Start: nameAt, End: nameAt + len(name)}
	switch {
	case name == "":
		p.report(text.Span{Start: begin, End: begin + 2}, "expected statement")
	case strings.HasPrefix(name, "end") && p.sawUnknown(name[len("end"):]):
	default:
		p.report(at, "unknown statement "+name)
		p.unknown = append(p.unknown, name)
	}
	var first expr
	head(func() {
		if first = nil; !p.atEnd() {
			first = p.expr()
		}
		for p.lenient = true; !p.atEnd(); { // the mistake is told already
			before := p.tok.start
			p.leftover = append(p.leftover, p.expr())
			if p.tok.start == before && !p.atEnd() {
				p.next() // nothing can be made of it
			}
		}
	})
	return &groupNode{xs: []expr{first}, text: true}
}

func (p *parser) sawUnknown(name string) bool {
	for _, u := range p.unknown {
		if u == name {
			return true
		}
	}
	return false
}

func (p *parser) ifStatement(begin int, head func(func())) node {
	n := &ifNode{}
	condition := func() (x expr) {
		head(func() {
			x = p.tuple(p.or, func() bool { return p.isOp(":") })
			p.skipOp(":")
		})
		return x
	}
	cond := condition()
	for {
		ends := []string{"elif", "else", "endif"}
		if cond == nil {
			ends = ends[2:]
		}
		body, end := p.nested(begin, "if", ends...)
		n.branches = append(n.branches, branch{cond, body})
		head = func(content func()) { p.block = true; p.inTag(p.pos, content) }
		switch end {
		case "elif":
			cond = condition()
		case "else":
			p.finish(end)
			cond = nil
		default:
			p.finish(end)
			return n
		}
	}
}

func (p *parser) forStatement(begin int, head func(func())) node {
	n := &forNode{}
	head(func() {
		n.target = p.assignment()
		if !p.skipIdent("in") {
			p.failHere("in")
		}
		n.iter = p.tuple(p.or, func() bool { return p.isIdent("if") || p.isIdent("recursive") })
		n.filter = nil
		if p.skipIdent("if") {
			n.filter = p.expr()
		}
		n.recursive = p.skipIdent("recursive")
		p.skipOp(":")
	})
	var end string
	n.body, end = p.nested(begin, "for", "endfor", "else")
	if end == "else" {
		p.finish(end)
		n.more, end = p.nested(begin, "for", "endfor")
	}
	p.finish(end)
	return n
}

func (p *parser) target(dotted bool) expr {
	start := p.tok.start
	name, nameAt := p.ident()
	switch name {
	case "true", "True", "TRUE", "false", "False", "FALSE", "none", "None", "loop", "self":
		p.fail(nameAt, "cannot assign to reserved variable name "+name)
	}
	var x expr = &nameExpr{at(nameAt), name}
	for dotted && p.skipOp(".") {
		x = p.attribute(x, start)
	}
	return x
}

// assignment reads what a loop, with or set assigns to.
func (p *parser) assignment() expr {
	defer func(depth int) { p.depth = depth }(p.depth)
	start := p.tok.start
	var items []expr
	tuple := false
	for p.nest() {
		if p.isOp(")") || p.isIdent("in") || p.atEnd() {
			tuple = true // the engine reads nothing at all as a tuple of nothing
			break
		}
		if p.skipOp("(") {
			items = append(items, p.assignment())
			p.expectOp(")")
		} else {
			items = append(items, p.target(false))
		}
		if !p.skipOp(",") {
			break
		}
		tuple = true
		p.depth--
	}
	if len(items) == 1 && !tuple {
		return items[0]
	}
	return &listExpr{p.from(start), items, true}
}

func (p *parser) setStatement(begin int, head func(func())) node {
	var target, value, filter expr
	block := false
	head(func() {
		target, value, filter, block = nil, nil, nil, false
		paren := p.skipOp("(")
		if paren {
			target = p.assignment()
			p.expectOp(")")
		} else {
			target = p.tuple(func() expr { return p.target(true) }, func() bool { return p.isOp("=") })
		}
		switch {
		case !paren && p.tok.kind == tokEnd:
			block = true
		case !paren && p.skipOp("|"):
			block, filter = true, p.filterChain()
		default:
			p.expectOp("=")
			value = p.tuple(p.expr, func() bool { return false })
		}
	})
	if !block {
		return &setNode{target, value}
	}
	body, end := p.nested(begin, "set", "endset")
	p.finish(end)
	return &setBlockNode{target, filter, body}
}

func (p *parser) filterChain() expr {
	var x expr
	start := p.tok.start
	for first := true; first || p.skipOp("|"); first = false {
		name, _ := p.ident()
		var args []arg
		if p.isOp("(") {
			args = p.args()
		}
		x = &filterExpr{p.from(start), name, x, args}
		if !p.link() {
			break
		}
	}
	return x
}

func (p *parser) withStatement(begin int, head func(func())) node {
	n := &withNode{}
	head(func() {
		n.targets, n.values = nil, nil
		for first := true; !p.atEnd(); first = false {
			if !first {
				p.expectOp(",")
			}
			before := p.tok.start
			var target expr
			if p.skipOp("(") {
				target = p.assignment()
				p.expectOp(")")
			} else {
				target = p.target(false)
			}
			p.expectOp("=")
			n.targets, n.values = append(n.targets, target), append(n.values, p.expr())
			if p.tok.start == before && !p.atEnd() {
				p.next() // nothing can be made of it
			}
		}
	})
	var end string
	n.body, end = p.nested(begin, "with", "endwith")
	p.finish(end)
	return n
}

func (p *parser) params() []Param {
	var params []Param
	defaults := false
	p.sequence(")", func() {
		x := p.target(false)
		param := Param{Name: x.(*nameExpr).id, At: x.where()}
		if p.skipOp(":") { // a type, which dbt reads and forgets
			p.ident()
		}
		if p.skipOp("=") {
			param.Default, defaults = p.expr(), true
		} else if defaults {
			p.failHere("`=`")
		}
		params = append(params, param)
	})
	return params
}

// macroStatement reads the blocks that dbt registers as macros.
func (p *parser) macroStatement(begin int, kind string, head func(func())) node {
	m := &Macro{Kind: kind, Template: p.template}
	head(func() {
		m.Params = nil
		m.Name, m.NameAt = p.ident()
		switch kind {
		case "macro":
			p.expectOp("(")
			m.Params = p.params()
		case "test":
			m.Name = "test_" + m.Name
			p.expectOp("(")
			m.Params = p.params()
		case "materialization":
			m.Name = "materialization_" + m.Name + "_" + p.materializationAdapter()
		case "snapshot":
			m.Name = "snapshot_" + m.Name
			for !p.atEnd() { // the engine passes over anything here
				p.next()
			}
		}
	})
	m.Body.Start = p.pos
	var end string
	m.body, end = p.nested(begin, kind, "end"+kind)
	m.Body.End = p.pos
	if end != "" {
		m.Body.End = strings.LastIndex(p.src[:p.pos], "{%")
	}
	p.finish(end)
	m.Span = text.Span{Start: begin, End: p.pos}
	p.template.Macros = append(p.template.Macros, m)
	return &macroNode{m}
}

func (p *parser) materializationAdapter() string {
	adapter := "default"
	for p.skipOp(",") {
		name, _ := p.ident()
		if name == "default" {
			continue
		}
		p.expectOp("=")
		x := p.expr()
		if c, ok := x.(*constExpr); ok && name == "adapter" && c.lit != nil {
			adapter = c.lit.value
		}
	}
	return adapter
}

// docsStatement passes a documentation block, which dbt does not render.
func (p *parser) docsStatement(begin int, head func(func())) node {
	m := &Macro{Kind: "docs", Template: p.template}
	i := skipSpace(p.src, strings.Index(p.src[begin:], "docs")+begin+len("docs"))
	n := 0
	for i+n < len(p.src) && (identLen(p.src[i+n:i+n+1]) > 0 || p.src[i+n] >= '0' && p.src[i+n] <= '9') {
		n++
	}
	m.Name, m.NameAt = p.src[i:i+n], text.Span{Start: i, End: i + n}
	close := strings.Index(p.src[i:], "%}")
	if close < 0 {
		p.report(text.Span{Start: begin, End: begin + 2}, "`docs` is never closed, expected enddocs")
		p.pos = len(p.src)
		return nil
	}
	m.Body = text.Span{Start: i + close + 2, End: len(p.src)}
	for at := m.Body.Start; ; {
		j := strings.Index(p.src[at:], "{%")
		if j < 0 {
			p.report(text.Span{Start: begin, End: m.Body.Start}, "`docs` is never closed, expected enddocs")
			p.pos = len(p.src)
			break
		}
		at += j + 2
		k := at
		if k < len(p.src) && (p.src[k] == '-' || p.src[k] == '+') {
			k++
		}
		if k = skipSpace(p.src, k); strings.HasPrefix(p.src[k:], "enddocs") {
			m.Body.End = at - 2
			p.pos = len(p.src)
			if end := strings.Index(p.src[k:], "%}"); end >= 0 {
				p.pos = k + end + 2
			}
			break
		}
	}
	m.Span = text.Span{Start: begin, End: p.pos}
	p.template.Macros = append(p.template.Macros, m)
	return nil
}

func (p *parser) callStatement(begin int, head func(func())) node {
	n := &callNode{}
	head(func() {
		n.params = nil
		if p.skipOp("(") {
			n.params = p.params()
		}
		n.call = p.expr()
		if _, ok := n.call.(*callExpr); !ok {
			p.fail(n.call.where(), "expected call expression in call block")
		}
	})
	var end string
	n.body, end = p.nested(begin, "call", "endcall")
	p.finish(end)
	return n
}

func (p *parser) groupStatement(begin int, name string, head func(func())) node {
	n := &groupNode{}
	head(func() {
		if name == "block" {
			p.ident()
		} else {
			n.xs = []expr{p.expr()}
		}
	})
	var end string
	n.body, end = p.nested(begin, name, "end"+name)
	p.finish(end)
	return n
}

// importStatement reads the tags that bring in another template. dbt has none
// to bring in, so what they define is not known.
func (p *parser) importStatement(name string, head func(func())) node {
	n := &groupNode{}
	head(func() {
		n.xs, n.sets, n.text = []expr{p.expr()}, nil, name == "include" || name == "extends"
		for !p.atEnd() {
			if p.tok.kind == tokIdent && (name == "import" || name == "from") {
				n.sets = append(n.sets, p.tok.text)
			}
			p.next()
		}
	})
	return n
}
