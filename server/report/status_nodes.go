package report

import (
	"strconv"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// Concerns describes a project by its four concerns: credentials, variables,
// engine, dbt platform. Paths are relative to the project's root, values are
// masked.
func Concerns(p *workspace.Project) []Node {
	b := newBuilder(p, p.Root, false, homely)
	return b.project(".", nil).Concerns
}

// distinct tells siblings of one key apart, in place: a file may say the same
// thing twice, and a tree takes no two lines for one.
func distinct(nodes []Node) []Node {
	seen := make(map[string]int, len(nodes))
	for i := range nodes {
		n := &nodes[i]
		seen[n.Key]++
		if times := seen[n.Key]; times > 1 {
			n.Key += "#" + strconv.Itoa(times)
		}
		distinct(n.Children)
	}
	return nodes
}

// fineKey is the key of the node that stands for siblings that are fine.
const fineKey = "fine"

// Folded returns a node with what is fine below it put under one node, wherever
// more than limit stand side by side.
func Folded(n Node, limit int) Node {
	shown, rest := fold(n.Children, limit)
	n.Children = make([]Node, len(shown), len(shown)+1)
	for i, child := range shown {
		n.Children[i] = Folded(child, limit)
	}
	if len(rest) > 0 {
		n.Children = append(n.Children, Node{Key: fineKey, Label: restLabel(rest, len(shown) > 0), Mark: restMark(rest), Children: rest})
	}
	return n
}

// fold tells which of many siblings are worth a line: what needs something, and
// plain values as long as there is room. The others are fine.
func fold(nodes []Node, limit int) (shown, rest []Node) {
	if len(nodes) <= limit {
		return nodes, nil
	}
	room := limit
	for _, n := range nodes {
		if !fine(n) {
			room--
		}
	}
	for _, n := range nodes {
		switch {
		case !fine(n):
			shown = append(shown, n)
		case n.Mark == MarkNone && room > 0:
			shown = append(shown, n)
			room--
		default:
			rest = append(rest, n)
		}
	}
	return shown, rest
}

// fine reports whether nothing about a node or below it needs anything.
func fine(n Node) bool {
	if n.Mark == MarkWarning || n.Mark == MarkError || len(n.Actions) > 0 {
		return false
	}
	for _, child := range n.Children {
		if !fine(child) {
			return false
		}
	}
	return true
}

func restLabel(rest []Node, more bool) string {
	label := strconv.Itoa(len(rest))
	if more {
		label += " more"
	}
	switch {
	case restMark(rest) == MarkNone:
		return label
	case len(rest) == 1:
		return label + " is fine"
	}
	return label + " are fine"
}

// restMark is that of folded nodes: plain where all of them are plain values.
func restMark(rest []Node) Mark {
	for _, n := range rest {
		if n.Mark != MarkNone {
			return MarkOK
		}
	}
	return MarkNone
}
