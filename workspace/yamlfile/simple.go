package yamlfile

import "bytes"

// Simple reports whether content surely is YAML without a Problem. It knows the
// YAML that nearly all properties files are written in: block mappings and
// sequences of values that end on their line, and texts behind | and >. Where it
// says false, only Parse can tell. It makes no tree, so that tens of thousands of
// files can be looked at.
func Simple(content []byte) bool {
	if len(content) > MaxSize || !isASCII(content) {
		return false
	}
	var p simple
	for first := true; len(content) > 0; first = false {
		line := content
		if end := bytes.IndexByte(content, '\n'); end >= 0 {
			line, content = content[:end], content[end+1:]
		} else {
			content = nil
		}
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if first && string(line) == "---" {
			continue
		}
		if !p.line(line) {
			return false
		}
	}
	return p.depth > 0 // whether nothing is something is left to Parse
}

// The limits of what is simple.
const (
	simpleDepth  = 24  // levels
	simpleKeys   = 100 // keys of all mappings that are open
	simpleLine   = 900 // bytes of a line that may hold a key
	simpleNumber = 18  // bytes of what may be a number
)

// simple is the state of Simple between two lines.
type simple struct {
	levels [simpleDepth]level
	depth  int                // of levels, how many are open
	keys   [simpleKeys][]byte // of the open mappings, the outermost first
	count  int                // of keys
	text   blockText
}

// A level is a mapping or a sequence that is open.
type level struct {
	indent   int
	sequence bool
	waiting  bool // the last key or dash has no value yet
	keys     int  // where its keys begin
}

// blockText is a text behind | or >.
type blockText struct {
	open   bool
	parent int // it is indented more than this
	indent int // of its first line; 0 before that
	blank  int // the longest of the blank lines before that
}

// isASCII reports whether a content has only letters, signs and the line ends LF
// and CRLF.
func isASCII(content []byte) bool {
	for i, c := range content {
		if (c < ' ' || c > '~') && c != '\n' && (c != '\r' || i+1 == len(content) || content[i+1] != '\n') {
			return false
		}
	}
	return true
}

func trimLeft(s []byte) []byte {
	for len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	return s
}

func trimRight(s []byte) []byte {
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}

// line reads one line, and reports whether it is simple.
func (p *simple) line(line []byte) bool {
	rest := trimLeft(line)
	indent := len(line) - len(rest)
	if p.text.open {
		if inside, ok := p.text.line(indent, len(rest) == 0); !ok || inside {
			return ok
		}
	}
	switch {
	case len(rest) == 0 || rest[0] == '#':
		return true
	case len(line) > simpleLine, bytes.HasPrefix(line, []byte("---")), bytes.HasPrefix(line, []byte("...")):
		return false
	}
	return p.entry(indent, trimRight(rest))
}

// line reports whether a line belongs to the text; ok is false where only Parse
// can tell.
func (t *blockText) line(indent int, blank bool) (inside, ok bool) {
	switch {
	case blank && t.indent == 0:
		t.blank = max(t.blank, indent)
		return true, true
	case blank:
		return true, true
	case t.indent == 0 && indent > t.parent:
		t.indent = indent
		return true, indent >= t.blank
	case t.indent > 0 && indent >= t.indent:
		return true, true
	}
	t.open = false
	return false, indent <= t.parent
}

// entry reads "- entry", "key:", "key: value", or the value of a dash.
func (p *simple) entry(indent int, s []byte) bool {
	if s[0] == '-' && (len(s) == 1 || s[1] == ' ') {
		if !p.dash(indent) {
			return false
		}
		rest := trimLeft(s[1:])
		if len(rest) == 0 || rest[0] == '#' {
			return len(rest) == 0
		}
		return p.item(indent+len(s)-len(rest), rest)
	}
	key, value, ok := cutKey(s)
	return ok && p.key(indent, key) && p.value(value)
}

// item reads what stands behind a dash on its line.
func (p *simple) item(indent int, s []byte) bool {
	if _, _, isKey := cutKey(s); isKey || s[0] == '-' {
		return p.entry(indent, s)
	}
	return p.value(s)
}

// dash begins an item of the sequence at an indentation.
func (p *simple) dash(indent int) bool {
	p.closeBelow(indent)
	top := p.top()
	if top == nil || !top.sequence || top.indent != indent {
		compact := top != nil && !top.sequence && top.indent == indent // a sequence that is not indented below its key
		if !p.begin(indent, compact) {
			return false
		}
		p.top().sequence = true
	}
	p.top().waiting = true
	return true
}

// key begins an entry of the mapping at an indentation.
func (p *simple) key(indent int, key []byte) bool {
	p.closeBelow(indent)
	if n := p.depth; n > 1 && p.levels[n-1].sequence && p.levels[n-1].indent == indent {
		p.close()
	}
	top := p.top()
	if top == nil || top.sequence || top.indent != indent {
		if !p.begin(indent, false) {
			return false
		}
		top = p.top()
	}
	if p.count == simpleKeys {
		return false
	}
	for _, earlier := range p.keys[top.keys:p.count] {
		if bytes.Equal(earlier, key) {
			return false
		}
	}
	p.keys[p.count] = key
	p.count++
	top.waiting = true
	return true
}

func (p *simple) top() *level {
	if p.depth == 0 {
		return nil
	}
	return &p.levels[p.depth-1]
}

func (p *simple) close() {
	p.depth--
	p.count = p.levels[p.depth].keys
}

// closeBelow closes the levels that are indented more.
func (p *simple) closeBelow(indent int) {
	for p.depth > 0 && p.levels[p.depth-1].indent > indent {
		p.close()
	}
}

// begin opens a level as the value of the key or dash before it.
func (p *simple) begin(indent int, compact bool) bool {
	if top := p.top(); top == nil {
		if indent > 0 {
			return false
		}
	} else {
		if !top.waiting || !compact && indent <= top.indent || p.depth == simpleDepth {
			return false
		}
		top.waiting = false
	}
	p.levels[p.depth] = level{indent: indent, keys: p.count}
	p.depth++
	return true
}

// value reads what stands behind a key or a dash: nothing, a comment, a text, a
// list of words, or the sign of a text on the lines below.
func (p *simple) value(s []byte) bool {
	if len(s) == 0 || s[0] == '#' {
		return true
	}
	top := p.top()
	top.waiting = false
	switch s[0] {
	case '|', '>':
		p.text = blockText{open: true, parent: top.indent}
		return len(s) == 1 || len(s) == 2 && (s[1] == '-' || s[1] == '+')
	case '"', '\'':
		return isQuoted(s)
	case '[':
		return isWordList(s)
	}
	return isSimpleText(s)
}

// cutKey takes "key: value" apart, for keys that are surely texts.
func cutKey(s []byte) (key, value []byte, ok bool) {
	n := 0
	for n < len(s) && (isLetter(s[n]) || n > 0 && isKeySign(s[n])) {
		n++
	}
	if n == 0 || n == len(s) || s[n] != ':' {
		return nil, nil, false
	}
	key, value = s[:n], trimLeft(s[n+1:])
	if len(value) == len(s)-n-1 && len(value) > 0 || isConstant(key) { // no blank behind the colon
		return nil, nil, false
	}
	return key, value, true
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

func isKeySign(c byte) bool { return c >= '0' && c <= '9' || c == '-' || c == '.' }

// isConstant reports whether a word may be something else than a text.
func isConstant(word []byte) bool {
	if len(word) > len("false") {
		return false
	}
	switch string(bytes.ToLower(word)) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return true
	}
	return false
}

// isQuoted reports whether s is one text in quotes, without a quote or an escape
// in it, and at most a comment behind it.
func isQuoted(s []byte) bool {
	end := bytes.IndexByte(s[1:], s[0]) + 1
	return end > 0 && bytes.IndexByte(s[:end], '\\') < 0 && isComment(s[end+1:])
}

func isComment(s []byte) bool {
	return len(s) == 0 || bytes.HasPrefix(bytes.TrimLeft(s, " "), []byte("#")) && s[0] == ' '
}

// isWordList reports whether s is a list such as [unique, not_null].
func isWordList(s []byte) bool {
	end := bytes.IndexByte(s, ']')
	if end < 0 || !isComment(s[end+1:]) {
		return false
	}
	if end == 1 {
		return true
	}
	for word := range bytes.SplitSeq(s[1:end], []byte(",")) {
		word = bytes.Trim(word, " ")
		if len(word) == 0 {
			return false
		}
		if c, last := word[0], len(word)-1; (c == '"' || c == '\'') && last > 0 && word[last] == c {
			word = word[1:last]
		}
		for i, c := range word {
			if !isLetter(c) && (i == 0 || !isKeySign(c)) {
				return false
			}
		}
	}
	return true
}

// isSimpleText reports whether s is a text without quotes, with at most a comment
// behind it.
func isSimpleText(s []byte) bool {
	if c := s[0]; !isLetter(c) && (c < '0' || c > '9') && c != '.' && c != '/' && c != '(' && c != '$' {
		return false
	}
	if comment := pair(s, ' ', '#'); comment >= 0 {
		s = trimRight(s[:comment])
	}
	if len(s) > simpleNumber && !isLetter(s[0]) || s[len(s)-1] == ':' {
		return false
	}
	return pair(s, ':', ' ') < 0
}

// pair returns where two bytes stand side by side, -1 where they do not. The
// rarer of the two is a sign, which most texts do not have.
func pair(s []byte, a, b byte) int {
	sign, at := a, 0
	if a == ' ' {
		sign, at = b, 1
	}
	for i := 0; ; i++ {
		next := bytes.IndexByte(s[i:], sign)
		if next < 0 {
			return -1
		}
		i += next
		if start := i - at; start >= 0 && start+1 < len(s) && s[start] == a && s[start+1] == b {
			return start
		}
	}
}
