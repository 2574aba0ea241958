package jinja

import (
	"slices"
	"strings"
	"unicode"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// parser reads one template. The grammar is that of
// minijinja/src/compiler/parser.rs of dbt.
type parser struct {
	src      string
	pos      int // where the next token is looked for
	tok      token
	prevEnd  int  // end of the token before tok
	block    bool // in {% %}, else in {{ }}
	braces   int  // open { in the tag
	trimNext bool // the tag's end cuts the space after it
	noQuote  [2]int

	bare    bool // the text is one expression without braces
	lenient bool // reading a tag again that has a mistake
	failed  bool
	problem Problem
	rescans int // bytes that may still be read twice

	depth int
	links int

	template *Template
	open     []*opened // blocks that wait for their end
	leftover []expr    // what stood in a broken tag behind its mistake
	unknown  []string  // statements that nobody knows, met so far
}

// opened is a block that waits for its end.
type opened struct {
	ends []string
	tag  text.Span
	name string
}

// Parse reads a template. It takes time linear in the length of src, and never
// fails: Problems say what the engine would refuse.
func Parse(src string) *Template {
	t := &Template{Source: src}
	p := &parser{template: t, src: strings.TrimSuffix(strings.TrimSuffix(src, "\n"), "\r"), rescans: 8*len(src) + 1<<16}
	t.body, _ = p.body(nil)
	collect(t)
	return t
}

// ParseExpression reads a single expression without braces around it, as dbt
// does for an argument of a data test that IsBareCall accepts.
func ParseExpression(src string) *Template {
	t := &Template{Source: src}
	p := &parser{template: t, src: src, bare: true, rescans: 8*len(src) + 1<<16}
	out := &outputNode{}
	p.tag(0, func() { out.x = p.expr() })
	t.body = []node{out, &groupNode{xs: p.leftover}}
	collect(t)
	return t
}

// IsBareCall reports whether dbt evaluates a whole scalar of a data test's
// argument as an expression though it has no braces
// (dbt-jinja-utils/src/jinja_arg_format.rs).
func IsBareCall(scalar string) bool {
	s := strings.TrimSpace(scalar)
	if !strings.HasSuffix(s, ")") {
		return false
	}
	name, rest, found := strings.Cut(s, "(")
	switch strings.TrimRightFunc(name, unicode.IsSpace) {
	case "env_var", "ref", "var", "source", "doc":
		return found && len(rest) > 1 && !strings.Contains(rest, "\n")
	}
	return false
}

// body reads statements up to a tag of one of the names, of which it consumes
// the name, or up to the end.
func (p *parser) body(ends []string) (nodes []node, end string) {
	for p.pos < len(p.src) {
		begin, raw := p.text()
		if raw != "" {
			nodes = append(nodes, textNode{raw})
		}
		if begin < 0 {
			return nodes, ""
		}
		switch p.src[begin+1] {
		case '#':
			p.comment(begin)
		case '{':
			out := &outputNode{opened: begin}
			p.tag(begin, func() { out.x = p.outputExpr() })
			nodes = append(nodes, out)
		default:
			n, found := p.statement(begin, ends)
			if found != "" {
				return nodes, found
			}
			if n != nil {
				nodes = append(nodes, n)
			}
		}
		if len(p.leftover) > 0 {
			nodes, p.leftover = append(nodes, &groupNode{xs: p.leftover, text: true}), nil
		}
	}
	return nodes, ""
}

func (p *parser) outputExpr() expr {
	return p.tuple(p.expr, func() bool { return false })
}

// text reads up to the next tag, comment or raw block. It returns where that
// begins, -1 at the end.
func (p *parser) text() (begin int, raw string) {
	start := p.pos
	if p.trimNext {
		start, p.trimNext = skipSpace(p.src, start), false
	}
	for i := start; ; {
		j := strings.IndexByte(p.src[i:], '{')
		if j < 0 {
			p.pos = len(p.src)
			return -1, p.src[start:]
		}
		i += j + 1
		if i == len(p.src) || p.src[i] != '{' && p.src[i] != '%' && p.src[i] != '#' {
			continue
		}
		raw = p.src[start : i-1]
		if i+1 < len(p.src) && p.src[i+1] == '-' {
			raw = strings.TrimRightFunc(raw, unicode.IsSpace)
		}
		p.pos = i - 1
		return i - 1, raw
	}
}

func (p *parser) comment(begin int) {
	n := strings.Index(p.src[begin+2:], "#}")
	if n < 0 {
		p.report(text.Span{Start: begin, End: len(p.src)}, "unexpected end of comment")
		p.pos = len(p.src)
		return
	}
	p.pos = begin + 2 + n + 2
	p.trimNext = n > 0 && p.src[p.pos-3] == '-'
}

// maxProblems is how many mistakes of one text are told.
const maxProblems = 100

func (p *parser) report(at text.Span, message string) {
	if len(p.template.Problems) == maxProblems {
		return
	}
	p.template.Problems = append(p.template.Problems, Problem{at, message})
}

// tag reads one tag that begins at begin with its content. A tag with a
// mistake is read twice: strictly, to know the mistake, then leniently.
func (p *parser) tag(begin int, content func()) {
	start := begin
	p.block = false
	if !p.bare {
		p.block = p.src[begin+1] == '%'
		start += 2
		if start < len(p.src) && (p.src[start] == '-' || p.src[start] == '+') {
			start++
		}
	}
	p.inTag(start, content)
}

// inTag reads the rest of a tag from start.
func (p *parser) inTag(start int, content func()) {
	depth := p.depth
	open := len(p.open)
	p.failed, p.lenient = false, p.rescans <= 0
	p.enter(start)
	content()
	p.close()
	if p.failed {
		p.rescans -= p.pos - start
		p.report(p.problem.Span, p.problem.Message)
		p.failed, p.lenient = false, true
		p.depth, p.links, p.open = depth, 0, p.open[:open]
		p.enter(start)
		content()
		p.close()
	}
	p.lenient = false
}

func (p *parser) enter(start int) {
	p.pos, p.braces, p.trimNext, p.prevEnd, p.links = start, 0, false, start, 0
	p.tok = token{start: start, end: start}
	p.next()
}

// close passes the tag's end. In a broken tag it skips what stands before it.
func (p *parser) close() {
	if p.tok.kind != tokEnd && !(p.bare && p.pos == len(p.src)) {
		p.failHere("end of the tag")
	}
	for !p.atEnd() {
		before := p.tok.start
		x := p.expr()
		p.leftover = append(p.leftover, x)
		if p.tok.start == before && !p.atEnd() {
			p.next() // nothing can be made of it
		}
	}
	p.pos = p.tok.end
}

// statement reads what begins with {%. It returns the name when it is one of
// ends.
func (p *parser) statement(begin int, ends []string) (n node, end string) {
	if raw, ok := p.raw(begin); ok {
		return textNode{raw}, ""
	}
	i := begin + 2
	if i < len(p.src) && (p.src[i] == '-' || p.src[i] == '+') {
		i++
	}
	i = skipSpace(p.src, i)
	name := p.src[i : i+identLen(p.src[i:])]
	if slices.Contains(ends, name) {
		p.pos = i + len(name)
		return nil, name
	}
	if isEndTag(name) {
		return nil, p.stray(begin, i, name, len(ends) > 0)
	}
	return p.known(begin, i, name), ""
}

func isEndTag(name string) bool {
	switch name {
	case "endfor", "endwith", "endset", "endblock", "endautoescape", "endfilter", "endmacro", "endcall",
		"endtest", "endsnapshot", "enddocs", "endmaterialization", "endif", "else", "elif":
		return true
	}
	return false
}

// stray handles an end that the innermost block does not wait for. Where an
// outer one does, the inner ones end here too.
func (p *parser) stray(begin, nameAt int, name string, inside bool) string {
	at := text.Span{Start: nameAt, End: nameAt + len(name)}
	if !inside {
		p.report(at, "unknown statement "+name)
	}
	for i := len(p.open) - 2; i >= 0; i-- {
		if slices.Contains(p.open[i].ends, name) {
			inner := p.open[len(p.open)-1]
			p.report(at, "`"+name+"` stands here, but `"+inner.name+"` is still open")
			p.pos = begin
			return "\x00" // the end of an outer block
		}
	}
	if inside {
		p.report(at, "`"+name+"` ends nothing here")
	}
	p.skipTag(begin)
	return ""
}

// skipTag passes a tag without a look at what it says.
func (p *parser) skipTag(begin int) {
	p.tag(begin, func() {
		for !p.atEnd() {
			p.next()
		}
	})
}

// raw reads {% raw %}…{% endraw %}.
func (p *parser) raw(begin int) (content string, ok bool) {
	i := begin + 2
	if n := basicTag(p.src[i:], "raw"); n > 0 {
		start := i + n
		for at := start; ; {
			j := strings.Index(p.src[at:], "{%")
			if j < 0 {
				p.report(text.Span{Start: begin, End: start}, "unexpected end of raw block")
				p.pos = len(p.src)
				return p.src[start:], true
			}
			at += j + 2
			n := basicTag(p.src[at:], "endraw")
			if n == 0 {
				continue
			}
			content = p.src[start : at-2]
			if p.src[start-3] == '-' {
				content = strings.TrimLeftFunc(content, unicode.IsSpace)
			}
			if p.src[at] == '-' {
				content = strings.TrimRightFunc(content, unicode.IsSpace)
			}
			p.pos = at + n
			p.trimNext = p.src[p.pos-3] == '-'
			return content, true
		}
	}
	return "", false
}

// basicTag returns the length of a tag that holds only a name, without its {%.
func basicTag(s, name string) int {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	ascii := func() {
		for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r' || s[i] == '\f') {
			i++
		}
	}
	ascii()
	if !strings.HasPrefix(s[i:], name) {
		return 0
	}
	i += len(name)
	ascii()
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	if !strings.HasPrefix(s[i:], "%}") {
		return 0
	}
	return i + 2
}

// nested reads the body of a block up to its end tag, whose own content it
// reads too. It returns the end's name, "" where there is none.
func (p *parser) nested(begin int, name string, ends ...string) (body []node, end string) {
	tag := text.Span{Start: begin, End: p.pos}
	if p.depth += 2; p.depth > maxDepth {
		p.report(tag, "template exceeds maximum recursion limits")
		p.depth -= 2
		return nil, ""
	}
	p.open = append(p.open, &opened{ends, tag, name})
	body, end = p.body(ends)
	p.open = p.open[:len(p.open)-1]
	p.depth -= 2
	switch end {
	case "":
		p.report(tag, "`"+name+"` is never closed, expected "+strings.Join(ends, " or "))
	case "\x00":
		end = ""
	}
	return body, end
}

// finish reads the rest of an end tag, of which the name is consumed. Some may
// carry a name that nobody compares.
func (p *parser) finish(end string) {
	if end == "" {
		return
	}
	p.block = true
	p.inTag(p.pos, func() {
		if end == "endblock" && p.tok.kind == tokIdent {
			p.next()
		}
	})
}
