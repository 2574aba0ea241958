package yamlfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Quote returns a scalar that reads back as value, with quotes around it that
// leave Jinja inside as it is where one kind can do that.
func Quote(value string) string {
	if strings.ContainsFunc(value, needsEscape) || !utf8.ValidString(value) {
		return escape(value)
	}
	return quoteLines(value)
}

// quoteLines puts quotes around a text that may stay in several lines.
func quoteLines(s string) string {
	if strings.ContainsAny(s, `"\`) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return `"` + s + `"`
}

// needsEscape reports whether a character can stand only in double quotes, escaped.
func needsEscape(r rune) bool {
	return r < ' ' || r >= 0x7F && r < 0xA0 || r == 0x2028 || r == 0x2029 || r == 0xFEFF || r == 0xFFFE || r == 0xFFFF
}

func escape(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range value {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case needsEscape(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// InsertKey returns the edit that adds `key: value` at the end of a mapping of
// f, or of the top level when parent is nil. A value that is missing becomes a
// mapping. The value is YAML as it is to stand there; further lines of it are
// indented to fit. For any other parent the edit is empty.
func (f *File) InsertKey(parent *Node, key, value string) text.Edit {
	if parent == nil {
		if parent = f.Root; parent == nil {
			return f.AppendTopLevel(key + ": " + value)
		}
	}
	switch parent = parent.Resolved(); {
	case parent.Kind == Mapping && parent.Style == Flow:
		return f.insertFlow(parent, key+": "+value)
	case parent.Kind == Mapping:
		indent := strings.Repeat(" ", f.column(parent.begin()))
		return f.newLine(parent.Span.End, indent, key+": "+value)
	case parent.Kind == Scalar && parent.Style == Plain && parent.Span.Empty():
		line := f.Lines.Line(f.Lines.LineOf(parent.Span.Start))
		shallow := strings.TrimLeft(string(line.Of(f.Content)), " -")
		indent := strings.Repeat(" ", line.Len()-len(shallow)+f.step())
		return f.newLine(parent.Span.End, indent, key+": "+value)
	case parent.IsNull():
		return text.Edit{Span: parent.Span, New: "{" + key + ": " + value + "}"}
	}
	return text.Edit{}
}

// AppendTopLevel returns the edit that adds lines of YAML after everything
// else in f, in the indentation of its top level.
func (f *File) AppendTopLevel(lines string) text.Edit {
	lines = strings.TrimRight(lines, "\r\n")
	indent := ""
	if f.Root != nil && f.Root.Style == Block {
		indent = strings.Repeat(" ", f.column(f.Root.begin()))
	}
	ending := text.LineEnding(f.Content)
	at := len(f.Content)
	for n := f.Lines.Count() - 1; n >= 0; n-- {
		line := f.Lines.Line(n)
		if words := strings.Fields(string(line.Of(f.Content))); len(words) > 0 {
			if words[0] == "..." && line.Of(f.Content)[0] == '.' {
				at = line.Start
			}
			break
		}
	}
	added := indent + strings.ReplaceAll(strings.ReplaceAll(lines, "\r\n", "\n"), "\n", ending+indent)
	edit := text.Edit{Span: text.At(at), New: added + ending}
	if at > 0 && f.Content[at-1] != '\n' && f.Content[at-1] != '\r' && string(f.Content) != bom {
		edit.New = ending + edit.New
	}
	return edit
}

// newLine adds lines below the one that holds an offset.
func (f *File) newLine(after int, indent, lines string) text.Edit {
	ending := text.LineEnding(f.Content)
	at := f.Lines.Line(f.Lines.LineOf(after)).End
	lines = strings.ReplaceAll(strings.TrimRight(lines, "\r\n"), "\r\n", "\n")
	return text.Edit{Span: text.At(at), New: ending + indent + strings.ReplaceAll(lines, "\n", ending+indent)}
}

// column returns how far an offset is into its line.
func (f *File) column(offset int) int {
	start := f.Lines.Line(f.Lines.LineOf(offset)).Start
	if start == 0 && strings.HasPrefix(string(f.Content[:min(3, len(f.Content))]), bom) {
		start = len(bom)
	}
	return offset - start
}

// step returns how many blanks the file indents by: those of its first nested
// mapping, else 2.
func (f *File) step() int {
	if f.Root != nil {
		for _, p := range f.Root.Pairs {
			if v := p.Value; v.Kind == Mapping && v.Style == Block {
				if n := f.column(v.begin()) - f.column(p.Key.begin()); n > 0 {
					return n
				}
			}
		}
	}
	return 2
}

func (f *File) insertFlow(parent *Node, pair string) text.Edit {
	closing := parent.Span.End - 1
	if len(parent.Pairs) == 0 {
		return text.Edit{Span: text.At(parent.Span.Start + 1), New: pair}
	}
	last := parent.Pairs[len(parent.Pairs)-1]
	end := max(last.Key.Span.End, last.Value.Span.End)
	separator := ", "
	if i := strings.IndexByte(string(f.Content[end:closing]), ','); i >= 0 {
		end += i + 1
		separator = " "
	}
	line := f.Lines.Line(f.Lines.LineOf(last.Key.begin()))
	before := string(f.Content[line.Start:last.Key.begin()])
	if strings.Trim(before, " ") == "" && f.Lines.LineOf(closing) > f.Lines.LineOf(end) {
		separator = strings.TrimRight(separator, " ") + text.LineEnding(f.Content) + before
	}
	return text.Edit{Span: text.At(end), New: separator + pair}
}

// RemovePair returns the edit that removes a pair of a mapping of f: with its
// lines, or with its comma in a mapping in braces. Comments above it stay.
func (f *File) RemovePair(parent *Node, p Pair) text.Edit {
	i := 0
	for i < len(parent.Pairs) && parent.Pairs[i] != p {
		i++
	}
	if i == len(parent.Pairs) {
		return text.Edit{}
	}
	start, end := p.Key.begin(), max(p.Key.Span.End, p.Value.Span.End)
	if parent.Style == Flow {
		switch {
		case i+1 < len(parent.Pairs):
			end = parent.Pairs[i+1].Key.begin()
		case i > 0:
			previous := parent.Pairs[i-1]
			start = max(previous.Key.Span.End, previous.Value.Span.End)
		}
		return text.Edit{Span: text.Span{Start: start, End: end}}
	}
	first, last := f.Lines.LineOf(start), f.Lines.LineOf(end)
	lineStart := f.Lines.Line(first).Start
	if strings.Trim(string(f.Content[lineStart:start]), " ") == "" {
		return text.Edit{Span: text.Span{Start: lineStart, End: f.Lines.LineWithEnd(last).End}}
	}
	if i+1 < len(parent.Pairs) {
		return text.Edit{Span: text.Span{Start: start, End: parent.Pairs[i+1].Key.begin()}}
	}
	return text.Edit{Span: text.Span{Start: start, End: f.Lines.Line(last).End}}
}

// TabEdits returns the edits that turn the tabs of all indentations into
// blanks, when that makes a file readable whose tabs break it, and only one
// reading is possible: every width of a tab gives the same tree. Else none.
func (f *File) TabEdits() []text.Edit {
	if bytes.IndexByte(f.Content, '\t') < 0 {
		return nil
	}
	var chosen []text.Edit
	shape := ""
	for _, width := range []int{2, 4, 8} {
		edits := f.tabsAs(width)
		content, err := text.Apply(f.Content, edits)
		if err != nil || len(edits) == 0 {
			return nil
		}
		g := Parse(content)
		if g.Broken() {
			continue
		}
		left := len(content) * 8
		tree := g.Root.written(&left, 0)
		if chosen != nil && tree != shape {
			return nil
		}
		if chosen == nil {
			chosen, shape = edits, tree
		}
	}
	return chosen
}

// tabsAs replaces the tabs in front of every line's text.
func (f *File) tabsAs(width int) []text.Edit {
	var edits []text.Edit
	for n := range f.Lines.Count() {
		line := f.Lines.Line(n)
		content := string(line.Of(f.Content))
		indent := content[:len(content)-len(strings.TrimLeft(content, " \t-"))]
		if !strings.Contains(indent, "\t") {
			continue
		}
		var b strings.Builder
		for _, c := range indent {
			if c != '\t' {
				b.WriteRune(c)
				continue
			}
			b.WriteString(strings.Repeat(" ", width-b.Len()%width))
		}
		edits = append(edits, text.Edit{Span: text.Span{Start: line.Start, End: line.Start + len(indent)}, New: b.String()})
	}
	return edits
}
