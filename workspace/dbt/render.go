package dbt

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// HasJinja reports whether dbt renders a text: whether it holds a mark that
// opens an expression or a statement. A comment alone is not rendered.
func HasJinja(s string) bool {
	return strings.Contains(s, "{{") || strings.Contains(s, "{%")
}

// Rendered is a YAML value after Jinja.
type Rendered struct {
	Text    string
	Known   bool       // false where a variable is missing or a value cannot be told from the files
	Literal bool       // no Jinja was in it
	Present bool       // the key exists and is not null
	Kind    jinja.Kind // of what Jinja gives: dbt_project.yml keeps it. KindUnknown without Jinja
}

// Render returns the text of a scalar as dbt sees it after Jinja.
func Render(node *yamlfile.Node, ctx *jinja.Context) Rendered {
	node = node.Resolved()
	if node == nil || node.IsNull() {
		return Rendered{Known: true, Literal: true}
	}
	if node.Kind != yamlfile.Scalar {
		return Rendered{Present: true, Literal: true}
	}
	if !HasJinja(node.Value) {
		return Rendered{Text: node.Value, Known: true, Literal: true, Present: true}
	}
	result := jinja.Parse(node.Value).Run(ctx)
	return Rendered{Text: result.Text, Known: result.Known, Present: true, Kind: result.Value.Kind()}
}
