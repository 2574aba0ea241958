package report

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/server/words"
)

// Text writes the status for people: the four concerns of every project with
// their marks, the place that each value comes from, and, numbered, what can be
// done next. What is fine is counted where it does not fit on a screen, unless
// all of it is wanted.
func (s *Status) Text(w io.Writer, style Style, all bool) error {
	t := &textWriter{w: w, paint: painter{style}}
	if len(s.Projects) == 0 {
		t.printf("No dbt project.\n")
	}
	for i, p := range s.Projects {
		if i > 0 {
			t.printf("\n")
		}
		t.status(p, all)
	}
	return t.err
}

func (t *textWriter) status(p StatusProject, all bool) {
	t.printf("%s %s\n", t.paint.bold(visible(or(p.Name, "unnamed project"))), t.paint.dim("in "+visible(p.Root)))
	concerns := p.Concerns
	if !all {
		concerns = onScreen(concerns)
	}
	t.nodes(concerns, 0)
	t.actions(p.Concerns)
	if p.OK {
		t.printf("No error and no warning.\n")
		return
	}
	t.printf("%s, %s; %s shows them.\n", words.Plural(p.errors, "error"), words.Plural(p.warnings, "warning"), t.paint.code("dbt-hybrid check"))
}

const (
	screen    = 30 // lines of nodes that are read at a glance
	textLimit = 8  // siblings that stand side by side where there is room
	manyLines = 12 // siblings that are shown although there is no room
)

// onScreen folds what is fine until a screen holds the nodes, or there is
// nothing more to fold.
func onScreen(concerns []Node) []Node {
	var folded []Node
	for limit := textLimit; limit >= 0; limit /= 2 {
		folded = make([]Node, len(concerns))
		for i, concern := range concerns {
			folded[i] = cut(Folded(concern, limit))
		}
		if lines(folded) <= screen || limit == 0 {
			break
		}
	}
	return folded
}

// cut leaves away what stands below the line that counts what is fine or below
// a collapsed one, and counts more of the same than anybody reads.
func cut(n Node) Node {
	if n.Key == fineKey || n.Collapsed {
		n.Children = nil
	}
	var children []Node
	more := Node{Key: "more"}
	left := 0
	for _, child := range n.Children {
		if child.Key != fineKey && len(children) == manyLines {
			left++
			if more.Mark != MarkError {
				more.Mark = child.Mark
			}
			continue
		}
		if child.Key == fineKey && left > 0 {
			more.Label = strconv.Itoa(left) + " more like these"
			children, left = append(children, more), 0
		}
		children = append(children, cut(child))
	}
	if left > 0 {
		more.Label = strconv.Itoa(left) + " more like these"
		children = append(children, more)
	}
	n.Children = children
	return n
}

func lines(nodes []Node) int {
	n := len(nodes)
	for _, node := range nodes {
		n += lines(node.Children)
	}
	return n
}

// nodes writes siblings, a line each, and indented the lines below them. Their
// values stand in one column.
func (t *textWriter) nodes(nodes []Node, depth int) {
	column := 0
	for _, n := range nodes {
		if size := utf8.RuneCountInString(n.Label); n.Value != "" && size <= widestLabel {
			column = max(column, size)
		}
	}
	for _, n := range nodes {
		t.node(n, depth, column)
		t.nodes(n.Children, depth+1)
	}
}

// widestLabel is the longest label, in columns, that others make room for.
const widestLabel = 32

func (t *textWriter) node(n Node, depth, column int) {
	same := func(s string) string { return s }
	label, from := same, t.paint.dim
	if depth == 0 {
		label = t.paint.bold
	}
	l := t.line(strings.Repeat("  ", depth)+t.paint.mark(n.Mark)+" ", 2*depth+2)
	l.words(n.Label, label)
	if n.Value != "" {
		l.column(2*depth + 2 + column)
	}
	l.words(n.Value, same)
	if n.From != nil && n.From.Text != n.Value {
		if n.From.Path != "" {
			from = func(s string) string { return t.paint.file(n.From.Path, t.paint.dim(s)) }
		}
		l.words("("+n.From.Text+")", from)
	}
	l.end()
}

// actions writes what can be done, in the order of the lines that it is about;
// the same is offered once.
func (t *textWriter) actions(nodes []Node) {
	var all []Action
	gather(nodes, &all)
	if len(all) > 0 {
		t.printf("%s\n", t.paint.bold("Next"))
	}
	for i, action := range all {
		number := right(i+1, len(all)) + ". "
		l := t.line(number, len(number))
		l.words(action.Title, func(s string) string { return s })
		switch line := cmp.Or(action.Shell, action.Typed); {
		case line != "":
			l.glue(":")
			l.whole(line, t.paint.code)
		case action.Open != "":
			l.glue(":")
			l.whole(action.Open, func(s string) string { return t.paint.link(s, t.paint.code(s)) })
		default:
			l.words("(in the editor)", t.paint.dim)
		}
		l.end()
	}
}

func gather(nodes []Node, all *[]Action) {
	for _, n := range nodes {
		for _, action := range n.Actions {
			known := slices.ContainsFunc(*all, func(a Action) bool {
				return a.Title == action.Title && a.Shell == action.Shell && a.Command == action.Command && a.Open == action.Open
			})
			if !known {
				*all = append(*all, action)
			}
		}
		if !n.Collapsed {
			gather(n.Children, all)
		}
	}
}

// right writes a number as wide as the greatest one.
func right(n, greatest int) string {
	s, width := strconv.Itoa(n), len(strconv.Itoa(greatest))
	return strings.Repeat(" ", width-len(s)) + s
}

// textLine is one line of output that goes on below itself, indented, where the
// terminal ends.
type textLine struct {
	t      *textWriter
	hang   int // columns before what goes on below
	at     int // the column that comes next
	empty  bool
	output strings.Builder
}

// line begins with a text of so many columns.
func (t *textWriter) line(begin string, columns int) *textLine {
	l := &textLine{t: t, hang: columns, at: columns, empty: true}
	l.output.WriteString(begin)
	return l
}

// column goes behind a column, if the line has not passed it; what goes on below
// begins there as well.
func (l *textLine) column(at int) {
	if l.at <= at {
		l.output.WriteString(strings.Repeat(" ", at+1-l.at))
		l.at = at + 1
	}
	l.hang = min(at+2, l.t.paint.Width/2)
}

// words writes words, painted, as many on a line as fit.
func (l *textLine) words(s string, paint func(string) string) {
	var run strings.Builder
	flush := func() {
		if run.Len() > 0 {
			l.output.WriteString(paint(run.String()))
			run.Reset()
		}
	}
	for _, word := range strings.Fields(visible(s)) {
		if l.full(word) {
			flush()
			l.below()
		}
		if !l.empty {
			l.at++
			if run.Len() > 0 {
				run.WriteByte(' ')
			} else {
				l.output.WriteByte(' ')
			}
		}
		run.WriteString(word)
		l.at, l.empty = l.at+utf8.RuneCountInString(word), false
	}
	flush()
}

// glue writes a sign behind the last word.
func (l *textLine) glue(sign string) {
	l.output.WriteString(sign)
	l.at += len(sign)
}

// whole writes what must not be broken, since somebody will copy it.
func (l *textLine) whole(s string, paint func(string) string) {
	if l.full(s) {
		l.below()
	} else {
		l.output.WriteByte(' ')
	}
	l.output.WriteString(paint(visible(s)))
	l.at += utf8.RuneCountInString(s) + 1
}

func (l *textLine) full(s string) bool {
	return l.t.paint.Width > 0 && !l.empty && l.at+1+utf8.RuneCountInString(s) > l.t.paint.Width
}

func (l *textLine) below() {
	l.output.WriteByte('\n')
	l.output.WriteString(strings.Repeat(" ", l.hang))
	l.at, l.empty = l.hang, true
}

func (l *textLine) end() { l.t.printf("%s\n", strings.TrimRight(l.output.String(), " ")) }

func or(s *string, other string) string {
	if s == nil {
		return other
	}
	return *s
}
