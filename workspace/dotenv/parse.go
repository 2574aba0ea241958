package dotenv

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

const byteOrderMark = "\ufeff"

func (f *File) parse() {
	f.valid = utf8.ValidString(f.text)
	f.Encoding, f.CROnly = encodingOf(f.Content, f.valid), onlyCR(f.text)
	f.Entries = make([]Entry, 0, min(strings.Count(f.text, "\n")+1, strings.Count(f.text, "="), 64+len(f.text)/8))
	for i := f.begin(); i < len(f.text); {
		i = f.line(i)
	}
	f.finish()
}

// line reads the logical line at i and returns where the next one begins. What
// it finds follows from the text from i on, and from whether the whole is UTF-8;
// only where dbt stops follows from what was read before.
func (f *File) line(i int) (next int) {
	s := f.text
	switch {
	case s[i] == '\n':
		return i + 1
	case s[i] == '#' && f.valid:
		return f.comment(i, i)
	}
	if next = f.simple(i); next > i {
		return next
	}
	line, a := f.read(i)
	if line.failed == fine && a.failed == fine {
		f.keep(line, &a)
		return line.next
	}
	if f.Stop == nil {
		f.Stop, f.loaded = f.explain(line, &a), len(f.Entries)
	}
	f.unread = append(f.unread, i)
	return f.guessed(i)
}

// finish notes what is known when all lines are read.
func (f *File) finish() {
	switch {
	case f.Stop == nil:
		f.loaded = len(f.Entries)
	case f.loaded < len(f.Entries) && f.Entries[f.loaded].Line().Start == f.Stop.Line.Start:
		f.Stop.Entry = &f.Entries[f.loaded]
	}
}

func onlyCR(s string) bool {
	return strings.IndexByte(s, '\n') < 0 && strings.IndexByte(strings.TrimRight(s, "\r"), '\r') >= 0
}

// begin returns where dbt begins to read: after a byte order mark.
func (f *File) begin() int {
	if strings.HasPrefix(f.text, byteOrderMark) {
		return len(byteOrderMark)
	}
	return 0
}

func encodingOf(content []byte, valid bool) Encoding {
	switch {
	case bytes.HasPrefix(content, []byte(byteOrderMark)):
		if valid {
			return UTF8BOM
		}
	case bytes.HasPrefix(content, []byte{0xFF, 0xFE}):
		return UTF16LE
	case bytes.HasPrefix(content, []byte{0xFE, 0xFF}):
		return UTF16BE
	case len(content) >= 4 && len(content)%2 == 0 && content[1] == 0 && content[3] == 0 && content[0] != 0:
		return UTF16LE
	case len(content) >= 4 && len(content)%2 == 0 && content[0] == 0 && content[2] == 0 && content[1] != 0:
		return UTF16BE
	}
	if !valid {
		return OtherEncoding
	}
	return UTF8
}

// simple reads the line at i if it is NAME=value in the form that nearly all
// lines have, for which both stages come to the same result at once. It returns
// where the next line begins, or i if the line needs the full reading.
func (f *File) simple(i int) (next int) {
	s := f.text
	start := i
	if !isKeyStart(s[i]) {
		return start
	}
	for i++; i < len(s) && isKeyByte(s[i]); i++ {
	}
	keyEnd := i
	if i == len(s) || s[i] != '=' {
		return start
	}
	i++
	value, how := i, verbatim
	if i < len(s) && (s[i] == '"' || s[i] == '\'') {
		quote := s[i]
		for i++; i < len(s) && isEnclosedByte(s[i]); i++ {
		}
		if i == len(s) || s[i] != quote {
			return start
		}
		i++
		how = enclosed
	} else {
		for i < len(s) && isPlainByte(s[i]) {
			i++
		}
	}
	end := i
	comment := text.Span{}
	if f.valid && i+1 < len(s) && s[i] == ' ' && s[i+1] == '#' {
		comment = text.Span{Start: i + 1, End: lineText(s, i)}
		i = comment.End
	}
	if i < len(s) && s[i] == '\r' {
		i++
	}
	if i < len(s) && s[i] != '\n' || i == len(s) && s[i-1] == '\r' {
		return start
	}
	i = min(i+1, len(s))
	e := Entry{
		Lost: f.Stop != nil, form: how, line: int32(start), lineEnd: int32(i),
		key: int32(start), keyEnd: int32(keyEnd), value: int32(value), valueEnd: int32(end),
	}
	e.setComment(comment)
	f.Entries = append(f.Entries, e)
	return i
}

// read takes one logical line through both stages.
func (f *File) read(i int) (logical, assignment) {
	line := readLogical(f.text, i)
	if !f.valid && !utf8.ValidString(f.text[i:line.next]) {
		line.failed, line.at = invalid, i+invalidOffset(f.text[i:line.next])
	}
	if line.failed != fine || line.dropped {
		return line, assignment{empty: true}
	}
	return line, parseAssignment(f.text, line.start, line.end)
}

func invalidOffset(s string) int {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(s)
}

// keep records a logical line that could be read.
func (f *File) keep(line logical, a *assignment) {
	if line.dropped {
		f.comment(line.start, line.comment)
		return
	}
	if a.empty {
		return
	}
	e := Entry{Lost: f.Stop != nil, form: a.form, odd: true}
	e.setKey(a.key, a.keyEnd)
	e.setLine(text.Span{Start: line.start, End: line.next})
	e.setValue(text.Span{Start: a.value, End: a.valueEnd})
	switch {
	case line.comment >= 0:
		start := line.comment
		if a.comment >= 0 {
			start = a.comment
		}
		e.setComment(text.Span{Start: start, End: lineText(f.text, line.comment)})
	case a.comment >= 0:
		e.setComment(text.Span{Start: a.comment, End: line.end})
	}
	f.odd = append(f.odd, len(f.Entries))
	f.Entries = append(f.Entries, e)
}

// comment records the assignment that a comment line seems to hold, and returns
// where the next line begins. start is the line, sign its '#'.
func (f *File) comment(start, sign int) (next int) {
	s := f.text
	next = lineEnd(s, sign)
	i := sign
	for i < next && (s[i] == '#' || isBlank(s[i])) {
		i++
	}
	if i == next || !isKeyStart(s[i]) {
		return next
	}
	if e, ok := guess(s, i, next, false); ok {
		e.line = int32(start)
		f.Commented = append(f.Commented, e)
	}
	return next
}

// guessed records what the physical line at i seems to assign, and returns
// where the next one begins.
func (f *File) guessed(i int) (next int) {
	next = lineEnd(f.text, i)
	if e, ok := guess(f.text, i, next, true); ok {
		e.Lost, e.odd = true, true
		f.odd = append(f.odd, len(f.Entries))
		f.Entries = append(f.Entries, e)
	}
	return next
}

// guess takes a name and a value from a physical line that dbt does not read as
// an assignment. Foreign spellings ("set K=v", "K: v") count if foreign is set.
func guess(s string, start, next int, foreign bool) (Entry, bool) {
	end := trimSpace(s, start, next)
	i := skipSpace(s, start, end)
	quoted := false
	if word := prefix(s[i:end], foreign); word > 0 {
		quoted = s[i+word-1] == '"'
		i += word
	}
	key := i
	for i < end && (isKeyByte(s[i]) || foreign && s[i] == '-') {
		i++
	}
	keyEnd := i
	if keyEnd == key || !hasLetter(s[key:keyEnd]) {
		return Entry{}, false
	}
	i = skipSpace(s, i, end)
	after := operator(s[i:end], s[key:keyEnd], foreign)
	if after == 0 {
		return Entry{}, false
	}
	eq := i + after
	value := skipSpace(s, eq, end)
	if quoted && s[end-1] == '"' && end-1 > value {
		end--
	}
	e := Entry{form: guessedForm}
	e.setKey(key, keyEnd)
	e.setLine(text.Span{Start: start, End: next})
	written, comment := guessValue(s, eq, value, end)
	e.setValue(written)
	e.setComment(comment)
	return e, true
}

func hasLetter(name string) bool {
	for i := range len(name) {
		if isKeyStart(name[i]) {
			return true
		}
	}
	return false
}

// prefix returns the length of a word before the name that does not belong to
// it: "export ", with foreign also that of other shells.
func prefix(s string, foreign bool) int {
	if rest, ok := strings.CutPrefix(s, "export"); ok && rest != "" && (rest[0] == ' ' || rest[0] == '\t') {
		return len(s) - len(strings.TrimLeft(rest, " \t"))
	}
	if !foreign {
		return 0
	}
	if len(s) > 5 && strings.EqualFold(s[:5], "$env:") {
		return 5
	}
	for _, word := range []string{"set", "EXPORT", "export"} {
		if len(s) <= len(word) || !strings.EqualFold(s[:len(word)], word) || s[len(word)] != ' ' && s[len(word)] != '\t' {
			continue
		}
		rest := strings.TrimLeft(s[len(word):], " \t")
		if word == "set" && strings.HasPrefix(rest, `"`) {
			rest = rest[1:]
		}
		return len(s) - len(rest)
	}
	return 0
}

// operator returns the length of what stands between a name and its value: '='
// or, with foreign, another sign, which needs a name in capitals.
func operator(s, name string, foreign bool) int {
	switch {
	case strings.HasPrefix(s, "="):
		return 1
	case !foreign || len(s) == 0:
		return 0
	case len(s) > 1 && s[1] == '=' && strings.IndexByte("+:?", s[0]) >= 0:
		return 2
	case s[0] == ':' && (len(s) == 1 || s[1] == ' ' || s[1] == '\t') && strings.ToUpper(name) == name:
		return 1
	}
	return 0
}

// guessValue finds the end of a value as a person sees it: at the closing quote
// if it begins with one, at a '#' after a blank, at the end of the line.
func guessValue(s string, eq, value, end int) (val, comment text.Span) {
	if value >= end {
		return text.At(eq), text.Span{}
	}
	if s[value] == '#' {
		return text.At(eq), text.Span{Start: value, End: end}
	}
	from := value
	if q := s[value]; q == '"' || q == '\'' {
		if n := strings.IndexByte(s[value+1:end], q); n >= 0 {
			after := value + n + 2
			hash := skipSpace(s, after, end)
			if hash < end && s[hash] == '#' {
				return text.Span{Start: value, End: after}, text.Span{Start: hash, End: end}
			}
			from = after
		}
	}
	for i := from + 1; i < end; i++ {
		if s[i] == '#' && (s[i-1] == ' ' || s[i-1] == '\t') {
			return text.Span{Start: value, End: trimSpace(s, value, i)}, text.Span{Start: i, End: end}
		}
	}
	return text.Span{Start: value, End: end}, text.Span{}
}
