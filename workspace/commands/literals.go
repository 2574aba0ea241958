package commands

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jsonc"
)

// literals finds the calls in the texts in quotes of a program in Groovy, or of a
// TOML file, whose comments begin with #.
func (f *finder) literals(s source, toml bool) {
	for i := 0; i < len(s.text); {
		rest := s.text[i:]
		switch {
		case toml && rest[0] == '#', !toml && strings.HasPrefix(rest, "//"):
			i += lineLength(rest)
		case !toml && strings.HasPrefix(rest, "/*"):
			i += through(rest, "*/")
		case strings.HasPrefix(rest, `"""`), strings.HasPrefix(rest, "'''"):
			length := through(rest, rest[:3])
			f.shell(s.part(i+3, max(i+length-3, i+3)), posix)
			i += length
		case rest[0] == '"' || rest[0] == '\'':
			decoded, places := jsonc.Unescape(s.text, i+1, rest[0])
			f.shell(source{decoded, func(i int) int { return places[i] }}, posix)
			i = places[len(places)-1] + 1
		default:
			i++
		}
	}
}

func lineLength(s string) int {
	if at := strings.IndexByte(s, '\n'); at >= 0 {
		return at
	}
	return len(s)
}

// through is the length of a text up to its end, which is looked for behind its
// first signs.
func through(s, end string) int {
	if at := strings.Index(s[len(end):], end); at >= 0 {
		return len(end) + at + len(end)
	}
	return len(s)
}
