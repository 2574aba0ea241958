package yamlfile

import (
	"strings"
	"unicode/utf8"
)

// sourceMap collects a decoded text and where its bytes come from. A nil map
// means that a scan need not say.
type sourceMap struct {
	text []byte
	runs []run
}

// run says that the decoded bytes from `to` on stand in the source from `from`
// on; of a run that is not straight, all come from the one place.
type run struct {
	to, from int
	straight bool
}

func (m *sourceMap) add(from int, straight bool, text string) {
	if n := len(m.runs); !straight || n == 0 || !m.runs[n-1].straight ||
		m.runs[n-1].from+len(m.text)-m.runs[n-1].to != from {
		m.runs = append(m.runs, run{len(m.text), from, straight})
	}
	m.text = append(m.text, text...)
}

// at returns the place of decoded byte i.
func (m *sourceMap) at(i int) int {
	low, high := 0, len(m.runs)
	for low < high {
		if middle := (low + high) / 2; m.runs[middle].to <= i {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == 0 {
		return -1
	}
	r := m.runs[low-1]
	if r.straight {
		return r.from + i - r.to
	}
	return r.from
}

// pending is white space that belongs to a scalar only if more text follows.
type pending struct {
	blanks          [2]int // on the first line
	lead            int    // the first line break, or -1
	folded          bool   // an escaped line break was met instead of lead
	trail, trailEnd int    // lines after it: breaks and blanks
}

func none() pending { return pending{lead: -1} }

// breaks adds the line breaks of src[from:to], which holds nothing else but blanks.
func (s *scanner) breaks(m *sourceMap, from, to int) {
	for i := from; i < to; {
		if n := s.breakLen(i); n > 0 {
			s.lineBreak(m, i)
			i += n
		} else {
			i++
		}
	}
}

func (s *scanner) hasBreak(from, to int) bool {
	for i := from; i < to; i++ {
		if s.breakLen(i) > 0 {
			return true
		}
	}
	return false
}

// lineBreak adds the break at i: a line feed, but for the two separators that
// stay as they are.
func (s *scanner) lineBreak(m *sourceMap, i int) {
	if s.breakLen(i) == 3 {
		m.add(i, true, s.src[i:i+3])
	} else {
		m.add(i, false, "\n")
	}
}

// flush adds pending white space, folded, in front of more text.
func (s *scanner) flush(m *sourceMap, p *pending) {
	switch {
	case p.lead >= 0 && s.breakLen(p.lead) < 3:
		if s.hasBreak(p.trail, p.trailEnd) {
			s.breaks(m, p.trail, p.trailEnd)
		} else {
			m.add(p.lead, false, " ")
		}
	case p.lead >= 0:
		s.lineBreak(m, p.lead)
		s.breaks(m, p.trail, p.trailEnd)
	case p.folded:
		s.breaks(m, p.trail, p.trailEnd)
	case p.blanks[1] > p.blanks[0]:
		m.add(p.blanks[0], true, s.src[p.blanks[0]:p.blanks[1]])
	}
	*p = none()
}

// space collects the white space at pos into p. In a plain scalar (plainFrom is
// not negative) a tab in the indentation is an error.
func (s *scanner) space(p *pending, plainFrom, indent int) bool {
	if p.lead < 0 && !p.folded {
		p.blanks = [2]int{s.pos, s.pos}
	}
	for {
		if s.blank(s.pos) {
			multi := p.lead >= 0 || p.folded
			if multi && plainFrom >= 0 && s.column() < indent && s.src[s.pos] == '\t' {
				return s.fail("while scanning a plain scalar", plainFrom, "found a tab character that violates indentation")
			}
			s.pos++
			if !multi {
				p.blanks[1] = s.pos
			}
			continue
		}
		if s.breakLen(s.pos) == 0 {
			break
		}
		if p.lead < 0 && !p.folded {
			p.lead = s.pos
			s.newLine()
			p.trail = s.pos
		} else {
			s.newLine()
		}
	}
	p.trailEnd = s.pos
	return true
}

// result makes the token of a scalar that stands in src[start:end] with its
// text at body. m is nil when the text is src[body:bodyEnd] as it is.
func (s *scanner) result(m *sourceMap, style Style, start, end, body, bodyEnd, indent int) token {
	t := token{kind: tokScalar, style: style, start: start, end: end, body: body, indent: indent, inFlow: s.flow > 0}
	if m == nil {
		t.value = s.src[body:bodyEnd]
	} else {
		t.value, t.body = string(m.text), -1
	}
	return t
}

func (s *scanner) scanPlain(m *sourceMap) (token, bool) {
	start, indent := s.pos, s.indent+1
	end, p := start, none()
	for {
		if s.column() == 0 && s.documentMark() || s.at(s.pos) == '#' {
			break
		}
		from := s.pos
		if !s.plainRun(start) {
			return token{}, false
		}
		if s.pos > from {
			if m == nil && p.lead >= 0 {
				m = &sourceMap{}
				m.add(start, true, s.src[start:end])
			}
			if m != nil {
				s.flush(m, &p)
				m.add(from, true, s.src[from:s.pos])
			}
			end, p = s.pos, none()
		}
		if !s.blank(s.pos) && s.breakLen(s.pos) == 0 {
			break
		}
		if !s.space(&p, start, indent) {
			return token{}, false
		}
		if s.flow == 0 && s.column() < indent {
			break
		}
	}
	if p.lead >= 0 {
		s.keyAllowed = true
	}
	return s.result(m, Plain, start, end, start, end, s.indent), true
}

// plainRun moves over the characters of a plain scalar up to white space or
// what ends it.
func (s *scanner) plainRun(start int) bool {
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		if isWord(c) {
			s.pos++
			continue
		}
		switch c {
		case ' ', '\t', '\r', '\n':
			return true
		case ':':
			if s.flow > 0 {
				switch s.at(s.pos + 1) {
				case ',', '?', '[', ']', '{', '}':
					return s.fail("while scanning a plain scalar", start, "found unexpected ':'")
				}
			}
			if s.blankOrEnd(s.pos + 1) {
				return true
			}
		case ',', '[', ']', '{', '}':
			if s.flow > 0 {
				return true
			}
		case 0xC2, 0xE2:
			if s.breakLen(s.pos) > 0 {
				return true
			}
		}
		s.pos++
	}
	return true
}

func (s *scanner) scanSingle(m *sourceMap) (token, bool) { return s.scanQuoted(m, '\'', Single) }
func (s *scanner) scanDouble(m *sourceMap) (token, bool) { return s.scanQuoted(m, '"', Double) }

func (s *scanner) scanQuoted(m *sourceMap, quote byte, style Style) (token, bool) {
	const context = "while scanning a quoted scalar"
	start := s.pos
	s.pos++
	body := s.pos
	if m == nil {
		// Most scalars have their text as it is, on one line.
		i := body
		for i < len(s.src) && s.src[i] != quote && s.src[i] != '\\' && s.src[i] >= ' ' && s.src[i] < 0x80 {
			i++
		}
		if s.at(i) == quote && (quote == '"' || s.at(i+1) != quote) {
			s.pos = i + 1
			return s.result(nil, style, start, s.pos, body, i, s.indent), true
		}
		m = &sourceMap{}
	}
	p := none()
	for {
		if s.column() == 0 && s.documentMark() {
			return token{}, s.fail(context, start, "found unexpected document indicator")
		}
		if s.pos >= len(s.src) {
			return token{}, s.fail(context, start, unclosedQuote)
		}
		if !s.quotedRun(m, &p, quote, start) {
			return token{}, false
		}
		if s.at(s.pos) == quote {
			break
		}
		if !s.space(&p, -1, 0) {
			return token{}, false
		}
		s.flush(m, &p)
	}
	s.pos++
	return s.result(m, style, start, s.pos, body, 0, s.indent), true
}

// quotedRun adds text up to white space or the closing quote. An escaped line
// break is left in p.
func (s *scanner) quotedRun(m *sourceMap, p *pending, quote byte, start int) bool {
	for !s.blankOrEnd(s.pos) {
		c := s.src[s.pos]
		switch {
		case c == '\'' && quote == '\'' && s.at(s.pos+1) == '\'':
			m.add(s.pos, false, "'")
			s.pos += 2
		case c == quote:
			return true
		case c == '\\' && quote == '"' && s.breakLen(s.pos+1) > 0:
			s.pos++
			s.newLine()
			*p = none()
			p.folded, p.trail = true, s.pos
			return true
		case c == '\\' && quote == '"':
			if !s.escape(m, start) {
				return false
			}
		default:
			m.add(s.pos, true, s.src[s.pos:s.pos+1])
			s.pos++
		}
	}
	return true
}

// escaped are the characters after a backslash and what they stand for.
const (
	escapes = "0abt\tnvfre \"/\\N_LP"
	escaped = "\x00\a\b\t\t\n\v\f\r\x1b \"/\\\u0085\u00a0\u2028\u2029"
)

func (s *scanner) escape(m *sourceMap, start int) bool {
	const context = "while parsing a quoted scalar"
	at, length := s.pos, 0
	switch c := s.at(s.pos + 1); c {
	case 'x':
		length = 2
	case 'u':
		length = 4
	case 'U':
		length = 8
	default:
		i := strings.IndexByte(escapes, c)
		if i < 0 || s.pos+1 >= len(s.src) {
			return s.fail(context, start, "found unknown escape character")
		}
		m.add(at, false, string([]rune(escaped)[i]))
		s.pos += 2
		return true
	}
	s.pos += 2
	code := rune(0)
	for i := range length {
		digit := hex(s.at(s.pos + i))
		if digit < 0 {
			return s.fail(context, start, "did not find expected hexadecimal number")
		}
		if code > utf8.MaxRune {
			continue // too large already; more digits must not overflow
		}
		code = code<<4 | rune(digit)
	}
	if code > utf8.MaxRune || code >= 0xD800 && code <= 0xDFFF {
		return s.fail(context, start, "found invalid Unicode character escape code")
	}
	m.add(at, false, string(code))
	s.pos += length
	return true
}

func (s *scanner) scanBlock(m *sourceMap) (token, bool) {
	const context = "while scanning a block scalar"
	start, outer := s.pos, s.indent
	style := Literal
	if s.src[s.pos] == '>' {
		style = Folded
	}
	s.pos++
	chomp, increment, ok := s.blockHeader(start)
	end := s.pos
	if !ok || !s.restOfLine(context, start) {
		return token{}, false
	}
	indent := 0
	if increment > 0 {
		indent = max(s.indent, 0) + increment
	}
	if m == nil {
		m = &sourceMap{}
	}
	p := none()
	p.trail = s.pos
	if !s.blockBreaks(&indent, start) {
		return token{}, false
	}
	p.trailEnd = s.pos
	leadingBlank := false
	for s.column() == indent && s.pos < len(s.src) {
		trailingBlank := s.blank(s.pos)
		switch {
		case style == Folded && p.lead >= 0 && s.breakLen(p.lead) < 3 && !leadingBlank && !trailingBlank:
			if !s.hasBreak(p.trail, p.trailEnd) {
				m.add(p.lead, false, " ")
			}
		case p.lead >= 0:
			s.lineBreak(m, p.lead)
		}
		s.breaks(m, p.trail, p.trailEnd)
		leadingBlank = trailingBlank
		from := s.pos
		for !s.breakOrEnd(s.pos) {
			s.pos++
		}
		m.add(from, true, s.src[from:s.pos])
		end = s.pos
		p = none()
		if s.pos < len(s.src) {
			p.lead = s.pos
			s.newLine()
		}
		p.trail = s.pos
		if !s.blockBreaks(&indent, start) {
			return token{}, false
		}
		p.trailEnd = s.pos
	}
	if chomp >= 0 && p.lead >= 0 {
		s.lineBreak(m, p.lead)
	}
	if chomp > 0 {
		s.breaks(m, p.trail, p.trailEnd)
		for i := p.trail; i < p.trailEnd; i++ {
			if s.breakLen(i) > 0 {
				end = i
				i += s.breakLen(i) - 1
			}
		}
	}
	return s.result(m, style, start, end, -1, 0, outer), true
}

// blockHeader reads the chomping (-1, 0, 1) and indentation indicators.
func (s *scanner) blockHeader(start int) (chomp, increment int, ok bool) {
	for range 2 {
		switch c := s.at(s.pos); {
		case c == '+' && chomp == 0:
			chomp = 1
			s.pos++
		case c == '-' && chomp == 0:
			chomp = -1
			s.pos++
		case c == '0' && increment == 0:
			return 0, 0, s.fail("while scanning a block scalar", start, "found an indentation indicator equal to 0")
		case c >= '1' && c <= '9' && increment == 0:
			increment = int(c - '0')
			s.pos++
		}
	}
	return chomp, increment, true
}

// blockBreaks moves over empty lines and the indentation of the next line, and
// finds out the indentation when it is not known (0).
func (s *scanner) blockBreaks(indent *int, start int) bool {
	deepest := 0
	for {
		for (*indent == 0 || s.column() < *indent) && s.at(s.pos) == ' ' {
			s.pos++
		}
		deepest = max(deepest, s.column())
		if (*indent == 0 || s.column() < *indent) && s.at(s.pos) == '\t' {
			return s.fail("while scanning a block scalar", start, "found a tab character where an indentation space is expected")
		}
		if s.breakLen(s.pos) == 0 {
			break
		}
		s.newLine()
	}
	if *indent == 0 {
		*indent = max(deepest, s.indent+1, 1)
	}
	return true
}
