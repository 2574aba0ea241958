package yamlfile

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// outline writes a tree so that it can be compared with yaml.v3's.
func outline(n *Node) string {
	switch {
	case n == nil:
		return "nothing"
	case n.Kind == Alias:
		return "*" + n.properties.anchor
	}
	var b strings.Builder
	if n.properties != nil && n.properties.anchor != "" {
		fmt.Fprintf(&b, "&%s ", n.properties.anchor)
	}
	switch n.Kind {
	case Scalar:
		fmt.Fprintf(&b, "%d%q", n.Style, n.Value)
	case Mapping:
		b.WriteString("{")
		for _, p := range n.Pairs {
			fmt.Fprintf(&b, "%s: %s, ", outline(p.Key), outline(p.Value))
		}
		b.WriteString("}")
	case Sequence:
		b.WriteString("[")
		for _, item := range n.Items {
			b.WriteString(outline(item) + ", ")
		}
		b.WriteString("]")
	}
	return b.String()
}

func outlineV3(n *yaml.Node) string {
	switch n.Kind {
	case 0:
		return "nothing"
	case yaml.DocumentNode:
		return outlineV3(n.Content[0])
	case yaml.AliasNode:
		return "*" + n.Value
	}
	var b strings.Builder
	if n.Anchor != "" {
		fmt.Fprintf(&b, "&%s ", n.Anchor)
	}
	switch n.Kind {
	case yaml.ScalarNode:
		style := Plain
		for from, to := range map[yaml.Style]Style{
			yaml.SingleQuotedStyle: Single, yaml.DoubleQuotedStyle: Double, yaml.LiteralStyle: Literal, yaml.FoldedStyle: Folded,
		} {
			if n.Style&from != 0 {
				style = to
			}
		}
		fmt.Fprintf(&b, "%d%q", style, n.Value)
	case yaml.MappingNode:
		b.WriteString("{")
		for i := 0; i < len(n.Content); i += 2 {
			fmt.Fprintf(&b, "%s: %s, ", outlineV3(n.Content[i]), outlineV3(n.Content[i+1]))
		}
		b.WriteString("}")
	case yaml.SequenceNode:
		b.WriteString("[")
		for _, item := range n.Content {
			b.WriteString(outlineV3(item) + ", ")
		}
		b.WriteString("]")
	}
	return b.String()
}
