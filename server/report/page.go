package report

import (
	"io"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Page writes a page of the documentation, which is Markdown, for people at a
// terminal. address is where the page is on the web; its links start there.
func Page(w io.Writer, markdown, address string, style Style) error {
	p := &pageWriter{paint: painter{style}, width: style.Width}
	p.base, _ = url.Parse(address)
	lines := strings.Split(strings.TrimRight(markdown, "\n"), "\n")
	for len(lines) > 0 {
		lines = p.block(lines)
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

type pageWriter struct {
	paint painter
	width int
	base  *url.URL // nil where it is not known
	out   strings.Builder
}

// codeIndent stands before the lines of a block of code.
const codeIndent = "    "

// block writes what the lines begin with, and returns the rest.
func (p *pageWriter) block(lines []string) []string {
	line := lines[0]
	switch {
	case strings.TrimSpace(line) == "":
		p.out.WriteByte('\n')
		return lines[1:]
	case strings.HasPrefix(line, "#"):
		p.out.WriteString(p.paint.bold(strings.TrimLeft(line, "# ")) + "\n")
		return lines[1:]
	case strings.HasPrefix(line, "```"):
		n := 1
		for ; n < len(lines) && !strings.HasPrefix(lines[n], "```"); n++ {
			p.out.WriteString(strings.TrimRight(codeIndent+lines[n], " ") + "\n")
		}
		return lines[min(n+1, len(lines)):]
	case strings.HasPrefix(line, "|"):
		n := 1
		for n < len(lines) && strings.HasPrefix(lines[n], "|") {
			n++
		}
		p.table(lines[:n])
		return lines[n:]
	case isItem(line):
		n := paragraph(lines)
		p.fill("• ", "  ", p.words(strings.TrimPrefix(strings.Join(lines[:n], " "), "- ")))
		return lines[n:]
	}
	n := paragraph(lines)
	p.fill("", "", p.words(strings.Join(lines[:n], " ")))
	return lines[n:]
}

func isItem(line string) bool { return strings.HasPrefix(line, "- ") }

// paragraph counts the lines that belong together from the first one on.
func paragraph(lines []string) int {
	n := 1
	for n < len(lines) && strings.TrimSpace(lines[n]) != "" && !isItem(lines[n]) && !strings.HasPrefix(lines[n], "```") && !strings.HasPrefix(lines[n], "|") {
		n++
	}
	return n
}

// A word is what must not be broken: as it is shown, and its columns.
type word struct {
	shown string
	width int
}

// words reads code, bold text and links, and splits at blanks.
func (p *pageWriter) words(s string) []word {
	var all []word
	var last word
	add := func(text string, paint func(string) string) {
		for i, part := range strings.Split(text, " ") {
			if i > 0 {
				all, last = appendWord(all, last), word{}
			}
			if part != "" {
				last.shown += paint(part)
				last.width += utf8.RuneCountInString(part)
			}
		}
	}
	plain := func(s string) string { return s }
	for s != "" {
		at := strings.IndexAny(s, "`*[")
		if at < 0 {
			break
		}
		add(s[:at], plain)
		s = s[at:]
		switch {
		case strings.HasPrefix(s, "**") && strings.Contains(s[2:], "**"):
			text, rest, _ := strings.Cut(s[2:], "**")
			add(text, p.paint.bold)
			s = rest
		case s[0] == '`' && strings.Contains(s[1:], "`"):
			text, rest, _ := strings.Cut(s[1:], "`")
			if !p.paint.Color {
				text = "`" + text + "`"
			}
			add(text, p.paint.code)
			s = rest
		case s[0] == '[' && strings.Contains(s, "](") && strings.Contains(s, ")"):
			text, rest, _ := strings.Cut(s[1:], "](")
			address, rest, _ := strings.Cut(rest, ")")
			to := p.address(address)
			add(text, func(s string) string { return p.paint.link(to, s) })
			if !p.paint.Links && strings.Contains(address, "://") {
				add(" ("+address+")", plain)
			}
			s = rest
		default:
			add(s[:1], plain)
			s = s[1:]
		}
	}
	add(s, plain)
	return appendWord(all, last)
}

func appendWord(all []word, last word) []word {
	if last.width == 0 {
		return all
	}
	return append(all, last)
}

func (p *pageWriter) address(s string) string {
	if p.base == nil {
		return s
	}
	to, err := p.base.Parse(s)
	if err != nil {
		return s
	}
	return to.String()
}

// fill writes words in lines that fit the terminal.
func (p *pageWriter) fill(first, indent string, words []word) {
	for i, line := range p.lines(words, p.width-utf8.RuneCountInString(first)) {
		if i == 0 {
			p.out.WriteString(first)
		} else {
			p.out.WriteString(indent)
		}
		p.out.WriteString(line.shown + "\n")
	}
}

// lines breaks words into lines of a width; a line holds one word at least.
func (p *pageWriter) lines(words []word, width int) []word {
	var all []word
	var line word
	for _, w := range words {
		switch {
		case line.width == 0:
			line = w
		case p.width > 0 && line.width+1+w.width > width:
			all = append(all, line)
			line = w
		default:
			line.shown += " " + w.shown
			line.width += 1 + w.width
		}
	}
	return appendWord(all, line)
}

// table writes the rows of a table; its last column takes what room is left.
func (p *pageWriter) table(rows []string) {
	var cells [][][]word
	var widths []int
	for i, row := range rows {
		if i == 1 { // the line below the head
			continue
		}
		var parsed [][]word
		for n, cell := range strings.Split(strings.Trim(row, "|"), "|") {
			words := p.words(strings.TrimSpace(cell))
			parsed = append(parsed, words)
			width := 0
			for _, line := range p.lines(words, 1<<20) {
				width = line.width
			}
			if n == len(widths) {
				widths = append(widths, 0)
			}
			widths[n] = max(widths[n], width)
		}
		cells = append(cells, parsed)
	}
	for i, row := range cells {
		p.row(row, widths, i == 0)
	}
}

func (p *pageWriter) row(cells [][]word, widths []int, head bool) {
	const gap = "  "
	var start strings.Builder
	used := 0
	for n, cell := range cells {
		lines := p.lines(cell, max(p.width-used, 20))
		if n == len(cells)-1 {
			for i, line := range lines {
				if i > 0 {
					start.WriteString("\n" + strings.Repeat(" ", used))
				}
				start.WriteString(p.head(line.shown, head))
			}
			break
		}
		line := word{}
		if len(lines) > 0 {
			line = p.lines(cell, 1<<20)[0]
		}
		start.WriteString(p.head(line.shown, head) + strings.Repeat(" ", widths[n]-line.width) + gap)
		used += widths[n] + len(gap)
	}
	p.out.WriteString(strings.TrimRight(start.String(), " ") + "\n")
}

func (p *pageWriter) head(s string, head bool) string {
	if head {
		return p.paint.bold(s)
	}
	return s
}
