package yamlfile

import (
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// The scanner makes the same tokens as libyaml, in its Rust port that dbt v2
// links (unsafe-libyaml 0.2), so that both accept and refuse the same texts and
// name the same places. It reads bytes: no decision of YAML depends on a
// character beyond ASCII but for three line breaks.

type tokenKind uint8

const (
	tokError tokenKind = iota
	tokStreamEnd
	tokVersion
	tokTagDirective
	tokDocumentStart
	tokDocumentEnd
	tokBlockSequence
	tokBlockMapping
	tokBlockEnd
	tokFlowSequence
	tokFlowSequenceEnd
	tokFlowMapping
	tokFlowMappingEnd
	tokBlockEntry
	tokFlowEntry
	tokKey
	tokValue
	tokAlias
	tokAnchor
	tokTag
	tokScalar
)

type token struct {
	kind       tokenKind
	style      Style
	start, end int
	value      string // scalar, anchor, alias; handle of a tag or directive
	suffix     string // of a tag; prefix of a tag directive
	body       int    // scalar: where value stands in the source as it is, or -1
	indent     int    // scalar: what scanning it again needs,
	inFlow     bool   // and that too
}

// syntaxError is what libyaml says: a problem, and what it was doing.
type syntaxError struct {
	problem   string
	at        int
	context   string
	contextAt int
	kind      ProblemKind
}

// simpleKey is a place that turns out to be a key if a colon follows.
type simpleKey struct {
	possible, required bool
	number             int // of its token
	at, line           int // offsets of the key and of its line
}

type scanner struct {
	src     string
	pos     int
	line    int // offset of the line that holds pos
	indent  int
	indents []int
	flow    int // depth of brackets

	tokens []token
	head   int
	parsed int // tokens handed out
	keys   []simpleKey
	// keyAllowed is false where a key on this line would be an error.
	keyAllowed bool
	done       bool
	last       tokenKind // the last token that was appended

	// lenient takes unquoted Jinja for one plain scalar.
	lenient bool
	// jinja are the offsets of values that begin with {{, {% or {#.
	jinja []int
	// unquoted are the spans of what lenient took for scalars.
	unquoted []text.Span

	err *syntaxError
}

const (
	missingColon  = "could not find expected ':'"
	unclosedQuote = "found unexpected end of stream"
)

func newScanner(src string, start int) *scanner {
	return &scanner{src: src, pos: start, line: start, indent: -1, keyAllowed: true, keys: make([]simpleKey, 1, 8)}
}

func (s *scanner) at(i int) byte {
	if i < len(s.src) {
		return s.src[i]
	}
	return 0
}

func (s *scanner) column() int { return s.pos - s.line }

// breakLen returns the length of the line break at i, or 0.
func (s *scanner) breakLen(i int) int {
	if i >= len(s.src) {
		return 0
	}
	switch c := s.src[i]; {
	case c == '\n':
		return 1
	case c == '\r':
		if s.at(i+1) == '\n' {
			return 2
		}
		return 1
	case c == 0xC2 && s.at(i+1) == 0x85: // next line
		return 2
	case c == 0xE2 && s.at(i+1) == 0x80 && s.at(i+2)|1 == 0xA9: // line and paragraph separator
		return 3
	}
	return 0
}

func (s *scanner) blank(i int) bool {
	c := s.at(i)
	return c == ' ' || c == '\t'
}

func (s *scanner) breakOrEnd(i int) bool { return i >= len(s.src) || s.breakLen(i) > 0 }

func (s *scanner) blankOrEnd(i int) bool { return s.blank(i) || s.breakOrEnd(i) }

func (s *scanner) newLine() {
	s.pos += s.breakLen(s.pos)
	s.line = s.pos
}

func (s *scanner) fail(context string, contextAt int, problem string) bool {
	if s.err == nil {
		s.err = &syntaxError{problem: problem, at: s.pos, context: context, contextAt: contextAt}
	}
	return false
}

// peek returns the next token; tokError once there is an error.
func (s *scanner) peek() token {
	if s.err == nil && s.fill() {
		return s.tokens[s.head]
	}
	return token{kind: tokError, start: s.pos, end: s.pos}
}

// skip drops the token that peek returned.
func (s *scanner) skip() {
	if s.err != nil {
		return
	}
	s.head++
	s.parsed++
	if s.head == len(s.tokens) {
		s.head, s.tokens = 0, s.tokens[:0]
	}
}

// fill scans until the next token is certain: while it may turn out to be a
// key, one more is needed.
func (s *scanner) fill() bool {
	for {
		if s.head < len(s.tokens) {
			if !s.dropStaleKeys() {
				return false
			}
			if !s.mayBeKey(s.parsed) {
				return true
			}
		}
		if s.done {
			s.push(token{kind: tokStreamEnd, start: s.pos, end: s.pos})
			return true
		}
		if !s.fetch() {
			return false
		}
	}
}

// mayBeKey reports whether the token with a number may turn out to be a key.
func (s *scanner) mayBeKey(number int) bool {
	for i := range s.keys {
		if s.keys[i].possible && s.keys[i].number == number {
			return true
		}
	}
	return false
}

func (s *scanner) push(t token) {
	s.tokens = append(s.tokens, t)
	s.last = t.kind
}

// insert puts a token in front of the one with a number.
func (s *scanner) insert(number int, t token) {
	s.tokens = slices.Insert(s.tokens, s.head+number-s.parsed, t)
}

func (s *scanner) indicator(kind tokenKind, length int) bool {
	s.push(token{kind: kind, start: s.pos, end: s.pos + length})
	s.pos += length
	return true
}

func (s *scanner) fetch() bool {
	s.toNextToken()
	if !s.dropStaleKeys() {
		return false
	}
	s.unroll(s.column())
	if s.pos >= len(s.src) {
		return s.fetchStreamEnd()
	}
	c, next := s.src[s.pos], s.pos+1
	if s.column() == 0 {
		if c == '%' {
			return s.fetchDirective()
		}
		if s.documentMark() {
			kind := tokDocumentStart
			if c == '.' {
				kind = tokDocumentEnd
			}
			return s.fetchDocumentMark(kind)
		}
	}
	switch c {
	case '[':
		return s.fetchFlowStart(tokFlowSequence)
	case '{':
		if s.jinjaHere() {
			s.jinja = append(s.jinja, s.pos)
			if s.lenient {
				return s.fetchScalar(s.scanJinja)
			}
		}
		return s.fetchFlowStart(tokFlowMapping)
	case ']':
		return s.fetchFlowEnd(tokFlowSequenceEnd)
	case '}':
		return s.fetchFlowEnd(tokFlowMappingEnd)
	case ',':
		s.keyAllowed = true
		return s.dropKey() && s.indicator(tokFlowEntry, 1)
	case '*':
		return s.fetchAnchor(tokAlias)
	case '&':
		return s.fetchAnchor(tokAnchor)
	case '!':
		return s.fetchTag()
	case '\'':
		return s.fetchScalar(s.scanSingle)
	case '"':
		return s.fetchScalar(s.scanDouble)
	case '|', '>':
		if s.flow == 0 {
			if !s.dropKey() {
				return false
			}
			s.keyAllowed = true
			t, ok := s.scanBlock(nil)
			if ok {
				s.push(t)
			}
			return ok
		}
	case '-':
		if s.blankOrEnd(next) {
			return s.fetchBlockEntry()
		}
		return s.fetchScalar(s.scanPlain)
	case '?', ':':
		if s.flow > 0 || s.blankOrEnd(next) {
			if c == '?' {
				return s.fetchKey()
			}
			return s.fetchValue()
		}
		return s.fetchScalar(s.scanPlain)
	case '#', '%', '@', '`', '\t', ' ':
	default:
		return s.fetchScalar(s.scanPlain)
	}
	return s.fail("while scanning for the next token", s.pos, "found character that cannot start any token")
}

// documentMark reports whether --- or ... stands at pos.
func (s *scanner) documentMark() bool {
	c := s.at(s.pos)
	return (c == '-' || c == '.') && s.at(s.pos+1) == c && s.at(s.pos+2) == c && s.blankOrEnd(s.pos+3)
}

func (s *scanner) toNextToken() {
	for {
		if s.column() == 0 && len(s.src)-s.pos >= 3 && s.src[s.pos:s.pos+3] == bom {
			// It counts one column, as a character.
			s.pos += 3
			s.line += 2
		}
		for {
			c := s.at(s.pos)
			if c != ' ' && (c != '\t' || s.flow == 0 && s.keyAllowed) {
				break
			}
			s.pos++
		}
		if s.at(s.pos) == '#' {
			for !s.breakOrEnd(s.pos) {
				s.pos++
			}
		}
		if s.breakLen(s.pos) == 0 {
			return
		}
		s.newLine()
		if s.flow == 0 {
			s.keyAllowed = true
		}
	}
}

// A key is at most 1024 bytes long and stands on one line.
func (s *scanner) dropStaleKeys() bool {
	for i := range s.keys {
		k := &s.keys[i]
		if !k.possible || k.line == s.line && k.at+1024 >= s.pos {
			continue
		}
		if k.required {
			return s.fail("while scanning a simple key", k.at, missingColon)
		}
		k.possible = false
	}
	return true
}

func (s *scanner) saveKey() bool {
	if !s.keyAllowed {
		return true
	}
	k := simpleKey{
		possible: true,
		required: s.flow == 0 && s.indent == s.column(),
		number:   s.parsed + len(s.tokens) - s.head,
		at:       s.pos,
		line:     s.line,
	}
	if !s.dropKey() {
		return false
	}
	s.keys[len(s.keys)-1] = k
	return true
}

func (s *scanner) dropKey() bool {
	k := &s.keys[len(s.keys)-1]
	if k.possible && k.required {
		return s.fail("while scanning a simple key", k.at, missingColon)
	}
	k.possible = false
	return true
}

// roll opens a block collection when column is deeper than the last one.
// number is the token that it goes in front of, or -1 for the end.
func (s *scanner) roll(column, number int, kind tokenKind, at int) {
	if s.flow > 0 || s.indent >= column {
		return
	}
	s.indents = append(s.indents, s.indent)
	s.indent = column
	t := token{kind: kind, start: at, end: at}
	if number < 0 {
		s.push(t)
	} else {
		s.insert(number, t)
	}
}

// unroll closes the block collections that are deeper than column.
func (s *scanner) unroll(column int) {
	if s.flow > 0 {
		return
	}
	for s.indent > column {
		s.push(token{kind: tokBlockEnd, start: s.pos, end: s.pos})
		last := len(s.indents) - 1
		s.indent, s.indents = s.indents[last], s.indents[:last]
	}
}

func (s *scanner) fetchStreamEnd() bool {
	s.unroll(-1)
	if !s.dropKey() {
		return false
	}
	s.keyAllowed = false
	s.done = true
	return s.indicator(tokStreamEnd, 0)
}

func (s *scanner) fetchDocumentMark(kind tokenKind) bool {
	s.unroll(-1)
	if !s.dropKey() {
		return false
	}
	s.keyAllowed = false
	return s.indicator(kind, 3)
}

func (s *scanner) fetchFlowStart(kind tokenKind) bool {
	if !s.saveKey() {
		return false
	}
	s.keys = append(s.keys, simpleKey{})
	s.flow++
	s.keyAllowed = true
	return s.indicator(kind, 1)
}

func (s *scanner) fetchFlowEnd(kind tokenKind) bool {
	if !s.dropKey() {
		return false
	}
	if s.flow > 0 {
		s.flow--
		s.keys = s.keys[:len(s.keys)-1]
	}
	s.keyAllowed = false
	return s.indicator(kind, 1)
}

func (s *scanner) fetchBlockEntry() bool {
	if s.flow == 0 {
		if !s.keyAllowed {
			return s.fail("", s.pos, "block sequence entries are not allowed in this context")
		}
		s.roll(s.column(), -1, tokBlockSequence, s.pos)
	}
	if !s.dropKey() {
		return false
	}
	s.keyAllowed = true
	return s.indicator(tokBlockEntry, 1)
}

func (s *scanner) fetchKey() bool {
	if s.flow == 0 {
		if !s.keyAllowed {
			return s.fail("", s.pos, "mapping keys are not allowed in this context")
		}
		s.roll(s.column(), -1, tokBlockMapping, s.pos)
	}
	if !s.dropKey() {
		return false
	}
	s.keyAllowed = s.flow == 0
	return s.indicator(tokKey, 1)
}

func (s *scanner) fetchValue() bool {
	k := &s.keys[len(s.keys)-1]
	if k.possible {
		s.insert(k.number, token{kind: tokKey, start: k.at, end: k.at})
		s.roll(k.at-k.line, k.number, tokBlockMapping, k.at)
		k.possible = false
		s.keyAllowed = false
		return s.indicator(tokValue, 1)
	}
	if s.flow == 0 {
		if !s.keyAllowed {
			return s.fail("", s.pos, "mapping values are not allowed in this context")
		}
		s.roll(s.column(), -1, tokBlockMapping, s.pos)
	}
	s.keyAllowed = s.flow == 0
	return s.indicator(tokValue, 1)
}

func (s *scanner) fetchScalar(scan func(*sourceMap) (token, bool)) bool {
	if !s.saveKey() {
		return false
	}
	s.keyAllowed = false
	t, ok := scan(nil)
	if ok {
		s.push(t)
	}
	return ok
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || c == '-'
}

func (s *scanner) word() string {
	start := s.pos
	for isWord(s.at(s.pos)) {
		s.pos++
	}
	return s.src[start:s.pos]
}

func (s *scanner) fetchAnchor(kind tokenKind) bool {
	if !s.saveKey() {
		return false
	}
	s.keyAllowed = false
	start := s.pos
	s.pos++
	name := s.word()
	ends := s.blankOrEnd(s.pos)
	switch s.at(s.pos) {
	case '?', ':', ',', ']', '}', '%', '@', '`':
		ends = true
	}
	if name == "" || !ends {
		context := "while scanning an anchor"
		if kind == tokAlias {
			context = "while scanning an alias"
		}
		return s.fail(context, start, "did not find expected alphabetic or numeric character")
	}
	s.push(token{kind: kind, start: start, end: s.pos, value: name})
	return true
}
