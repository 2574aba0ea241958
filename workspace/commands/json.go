package commands

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// jsonReader reads JSON with comments and trailing commas, as editors take it. It
// keeps the place of every byte of a text, and reads on behind an error.
type jsonReader struct {
	text  string
	pos   int
	depth int
}

// maxNesting bounds how deep values are read.
const maxNesting = 100

func parseJSON(s string) value {
	r := &jsonReader{text: s}
	return r.value()
}

// peek passes over blanks and comments and returns the next sign, 0 at the end.
func (r *jsonReader) peek() byte {
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; {
		case strings.HasPrefix(r.text[r.pos:], "//"):
			r.pos = r.next("\n", 2)
		case strings.HasPrefix(r.text[r.pos:], "/*"):
			r.pos = r.next("*/", 2)
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// next returns where a text ends that is looked for from an offset on.
func (r *jsonReader) next(what string, skip int) int {
	if at := strings.Index(r.text[r.pos+skip:], what); at >= 0 {
		return r.pos + skip + at + len(what)
	}
	return len(r.text)
}

func (r *jsonReader) value() value {
	r.depth++
	defer func() { r.depth-- }()
	switch c := r.peek(); {
	case c == '"':
		return r.string()
	case (c == '{' || c == '[') && r.depth < maxNesting:
		return r.members(c)
	case c != 0:
		start := r.pos
		for r.pos < len(r.text) && strings.IndexByte(",]} \t\r\n\"", r.text[r.pos]) < 0 {
			r.pos++
		}
		if r.pos == start {
			r.pos++
		}
		literal := text.Span{Start: start, End: r.pos}
		return value{span: literal, source: source{r.text[start:r.pos], func(i int) int { return start + i }}}
	}
	return value{}
}

// members reads an object or an array.
func (r *jsonReader) members(open byte) value {
	v := value{items: []value{}}
	if open == '{' {
		v = value{pairs: []pair{}}
	}
	r.pos++
	for {
		switch c := r.peek(); {
		case c == 0:
			return v
		case c == '}' || c == ']':
			r.pos++
			return v
		case c == ',' || c == ':':
			r.pos++
		case open == '[':
			v.items = append(v.items, r.value())
		default:
			key := r.value().text
			if r.peek() == ':' {
				r.pos++
				v.pairs = append(v.pairs, pair{key, r.value()})
			}
		}
	}
}

// string reads a text in quotes.
func (r *jsonReader) string() value {
	start := r.pos
	decoded, places := unescape(r.text, r.pos+1, '"')
	r.pos = min(places[len(places)-1]+1, len(r.text))
	return value{isText: true, span: text.Span{Start: start, End: r.pos}, source: source{decoded, func(i int) int { return places[i] }}}
}

// unescape decodes a text up to its closing quote, and returns for every byte, and
// for the end, where it stands.
func unescape(s string, from int, quote byte) (decoded string, places []int) {
	var out strings.Builder
	i := from
	put := func(text string, length int) {
		for range len(text) {
			places = append(places, i)
		}
		out.WriteString(text)
		i += length
	}
	for i < len(s) && s[i] != quote && s[i] != '\n' {
		switch {
		case s[i] != '\\' || i+1 >= len(s):
			put(s[i:i+1], 1)
		case s[i+1] == 'n':
			put("\n", 2)
		case s[i+1] == 't':
			put("\t", 2)
		case s[i+1] == 'r':
			put("\r", 2)
		case s[i+1] == 'u' && i+6 <= len(s):
			code, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
			if err != nil {
				code = utf8.RuneError
			}
			put(string(rune(code)), 6)
		default:
			put(s[i+1:i+2], 2)
		}
	}
	return out.String(), append(places, i)
}

// Setting returns the value of a key at the top of a JSON file with comments, as
// text, and the place of the value; ok is false where the key is missing.
func Setting(content []byte, key string) (value string, at text.Span, ok bool) {
	for _, p := range parseJSON(string(content)).pairs {
		if p.key == key && p.value.at != nil {
			value, at, ok = p.value.text, p.value.span, true // the last one counts
		}
	}
	return value, at, ok
}
