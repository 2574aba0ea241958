package jinja

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

type kind int

const (
	tokEnd   kind = iota // the end of the tag
	tokEOF               // the end of the text, or of what can be read of a broken tag
	tokIdent             // text is the name
	tokString
	tokNumber
	tokOp  // text is the operator
	tokBad // a byte that starts nothing
)

type token struct {
	kind       kind
	start, end int
	text       string
	lit        *literal
	value      Value // of a number
}

// literal is a text in quotes, and where its decoded bytes stand in the source.
type literal struct {
	value  string
	inner  text.Span // between the quotes
	parts  []part    // where the mapping changes: decoded offset, source offset
	whole  bool      // one literal without escapes: value is the source between the quotes
	joined bool      // several literals that follow each other
}

type part struct {
	decoded, source int
	before          int // where the literal before it ends, if a literal begins here
}

// source returns the offset in the source of decoded byte i.
func (l *literal) source(i int) int {
	lo, hi := 0, len(l.parts)
	for lo < hi {
		if mid := (lo + hi) / 2; l.parts[mid].decoded <= i {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return l.inner.Start + i
	}
	p := l.parts[lo-1]
	return min(p.source+i-p.decoded, l.inner.End)
}

// end returns the offset in the source behind decoded byte i-1. Where two literals
// meet, it is in the first.
func (l *literal) end(i int) int {
	at, ok := slices.BinarySearchFunc(l.parts, i, func(p part, i int) int { return cmp.Compare(p.decoded, i) })
	if !ok {
		return l.source(i)
	}
	return cmp.Or(l.parts[at].before, l.parts[at].source)
}

// joint reports whether two literals meet within a span of the decoded text.
func (l *literal) joint(s text.Span) bool {
	return slices.ContainsFunc(l.parts, func(p part) bool { return p.before > 0 && s.Start < p.decoded && p.decoded < s.End })
}

// next reads the next token of the tag that p stands in. It follows
// minijinja/src/compiler/lexer.rs of dbt.
func (p *parser) next() {
	p.prevEnd = p.tok.end
	p.tok = p.lex()
	p.pos = p.tok.end
}

func (p *parser) lex() token {
	if p.failed {
		return token{kind: tokEOF, start: p.pos, end: p.pos}
	}
	i := skipSpace(p.src, p.pos)
	if i >= len(p.src) {
		return token{kind: tokEOF, start: i, end: i}
	}
	rest := p.src[i:]
	if end, trim := p.tagEnd(rest); end > 0 {
		p.trimNext = trim
		return token{kind: tokEnd, start: i, end: i + end}
	}
	if len(rest) > 1 && rest[0] == '{' && (rest[1] == '{' || rest[1] == '%' || rest[1] == '#') {
		return token{kind: tokEOF, start: i, end: i} // another tag begins: this one has no end
	}
	if len(rest) > 1 {
		switch rest[:2] {
		case "//", "**", "==", "!=", ">=", "<=":
			return token{kind: tokOp, start: i, end: i + 2, text: rest[:2]}
		}
	}
	switch c := rest[0]; {
	case c == '\'' || c == '"':
		return p.lexString(i, c)
	case c >= '0' && c <= '9':
		return p.lexNumber(i)
	case strings.IndexByte("+-*/%.,:~|=><()[]{}", c) >= 0:
		if c == '{' {
			p.braces++
		} else if c == '}' {
			p.braces--
		}
		return token{kind: tokOp, start: i, end: i + 1, text: rest[:1]}
	}
	if n := identLen(rest); n > 0 {
		return token{kind: tokIdent, start: i, end: i + n, text: rest[:n]}
	}
	_, size := utf8.DecodeRuneInString(rest)
	return token{kind: tokBad, start: i, end: i + size}
}

// tagEnd returns the length of the tag's end at the beginning of rest, 0 where
// there is none, and whether the space after it is cut.
func (p *parser) tagEnd(rest string) (n int, trim bool) {
	i := 0
	if rest[0] == '-' || rest[0] == '+' {
		i = 1
	}
	if len(rest) < i+2 || rest[i+1] != '}' {
		return 0, false
	}
	switch {
	case rest[i] == '%' && (p.block || p.lenient),
		rest[i] == '}' && (!p.block || p.lenient) && p.braces <= 0:
		return i + 2, rest[0] == '-'
	}
	return 0, false
}

func skipSpace(s string, i int) int {
	for i < len(s) {
		c := s[i]
		if c == ' ' || c == '\n' || c == '\r' || c == '\t' {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			if c == '\v' || c == '\f' {
				i++
				continue
			}
			return i
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsSpace(r) {
			return i
		}
		i += size
	}
	return i
}

func identLen(s string) int {
	n := 0
	for n < len(s) {
		c := s[n]
		if c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || n > 0 && c >= '0' && c <= '9' {
			n++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, size := utf8.DecodeRuneInString(s[n:])
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Nl, r) &&
			(n == 0 || !unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc)) {
			break
		}
		n += size
	}
	return n
}

func (p *parser) lexNumber(start int) token {
	s := p.src[start:]
	i, float, exponent := 0, false, false
	base, digits := 10, "0123456789"
	if len(s) > 1 && s[0] == '0' {
		switch s[1] | 0x20 {
		case 'b':
			base, i = 2, 2
		case 'o':
			base, i = 8, 2
		case 'x':
			base, i, digits = 16, 2, "0123456789abcdefABCDEF"
		}
	}
	from := i
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case strings.IndexByte(digits, c) >= 0:
		case c == '_' && i+1 < len(s) && strings.IndexByte(digits, s[i+1]) >= 0:
		case base == 10 && c == '.' && !float:
			float = true
		case base == 10 && c|0x20 == 'e' && !exponent:
			float, exponent = true, true
			if i+1 < len(s) && (s[i+1] == '+' || s[i+1] == '-') {
				i++
			}
		default:
			goto done
		}
	}
done:
	t := token{kind: tokNumber, start: start, end: start + i}
	clean := strings.ReplaceAll(s[from:i], "_", "")
	if float {
		f, err := strconv.ParseFloat(clean, 64)
		if err == nil || f != 0 { // out of range is infinity, as in Rust
			t.value = Float(f)
			return t
		}
		p.fail(text.Span{Start: start, End: t.end}, "invalid float")
		return t
	}
	n, err := strconv.ParseInt(clean, base, 64)
	switch {
	case err == nil:
		t.value = Int(n)
	case clean == "" || !isRange(err):
		p.fail(text.Span{Start: start, End: t.end}, "invalid integer")
	}
	return t
}

func isRange(err error) bool { return errors.Is(err, strconv.ErrRange) }

// lexString reads a text in quotes. In a tag that is known to be broken it
// stops at the tag's end or the line's where the closing quote, if there is
// one, seems to belong to something else.
func (p *parser) lexString(start int, quote byte) token {
	end, escapes, closed := p.closingQuote(start+1, quote)
	if !closed {
		p.fail(text.Span{Start: start, End: len(p.src)}, "unexpected end of string")
	}
	if p.lenient && (!closed || p.doubtful(start+1, end)) {
		end, closed = cutString(p.src, start+1), false
		escapes = strings.IndexByte(p.src[start+1:end], '\\') >= 0
	}
	t := token{kind: tokString, start: start, end: end}
	if closed {
		t.end++
	}
	lit := &literal{inner: text.Span{Start: start + 1, End: end}, whole: !escapes}
	lit.value = p.src[start+1 : end]
	if escapes {
		ok := lit.unescape(lit.value)
		if !ok {
			p.fail(text.Span{Start: start, End: t.end}, "bad string escape")
		}
	}
	t.lit = lit
	return t
}

func (p *parser) closingQuote(from int, quote byte) (end int, escapes, closed bool) {
	if memo := &p.noQuote[quote&1]; *memo > 0 && from >= *memo {
		return len(p.src), false, false
	}
	for i := from; i < len(p.src); i++ {
		switch p.src[i] {
		case '\\':
			escapes = true
			i++
		case quote:
			return i, escapes, true
		}
	}
	if !escapes {
		p.noQuote[quote&1] = from
	}
	return len(p.src), escapes, false
}

// doubtful reports whether a closing quote far away looks like the opening one
// of another text.
func (p *parser) doubtful(from, end int) bool {
	s := p.src[from:end]
	if !strings.ContainsAny(s, "\n\r") && !strings.Contains(s, "}}") && !strings.Contains(s, "%}") {
		return false
	}
	after := skipSpace(p.src, end+1)
	if after == len(p.src) {
		return true
	}
	return strings.IndexByte(",)]}|~:+-%*.=", p.src[after]) < 0
}

func cutString(src string, from int) int {
	end := from
	for end < len(src) {
		if src[end] == '\n' || src[end] == '\r' || strings.HasPrefix(src[end:], "}}") || strings.HasPrefix(src[end:], "%}") {
			break
		}
		end++
	}
	for end > from && (src[end-1] == ' ' || src[end-1] == '\t' || src[end-1] == '-') {
		end--
	}
	if end > from && src[end-1] == ')' { // env_var('X) }}
		end--
	}
	return end
}

// unescape decodes JSON's escapes as dbt's minijinja does: an unknown one stays
// as it is. It reports false for a broken \u.
func (l *literal) unescape(s string) bool {
	var b strings.Builder
	ok := true
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		size := 2
		switch c := s[i+1]; c {
		case '"', '\\', '/', '\'', '\n', '\r':
			b.WriteByte(c)
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			r, n := unicodeEscape(s[i:])
			if n == 0 {
				ok = false
				r, n = utf8.RuneError, 2
			}
			b.WriteRune(r)
			size = n
		default:
			b.WriteByte('\\')
			size = 1
		}
		i += size
		l.parts = append(l.parts, part{decoded: b.Len(), source: l.inner.Start + i})
	}
	l.value = b.String()
	return ok
}

// unicodeEscape decodes \uXXXX, or two of them for a surrogate pair.
func unicodeEscape(s string) (rune, int) {
	one := func(s string) rune {
		if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
			return -1
		}
		n, err := strconv.ParseUint(s[2:6], 16, 16)
		if err != nil {
			return -1
		}
		return rune(n)
	}
	r := one(s)
	switch {
	case r < 0:
		return 0, 0
	case !utf16.IsSurrogate(r):
		return r, 6
	}
	low := one(s[6:])
	if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
		return full, 12
	}
	return 0, 0
}
