package dotenv

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cause is why a logical line cannot be read, before explain makes a Reason of
// it.
type cause int

const (
	fine cause = iota
	openQuote
	blankAtEnd
	backslashAtEnd
	badKey
	noEqual
	trailingText
	badEscape
	openBrace
	openSingle
	openDouble
	invalid
)

// logical is what dotenvy's first stage hands to the second: a line, or several
// that a quote joins.
type logical struct {
	start, end int // the text, without line break and without a comment that was cut
	next       int // where the next logical line begins
	comment    int // where a comment was cut, -1 if none was
	dropped    bool
	failed     cause
	at         int // what failed: the quote that opens, the last byte
}

// readLogical is QuotedLines::next of dotenvy's iter.rs. The blank toggles: a
// second blank in a row makes the state Plain again, in which '#' is text.
func readLogical(s string, start int) logical {
	line := lineEnd(s, start)
	if first := skipSpace(s, start, line); first < line && s[first] == '#' {
		return logical{start: start, end: start, next: line, comment: first, dropped: true}
	}
	blank := false
	i := start
	for i < len(s) {
		c := s[i]
		switch {
		case c == '\n':
			return complete(s, start, i+1)
		case c == '#' && blank:
			return logical{start: start, end: i, next: lineEnd(s, i), comment: i}
		case c == '"' || c == '\'':
			end := closingQuote(s, i)
			if end < 0 {
				return logical{start: start, end: len(s), next: len(s), comment: -1, failed: openQuote, at: i}
			}
			i, blank = end+1, false
		case c == '\\':
			if i+1 == len(s) {
				return logical{start: start, end: len(s), next: len(s), comment: -1, failed: backslashAtEnd, at: i}
			}
			if s[i+1] == '\n' {
				return complete(s, start, i+2)
			}
			i, blank = i+1+runeLen(s[i+1:]), false
		case c < utf8.RuneSelf:
			blank = isBlank(c) && !blank
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			blank = unicode.IsSpace(r) && !blank
			i += size
		}
	}
	if blank {
		return logical{start: start, end: len(s), next: len(s), comment: -1, failed: blankAtEnd, at: len(s)}
	}
	return complete(s, start, len(s))
}

func complete(s string, start, next int) logical {
	end := next
	if end > start && s[end-1] == '\n' {
		end--
		if end > start && s[end-1] == '\r' {
			end--
		}
	}
	return logical{start: start, end: end, next: next, comment: -1}
}

// closingQuote returns the offset of the quote that closes the one at open, as
// the first stage counts: a backslash protects the next character, also between
// single quotes. -1 if it never closes.
func closingQuote(s string, open int) int {
	quote := s[open]
	for i := open + 1; i < len(s); i++ {
		switch s[i] {
		case quote:
			return i
		case '\\':
			i++
		}
	}
	return -1
}

// assignment is the second stage's view of a logical line.
type assignment struct {
	empty    bool // no assignment: blank
	key, eq  int
	keyEnd   int
	value    int
	valueEnd int
	comment  int // -1 if none
	form     form
	failed   cause
	at       int
	refMark  int // the last quote or blank that a reference made text, -1 if none
}

// form is how a value is evaluated.
type form uint8

const (
	verbatim    form = iota // the bytes as they stand
	enclosed                // the bytes between the first and the last
	computed                // escapes, references, several parts
	guessedForm             // not readable for dbt
)

// parseAssignment is parse_line of dotenvy's parse.rs on s[start:end].
func parseAssignment(s string, start, end int) assignment {
	end = trimSpace(s, start, end)
	a := assignment{comment: -1, refMark: -1}
	i := skipSpace(s, start, end)
	if i >= end || s[i] == '#' {
		a.empty = true
		return a
	}
	var ok bool
	if i, ok = a.parseKey(s, i, end); !ok {
		return a
	}
	if i >= end || s[i] != '=' {
		if s[a.key:a.keyEnd] != "export" {
			a.failed, a.at = noEqual, i
			return a
		}
		if i, ok = a.parseKey(s, i, end); !ok {
			return a
		}
		if i >= end || s[i] != '=' {
			a.failed, a.at = noEqual, i
			return a
		}
	}
	a.eq = i
	a.value, a.valueEnd = i+1, i+1
	i = skipSpace(s, i+1, end)
	if i >= end {
		return a
	}
	if s[i] == '#' {
		a.comment = i
		return a
	}
	a.value = i
	a.scanValue(s, end, nil)
	return a
}

func (a *assignment) parseKey(s string, i, end int) (after int, ok bool) {
	if i >= end || !isKeyStart(s[i]) {
		a.failed, a.at = badKey, i
		return i, false
	}
	a.key = i
	for i < end && isKeyByte(s[i]) {
		i++
	}
	a.keyEnd = i
	return skipSpace(s, i, end), true
}

// sink receives the pieces of a value.
type sink interface {
	text(string)
	ref(start, end int, name string, braces bool)
}

// scanValue is parse_value of dotenvy's parse.rs: it reads s[a.value:end],
// writes what it yields to out, which may be nil, and notes where the value
// ends.
func (a *assignment) scanValue(s string, end int, out sink) {
	quote, opened, pieces := byte(0), 0, 0
	i := a.value
	for i < end {
		c := s[i]
		switch {
		case quote == '\'':
			n := strings.IndexByte(s[i:end], '\'')
			if n < 0 {
				a.failed, a.at, a.valueEnd = openSingle, opened, end
				return
			}
			emit(out, s[i:i+n])
			i, quote = i+n+1, 0
		case c == '\\':
			a.form = computed
			if i+1 == end {
				i++
				continue
			}
			piece, known := unescape(s[i+1 : i+2])
			if !known {
				a.failed, a.at, a.valueEnd = badEscape, i, end
				return
			}
			emit(out, piece)
			i += 2
		case c == '$':
			a.form = computed
			if i = a.reference(s, i, end, out); a.failed != fine {
				return
			}
		case c == '"' && quote == '"':
			i, quote = i+1, 0
		case c == '"' && quote == 0, c == '\'' && quote == 0:
			if pieces++; pieces > 1 || i > a.value {
				a.form = computed
			} else if a.form == verbatim {
				a.form = enclosed
			}
			quote, opened, i = c, i, i+1
		case (c == ' ' || c == '\t') && quote == 0:
			a.finish(s, i, end)
			return
		default:
			n := ordinary(s[i:end])
			if quote == 0 && a.form == enclosed {
				a.form = computed
			}
			emit(out, s[i:i+n])
			i += n
		}
	}
	a.valueEnd = end
	if quote == '"' {
		a.failed, a.at = openDouble, opened
	}
	if quote == '\'' {
		a.failed, a.at = openSingle, opened
	}
}

// finish notes the end of an unquoted value at a blank and what follows it.
func (a *assignment) finish(s string, i, end int) {
	a.valueEnd = i
	for i < end && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	if i == end {
		return
	}
	if s[i] == '#' {
		a.comment = i
		return
	}
	a.failed, a.at = trailingText, i
}

// reference reads "$NAME" or "${NAME}" at i and returns where to go on. The
// character after a name without braces is copied, whatever it is; only '$'
// begins a new reference.
func (a *assignment) reference(s string, i, end int, out sink) int {
	start, name := i, i+1
	if name < end && s[name] == '{' {
		n := strings.IndexByte(s[name:end], '}')
		if n < 0 {
			a.failed, a.at, a.valueEnd = openBrace, start, end
			return end
		}
		emitRef(out, start, name+n+1, s[name+1:name+n], true)
		return name + n + 1
	}
	i = name
	for i < end {
		size := alnumLen(s[i:])
		if size == 0 {
			break
		}
		i += size
	}
	emitRef(out, start, i, s[name:i], false)
	if i >= end || s[i] == '$' {
		return i
	}
	switch s[i] {
	case '"', '\'', ' ', '\t':
		a.refMark = i
	}
	n := runeLen(s[i:])
	emit(out, s[i:i+n])
	return i + n
}

func emit(out sink, piece string) {
	if out != nil {
		out.text(piece)
	}
}

func emitRef(out sink, start, end int, name string, braces bool) {
	if out != nil {
		out.ref(start, end, name, braces)
	}
}

// unescape returns what a backslash and the character c yield.
func unescape(c string) (piece string, known bool) {
	switch c[0] {
	case '\\', '\'', '"', '$', ' ':
		return c, true
	case 'n':
		return "\n", true
	}
	return "", false
}

// ordinary returns the length of the text at the beginning of s, at least 1, in
// which no byte has a meaning of its own.
func ordinary(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\', '$', '"', '\'', ' ', '\t':
			return i
		}
	}
	return len(s)
}

// lineEnd returns the offset after the line break that ends the physical line
// of offset i.
func lineEnd(s string, i int) int {
	if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(s)
}

// lineText returns the end of the text of the physical line at i, without its
// line break.
func lineText(s string, i int) int {
	end := lineEnd(s, i)
	if end > i && s[end-1] == '\n' {
		end--
		if end > i && s[end-1] == '\r' {
			end--
		}
	}
	return end
}

func skipSpace(s string, i, end int) int {
	for i < end {
		c := s[i]
		if c >= utf8.RuneSelf {
			return end - len(strings.TrimLeftFunc(s[i:end], unicode.IsSpace))
		}
		if !isBlank(c) && c != '\n' && c != '\r' {
			return i
		}
		i++
	}
	return end
}

func trimSpace(s string, start, end int) int {
	if end > start && s[end-1] > ' ' && s[end-1] < utf8.RuneSelf {
		return end
	}
	return start + len(strings.TrimRightFunc(s[start:end], unicode.IsSpace))
}

// isBlank reports whether c is ASCII white space other than a line break.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\v' || c == '\f' }

// IsName reports whether a line of .env can set a variable of this name.
func IsName(name string) bool {
	for i := range len(name) {
		if !isKeyByte(name[i]) {
			return false
		}
	}
	return name != "" && isKeyStart(name[0])
}

func isKeyStart(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '_'
}

// classes says for each byte where it means just itself, in both stages: 0
// nowhere, 1 between quotes of either kind, 2 in an unquoted value as well, 3 in a
// key as well. Those of characters outside of ASCII do nowhere.
const classes = "" +
	"00000000000000000000000000000000" +
	"12010220222222323333333333222222" +
	"23333333333333333333333333320223" +
	"23333333333333333333333333322220" +
	noClass + noClass + noClass + noClass

const noClass = "00000000000000000000000000000000"

func isKeyByte(c byte) bool { return classes[c] == '3' }

func isPlainByte(c byte) bool { return classes[c] >= '2' }

func isEnclosedByte(c byte) bool { return classes[c] >= '1' }

// alnumLen returns the length of the first character of s if Rust's
// char::is_alphanumeric holds for it, else 0.
func alnumLen(s string) int {
	if c := s[0]; c < utf8.RuneSelf {
		if '0' <= c && c <= '9' || isKeyStart(c) && c != '_' {
			return 1
		}
		return 0
	}
	r, size := utf8.DecodeRuneInString(s)
	if unicode.In(r, unicode.L, unicode.N, unicode.Other_Alphabetic, unicode.Other_Lowercase, unicode.Other_Uppercase) {
		return size
	}
	return 0
}

func runeLen(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, size := utf8.DecodeRuneInString(s)
	return size
}
