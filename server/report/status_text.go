package report

import (
	"io"
	"strings"
)

// Text writes the status for people: the four concerns of every project with
// their marks, the place that each value comes from, and, numbered, what can be
// done next.
func (s *Status) Text(w io.Writer, style Style) error {
	t := &textWriter{w: w, paint: painter{style}}
	if len(s.Projects) == 0 {
		t.printf("No dbt project.\n")
	}
	for i, p := range s.Projects {
		if i > 0 {
			t.printf("\n")
		}
		t.status(p)
	}
	return t.err
}

func (t *textWriter) status(p StatusProject) {
	t.printf("%s %s\n", t.paint.bold(or(p.Name, "unnamed project")), t.paint.dim("in "+p.Root))
	for _, concern := range p.Concerns {
		t.node(concern, 1)
	}
	t.actions(p.Concerns)
	if p.OK {
		t.printf("  No error and no warning.\n")
		return
	}
	t.printf("  %s, %s; `dbt-hybrid check` shows them.\n", plural(p.errors, "error"), plural(p.warnings, "warning"))
}

// node writes a line and, indented, the lines below it.
func (t *textWriter) node(n Node, depth int) {
	label, value, from := n.Label, n.Value, ""
	if depth == 1 || len(n.Children) > 0 || len(label) < labelWidth {
		label += strings.Repeat(" ", max(0, labelWidth-len(label)))
	}
	if n.From != nil && n.From.Text != n.Value {
		from = t.paint.dim("(" + n.From.Text + ")")
	}
	line := strings.Join(strings.Fields(value+" "+from), " ")
	t.printf("%s%s %s\n", strings.Repeat("  ", depth-1), t.paint.mark(n.Mark), strings.TrimRight(label+" "+line, " "))
	for _, child := range n.Children {
		t.node(child, depth+1)
	}
}

// labelWidth is the width of the column of labels, in bytes: labels are ASCII
// or stand alone on their line.
const labelWidth = 12

// actions writes what can be done about the lines, in their order.
func (t *textWriter) actions(nodes []Node) {
	n := 0
	for _, node := range nodes {
		n = t.actionsOf(node, n)
	}
}

func (t *textWriter) actionsOf(node Node, n int) int {
	for _, action := range node.Actions {
		if n == 0 {
			t.printf("  Next:\n")
		}
		n++
		line := action.Title
		if action.Shell != "" {
			line += ": " + t.paint.code(action.Shell)
		}
		t.printf("    %d. %s\n", n, line)
	}
	for _, child := range node.Children {
		n = t.actionsOf(child, n)
	}
	return n
}

func or(s *string, other string) string {
	if s == nil {
		return other
	}
	return *s
}
