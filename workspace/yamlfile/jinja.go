package yamlfile

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// unquoted is the problem of Jinja that should stand in quotes.
func unquoted(src string, span text.Span) Problem {
	return Problem{
		Kind:    UnquotedJinja,
		Span:    span,
		At:      span.Start,
		Message: "Jinja at the start of a value must stand in quotes",
		Edits:   []text.Edit{{Span: span, New: quoteLines(string(span.Of([]byte(src))))}},
	}
}

// jinjaHere reports whether the brace at pos begins Jinja that is a value.
func (s *scanner) jinjaHere() bool {
	switch s.at(s.pos + 1) {
	case '{', '%', '#':
	default:
		return false
	}
	switch s.last {
	case tokValue, tokBlockEntry, tokFlowEntry, tokFlowSequence, tokAnchor, tokTag:
		return true
	}
	return false
}

// scanJinja takes a value that begins with Jinja for one plain scalar, to the
// end of its line, its comment, or its place in brackets.
func (s *scanner) scanJinja(_ *sourceMap) (token, bool) {
	start := s.pos
	end := start
loop:
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '{' && strings.IndexByte("{%#", s.at(s.pos+1)) >= 0:
			s.pos = s.jinjaEnd(s.pos)
			end = s.pos
			continue
		case s.breakLen(s.pos) > 0:
			break loop
		case s.blank(s.pos):
			if s.at(s.pos+1) == '#' {
				break loop
			}
			s.pos++
			continue
		case s.flow > 0 && strings.IndexByte(",[]{}", c) >= 0:
			break loop
		case c == ':' && s.blankOrEnd(s.pos+1):
			break loop
		}
		s.pos++
		end = s.pos
	}
	for i := start; i < end; i++ {
		if n := s.breakLen(i); n > 0 {
			s.line = i + n
		}
	}
	s.unquoted = append(s.unquoted, text.Span{Start: start, End: end})
	return s.result(nil, Plain, start, end, start, end, s.indent), true
}

// jinjaEnd returns the offset behind the Jinja that begins at i. What is not
// closed before other Jinja begins ends with its line.
func (s *scanner) jinjaEnd(i int) int {
	closing := byte('}')
	if s.src[i+1] != '{' {
		closing = s.src[i+1]
	}
	lineEnd := i
	for !s.breakOrEnd(lineEnd) {
		lineEnd++
	}
	depth := 0
	for at := i + 2; at < len(s.src); at++ {
		switch c := s.src[at]; {
		case depth == 0 && c == closing && s.at(at+1) == '}':
			return at + 2
		case closing == '#':
		case c == '{' && (s.at(at+1) == '{' || s.at(at+1) == '%'):
			return lineEnd
		case c == '{':
			depth++
		case c == '}' && depth > 0:
			depth--
		case c == '\'' || c == '"':
			at = s.jinjaString(at)
		}
	}
	return lineEnd
}

// jinjaString returns the offset of the quote that closes the text which begins
// at i, or i when none does on its line.
func (s *scanner) jinjaString(i int) int {
	for at := i + 1; !s.breakOrEnd(at); at++ {
		switch s.src[at] {
		case '\\':
			at++
		case s.src[i]:
			return at
		}
	}
	return i
}
