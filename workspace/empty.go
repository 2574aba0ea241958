package workspace

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// EmptyEffect says what the empty value of a variable leaves out that dbt cannot
// do without, as the beginning of a sentence; "" when dbt goes on.
func (p *Project) EmptyEffect(v *Variable) string {
	for _, c := range v.Calls {
		if c.unit == nil || c.unit.node == nil || c.Package != "" {
			continue
		}
		if effect := p.emptyEffect(c); effect != "" {
			return effect
		}
	}
	return ""
}

func (p *Project) emptyEffect(c *Call) string {
	node := c.unit.node
	switch {
	case c.Selected && node == p.Profile.TargetNode.Resolved() && p.Profile.Problem == dbt.TargetMissing:
		return whenEmpty(p, node, "the target in profiles.yml has no name")
	case c.Selected && p.Requires(node):
		return whenNull(p, node, "a field of profiles.yml that "+p.Profile.Adapter+" requires counts as absent")
	case p.Profile.NameFrom.Kind == dbt.OriginFile && node == p.File.YAML().Root.Get("profile").Resolved():
		return whenEmpty(p, node, "the profile in dbt_project.yml has no name")
	case c.Scope == "project" && p.namesFolder(node):
		return whenEmpty(p, node, "a folder of resources is the project's own, in which dbt reads dbt_project.yml as a file of properties")
	case c.Scope == "packages" && c.unit.field == "local":
		return whenEmpty(p, node, "the path of a local package is empty")
	}
	return ""
}

// whenEmpty returns a text if a value is empty after Jinja.
func whenEmpty(p *Project, node *yamlfile.Node, effect string) string {
	if value := p.Rendered(node); value.Known && value.Text == "" {
		return effect
	}
	return ""
}

// whenNull returns a text if a value of profiles.yml is null when it is parsed
// again after Jinja.
func whenNull(p *Project, node *yamlfile.Node, effect string) string {
	if kind, ok := p.TypeAfterJinja(node); ok && kind == yamlfile.Null {
		return effect
	}
	return ""
}

func (p *Project) secretContext() *jinja.Context {
	return &jinja.Context{Env: p.Env.Lookup, Var: noVariables, Secrets: true, Strict: true}
}

// Requires reports whether a value of the connection, or in a list of it, is one
// that the adapter cannot do without: no other spelling of the field is there.
func (p *Project) Requires(node *yamlfile.Node) bool {
	if len(p.Profile.Connections) == 0 {
		return false
	}
	connection := p.Profile.Connections[0]
	for v := range dbt.FieldValues(p.Profile.Adapter, connection) {
		if v.Required && v.Node == node {
			return true
		}
	}
	for _, field := range dbt.RequiredFields(p.Profile.Adapter) {
		given := 0
		mine := false
		for _, name := range field.Names {
			if value := connection.Get(name); value != nil {
				given++
				mine = mine || value.Resolved() == node
			}
		}
		if mine && given == 1 {
			return true
		}
	}
	return false
}
