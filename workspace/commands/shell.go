package commands

import "strings"

// dialect is how a file writes commands.
type dialect int

const (
	posix dialect = iota
	makefile
	batch
	powershell
)

// maxDepth bounds how deep commands are looked for within words of commands.
const maxDepth = 4

// escape is the sign that takes the meaning of the next one, and that goes on
// with the next line at the end of one.
func (d dialect) escape() byte {
	switch d {
	case batch:
		return '^'
	case powershell:
		return '`'
	}
	return '\\'
}

// shell finds the calls in a text of commands.
func (f *finder) shell(s source, d dialect) {
	(&lexer{finder: f, source: s, dialect: d}).commands()
}

// lexer splits a text into commands and words.
type lexer struct {
	*finder
	source
	dialect dialect
	strict  bool // the text may be prose
	flags   bool // the text is the value of a variable that is named after dbt
	depth   int
	pos     int

	words  []word
	nested []inner // of the command so far
	skip   []string
	entry  []word // of a Dockerfile's ENTRYPOINT that is dbt
}

// inner is a text within a word that may hold commands of its own.
type inner struct {
	source
	strict, flags bool // as in lexer
}

func (l *lexer) commands() {
	number := l.list()
	lineStart := true
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; {
		case c == '\n':
			l.end()
			l.pos++
			l.heredocs()
			lineStart = true
			continue
		case c == '\r':
			l.pos++
			continue
		case c == ' ' || c == '\t':
			l.pos++
			continue
		case l.continued():
			continue
		case l.comment(lineStart):
			l.line()
			continue
		case strings.IndexByte(";&|()", c) >= 0 && (l.dialect != powershell || c != '&' || len(l.words) > 0):
			l.end()
			l.pos++
		case c == '<' || c == '>':
			l.redirection()
		default:
			l.word(number)
		}
		lineStart = false
	}
	l.end()
}

// continued passes over the end of a line that goes on in the next one.
func (l *lexer) continued() bool {
	if l.text[l.pos] != l.dialect.escape() {
		return false
	}
	rest := l.text[l.pos+1:]
	for _, end := range [...]string{"\n", "\r\n"} {
		if strings.HasPrefix(rest, end) {
			l.pos += 1 + len(end)
			return true
		}
	}
	return false
}

// comment reports whether the rest of the line is a comment.
func (l *lexer) comment(lineStart bool) bool {
	rest := l.text[l.pos:]
	if l.dialect != batch {
		return rest[0] == '#'
	}
	if !lineStart {
		return false
	}
	return strings.HasPrefix(rest, "::") || len(rest) > 3 && strings.EqualFold(rest[:3], "rem") && strings.IndexByte(" \t\r\n", rest[3]) >= 0
}

// line goes to the end of the line.
func (l *lexer) line() {
	if at := strings.IndexByte(l.text[l.pos:], '\n'); at >= 0 {
		l.pos += at
		return
	}
	l.pos = len(l.text)
}

// redirection passes over <, > and their like, and notes a text that follows.
func (l *lexer) redirection() {
	start := l.pos
	for l.pos < len(l.text) && strings.IndexByte("<>&-", l.text[l.pos]) >= 0 {
		l.pos++
	}
	if operator := l.text[start:l.pos]; (operator == "<<" || operator == "<<-") && l.dialect == posix {
		for l.pos < len(l.text) && (l.text[l.pos] == ' ' || l.text[l.pos] == '\t') {
			l.pos++
		}
		start := l.pos
		for l.pos < len(l.text) && strings.IndexByte(" \t\r\n;&|<>", l.text[l.pos]) < 0 {
			l.pos++
		}
		if len(l.words) > 0 && onlyShows(l.words[firstProgram(l.words)].text) {
			l.skip = append(l.skip, strings.Trim(l.text[start:l.pos], `'"\`))
		}
	}
}

// heredocs passes over the texts that are only shown.
func (l *lexer) heredocs() {
	for _, end := range l.skip {
		for l.pos < len(l.text) {
			start := l.pos
			l.line()
			done := strings.TrimSpace(l.text[start:l.pos]) == end
			if l.pos < len(l.text) {
				l.pos++
			}
			if done {
				break
			}
		}
	}
	l.skip = nil
}

// end ends a command.
func (l *lexer) end() {
	if len(l.words) == 0 {
		return
	}
	if l.flags {
		l.calls = append(l.calls, l.words)
	} else {
		l.image()
		l.command(l.words, l.strict)
	}
	if l.depth < maxDepth && !onlyShows(l.words[firstProgram(l.words)].text) {
		for _, in := range l.nested {
			sub := lexer{finder: l.finder, source: in.source, dialect: l.dialect, strict: in.strict, flags: in.flags, depth: l.depth + 1}
			sub.commands()
		}
	}
	l.words, l.nested = nil, nil
}

// image turns the words of a Dockerfile's ["dbt", "build"] into those that they
// stand for, with the program of ENTRYPOINT before those of CMD.
func (l *lexer) image() {
	if instruction := l.words[0].text; len(l.words) < 2 || instruction != "CMD" && instruction != "ENTRYPOINT" && instruction != "RUN" {
		return
	}
	if strings.HasPrefix(l.words[1].text, "[") {
		for i := 1; i < len(l.words); i++ {
			w := &l.words[i]
			inside := strings.TrimLeft(w.text, "[")
			w.span.Start += len(w.text) - len(inside)
			w.text = strings.TrimRight(inside, ",]")
			w.span.End -= len(inside) - len(w.text)
		}
	}
	switch {
	case l.words[0].text == "ENTRYPOINT" && isDbt(l.words[1].text):
		l.entry = l.words[1:]
	case l.words[0].text == "CMD" && l.entry != nil:
		l.words = append(l.entry[:len(l.entry):len(l.entry)], l.words[1:]...)
	}
}

// word reads one word, with what is quoted in it.
func (l *lexer) word(list int) {
	start := l.pos
	var value strings.Builder
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch {
		case strings.IndexByte(" \t\r\n;&|)<>", c) >= 0, c == '(' && l.dialect != makefile:
			l.done(start, list, value.String())
			return
		case c == '\'' && l.dialect != batch || c == '"':
			l.quoted(c, &value)
		case c == '$' && strings.HasPrefix(l.text[l.pos:], "$("), c == '`' && l.dialect == posix:
			l.substitution(&value)
		case c == '$' && strings.HasPrefix(l.text[l.pos:], "${"), c == '{' && strings.HasPrefix(l.text[l.pos:], "{{"):
			l.braces(&value)
		case c == l.dialect.escape():
			if l.pos+1 < len(l.text) && (l.text[l.pos+1] == '\n' || l.text[l.pos+1] == '\r') {
				l.done(start, list, value.String())
				return
			}
			if l.dialect == posix && l.pos+1 < len(l.text) && strings.IndexByte(" \"'$`\\#;&|()", l.text[l.pos+1]) >= 0 {
				l.pos++
			}
			value.WriteByte(l.text[l.pos])
			l.pos++
		default:
			value.WriteByte(c)
			l.pos++
		}
	}
	l.done(start, list, value.String())
}

func (l *lexer) done(start, list int, value string) {
	if l.pos == start {
		l.pos++ // a lone sign
	}
	l.words = append(l.words, word{value, l.span(start, l.pos), list})
	if assignment(value) && namesDbt(value) {
		from := start + strings.IndexByte(l.text[start:l.pos], '=') + 1
		in := l.text[from:l.pos]
		if n := len(in); n > 1 && (in[0] == '"' || in[0] == '\'') && in[n-1] == in[0] {
			l.nested = append(l.nested, inner{source: l.part(from+1, l.pos-1), flags: true})
		} else {
			l.nested = append(l.nested, inner{source: l.part(from, l.pos), flags: true})
		}
	}
}

// quoted reads what stands in quotes.
func (l *lexer) quoted(quote byte, value *strings.Builder) {
	start := l.pos + 1
	for l.pos++; l.pos < len(l.text) && l.text[l.pos] != quote; l.pos++ {
		if quote == '"' && l.text[l.pos] == l.dialect.escape() && l.pos+1 < len(l.text) {
			l.pos++
		}
		value.WriteByte(l.text[l.pos])
	}
	end := min(l.pos, len(l.text))
	if in := l.text[start:end]; strings.ContainsAny(in, " \t\n") {
		l.nested = append(l.nested, inner{source: l.part(start, end), strict: true})
	}
	l.pos = min(l.pos+1, len(l.text))
}

// substitution reads $(…) or `…`.
func (l *lexer) substitution(value *strings.Builder) {
	start, open := l.pos, 1
	from := l.pos + 1
	if l.text[l.pos] == '$' {
		from = l.pos + 2
		for l.pos = from; l.pos < len(l.text) && open > 0; l.pos++ {
			switch l.text[l.pos] {
			case '(':
				open++
			case ')':
				open--
			}
		}
	} else if at := strings.IndexByte(l.text[from:], '`'); at >= 0 {
		l.pos = from + at + 1
	} else {
		l.pos = len(l.text)
	}
	value.WriteString(l.text[start:l.pos])
	if end := max(l.pos-1, from); end <= len(l.text) && strings.ContainsAny(l.text[from:end], " \t\n") {
		l.nested = append(l.nested, inner{source: l.part(from, end)})
	}
}

// braces reads ${…} or {{…}}.
func (l *lexer) braces(value *strings.Builder) {
	closing := "}"
	if l.text[l.pos] == '{' {
		closing = "}}"
	}
	end := len(l.text)
	if at := strings.Index(l.text[l.pos:], closing); at >= 0 {
		end = l.pos + at + len(closing)
	}
	value.WriteString(l.text[l.pos:end])
	l.pos = end
}
