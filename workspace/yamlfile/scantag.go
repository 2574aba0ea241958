package yamlfile

import "strings"

const scanningTag = "while scanning a tag"

func (s *scanner) fetchTag() bool {
	if !s.saveKey() {
		return false
	}
	s.keyAllowed = false
	t := token{kind: tokTag, start: s.pos}
	if s.at(s.pos+1) == '<' {
		s.pos += 2
		suffix, ok := s.tagURI(t.start, "while parsing a tag", true, 0)
		if !ok {
			return false
		}
		if s.at(s.pos) != '>' {
			return s.fail(scanningTag, t.start, "did not find the expected '>'")
		}
		s.pos++
		t.suffix = suffix
	} else {
		handle, ok := s.tagHandle(t.start, scanningTag, false)
		if !ok {
			return false
		}
		if len(handle) > 1 && strings.HasSuffix(handle, "!") {
			suffix, ok := s.tagURI(t.start, "while parsing a tag", false, 0)
			if !ok {
				return false
			}
			t.value, t.suffix = handle, suffix
		} else {
			suffix, ok := s.tagURI(t.start, "while parsing a tag", false, len(handle))
			if !ok {
				return false
			}
			t.value, t.suffix = "!", handle[1:]+suffix
			if t.suffix == "" { // a lone exclamation mark
				t.value, t.suffix = "", "!"
			}
		}
	}
	if !s.blankOrEnd(s.pos) && (s.flow == 0 || s.at(s.pos) != ',') {
		return s.fail(scanningTag, t.start, "did not find expected whitespace or line break")
	}
	t.end = s.pos
	s.push(t)
	return true
}

// tagHandle reads !, !word or !word!.
func (s *scanner) tagHandle(start int, context string, directive bool) (string, bool) {
	if s.at(s.pos) != '!' {
		return "", s.fail(context, start, "did not find expected '!'")
	}
	from := s.pos
	s.pos++
	s.word()
	if s.at(s.pos) == '!' {
		s.pos++
	} else if directive && s.pos != from+1 {
		return "", s.fail("while parsing a tag directive", start, "did not find expected '!'")
	}
	return s.src[from:s.pos], true
}

// tagURI reads what may follow a handle. before is the length of what was read
// of it already: a tag must not be empty.
func (s *scanner) tagURI(start int, context string, brackets bool, before int) (string, bool) {
	var uri []byte
	for {
		c := s.at(s.pos)
		ok := isWord(c) || c != 0 && strings.IndexByte(";/?:@&=+$.%!~*'()", c) >= 0 ||
			brackets && (c == ',' || c == '[' || c == ']')
		if !ok {
			break
		}
		if c != '%' {
			uri = append(uri, c)
			s.pos++
			continue
		}
		var escaped bool
		if uri, escaped = s.uriEscape(uri, start, context); !escaped {
			return "", false
		}
	}
	if len(uri)+before == 0 {
		return "", s.fail(context, start, "did not find expected tag URI")
	}
	return string(uri), true
}

// uriEscape reads the escaped bytes of one character.
func (s *scanner) uriEscape(uri []byte, start int, context string) ([]byte, bool) {
	for width := 0; ; {
		high, low := hex(s.at(s.pos+1)), hex(s.at(s.pos+2))
		if s.at(s.pos) != '%' || high < 0 || low < 0 {
			return nil, s.fail(context, start, "did not find URI escaped octet")
		}
		octet := byte(high<<4 | low)
		if width == 0 {
			switch {
			case octet&0x80 == 0:
				width = 1
			case octet&0xE0 == 0xC0:
				width = 2
			case octet&0xF0 == 0xE0:
				width = 3
			case octet&0xF8 == 0xF0:
				width = 4
			default:
				return nil, s.fail(context, start, "found an incorrect leading UTF-8 octet")
			}
		} else if octet&0xC0 != 0x80 {
			return nil, s.fail(context, start, "found an incorrect trailing UTF-8 octet")
		}
		uri = append(uri, octet)
		s.pos += 3
		if width--; width == 0 {
			return uri, true
		}
	}
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (s *scanner) skipBlanks() {
	for s.blank(s.pos) {
		s.pos++
	}
}

func (s *scanner) fetchDirective() bool {
	s.unroll(-1)
	if !s.dropKey() {
		return false
	}
	s.keyAllowed = false
	const context = "while scanning a directive"
	t := token{start: s.pos}
	s.pos++
	name := s.word()
	switch {
	case name == "":
		return s.fail(context, t.start, "could not find expected directive name")
	case !s.blankOrEnd(s.pos):
		return s.fail(context, t.start, "found unexpected non-alphabetical character")
	case name == "YAML":
		t.kind = tokVersion
		if t.value = s.version(t.start); t.value == "" {
			return false
		}
	case name == "TAG":
		t.kind = tokTagDirective
		if !s.tagDirective(&t) {
			return false
		}
	default:
		return s.fail(context, t.start, "found unknown directive name")
	}
	t.end = s.pos
	if !s.restOfLine(context, t.start) {
		return false
	}
	s.push(t)
	return true
}

// restOfLine skips blanks, a comment and the line break.
func (s *scanner) restOfLine(context string, start int) bool {
	s.skipBlanks()
	if s.at(s.pos) == '#' {
		for !s.breakOrEnd(s.pos) {
			s.pos++
		}
	}
	if !s.breakOrEnd(s.pos) {
		return s.fail(context, start, "did not find expected comment or line break")
	}
	if s.pos < len(s.src) {
		s.newLine()
	}
	return true
}

// version reads major.minor.
func (s *scanner) version(start int) string {
	const context = "while scanning a %YAML directive"
	s.skipBlanks()
	from := s.pos
	for part := range 2 {
		digits := s.pos
		for s.at(s.pos) >= '0' && s.at(s.pos) <= '9' {
			if s.pos-digits == 9 {
				s.fail(context, start, "found extremely long version number")
				return ""
			}
			s.pos++
		}
		if s.pos == digits {
			s.fail(context, start, "did not find expected version number")
			return ""
		}
		if part == 0 {
			if s.at(s.pos) != '.' {
				s.fail(context, start, "did not find expected digit or '.' character")
				return ""
			}
			s.pos++
		}
	}
	return s.src[from:s.pos]
}

func (s *scanner) tagDirective(t *token) bool {
	const context = "while scanning a %TAG directive"
	s.skipBlanks()
	handle, ok := s.tagHandle(t.start, "while scanning a tag directive", true)
	if !ok {
		return false
	}
	if !s.blank(s.pos) {
		return s.fail(context, t.start, "did not find expected whitespace")
	}
	s.skipBlanks()
	prefix, ok := s.tagURI(t.start, "while parsing a %TAG directive", true, 0)
	if !ok {
		return false
	}
	if !s.blankOrEnd(s.pos) {
		return s.fail(context, t.start, "did not find expected whitespace or line break")
	}
	t.value, t.suffix = handle, prefix
	return true
}
