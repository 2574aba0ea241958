package gitfiles

import "strings"

// outcome is what comes of holding a pattern against a text. The last two spare
// an asterisk around the failed part from trying again where that is of no use.
type outcome int

const (
	matched outcome = iota
	failed
	failedToEnd      // the text is too short, wherever the asterisk ends
	failedToStarStar // no asterisk helps that may not pass a "/"
)

// wild is git's wildmatch with WM_PATHNAME: "*", "?" and "[…]" stop at "/", and
// "**" between slashes does not.
func wild(pattern, text string) outcome {
	for p := 0; p < len(pattern); p++ {
		if text == "" && pattern[p] != '*' {
			return failedToEnd
		}
		switch pattern[p] {
		case '*':
			return asterisk(pattern, p, text)
		case '?':
			if text[0] == '/' {
				return failed
			}
		case '[':
			end, ok := bracket(pattern, p, text[0])
			if end < 0 {
				return failedToEnd
			}
			if !ok || text[0] == '/' {
				return failed
			}
			p = end
		case '\\':
			if p++; p == len(pattern) || text[0] != pattern[p] {
				return failed
			}
		default:
			if text[0] != pattern[p] {
				return failed
			}
		}
		text = text[1:]
	}
	if text != "" {
		return failed
	}
	return matched
}

// asterisk holds the rest of a pattern, from one or more asterisks at p, against
// a text.
func asterisk(pattern string, p int, text string) outcome {
	rest := strings.TrimLeft(pattern[p:], "*")
	slashes := len(pattern)-p-len(rest) > 1 && (p == 0 || pattern[p-1] == '/') &&
		(rest == "" || rest[0] == '/' || strings.HasPrefix(rest, `\/`))
	if slashes && strings.HasPrefix(rest, "/") && wild(rest[1:], text) == matched {
		return matched
	}
	switch {
	case rest == "" && !slashes && strings.Contains(text, "/"):
		return failedToStarStar
	case rest == "":
		return matched
	case !slashes && rest[0] == '/':
		at := strings.IndexByte(text, '/')
		if at < 0 {
			return failed
		}
		return wild(rest[1:], text[at+1:])
	}
	for ; text != ""; text = text[1:] {
		switch got := wild(rest, text); {
		case got != failed && (!slashes || got != failedToStarStar):
			return got
		case got == failed && !slashes && text[0] == '/':
			return failedToStarStar
		}
	}
	return failedToEnd
}

// bracket tells whether c is in the class that starts at pattern[p], and where
// that ends; end is negative when it does not.
func bracket(pattern string, p int, c byte) (end int, in bool) {
	p++
	negated := p < len(pattern) && (pattern[p] == '!' || pattern[p] == '^')
	if negated {
		p++
	}
	var before byte // the start of a range that may follow
	for first := true; ; first, p = false, p+1 {
		if p >= len(pattern) {
			return -1, false
		}
		at := pattern[p]
		switch {
		case at == ']' && !first:
			return p, in != negated
		case at == '-' && before != 0 && p+1 < len(pattern) && pattern[p+1] != ']':
			if p++; pattern[p] == '\\' {
				p++
			}
			if p >= len(pattern) {
				return -1, false
			}
			in = in || before <= c && c <= pattern[p]
			before = 0
			continue
		case at == '[' && p+1 < len(pattern) && pattern[p+1] == ':':
			length := strings.IndexByte(pattern[p+2:], ']')
			if length < 0 {
				return -1, false
			}
			if name, ok := strings.CutSuffix(pattern[p+2:p+2+length], ":"); ok {
				member, known := class(name, c)
				if !known {
					return -1, false
				}
				in, before = in || member, 0
				p += 2 + length
				continue
			}
		case at == '\\':
			if p++; p >= len(pattern) {
				return -1, false
			}
			at = pattern[p]
		}
		in = in || at == c
		before = at
	}
}

// class reports whether c is in a named class of ASCII characters.
func class(name string, c byte) (in, known bool) {
	lower, upper, digit := 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9'
	printable := ' ' < c && c < 0x7f
	switch name {
	case "alnum":
		return lower || upper || digit, true
	case "alpha":
		return lower || upper, true
	case "blank":
		return c == ' ' || c == '\t', true
	case "cntrl":
		return c < ' ' || c == 0x7f, true
	case "digit":
		return digit, true
	case "graph":
		return printable, true
	case "lower":
		return lower, true
	case "print":
		return printable || c == ' ', true
	case "punct":
		return printable && !lower && !upper && !digit, true
	case "space":
		return c == ' ' || '\t' <= c && c <= '\r', true
	case "upper":
		return upper, true
	case "xdigit":
		return digit || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F', true
	}
	return false, false
}
