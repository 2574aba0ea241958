package workspace

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// Rendered returns a value of profiles.yml, or of what dbt reads first of
// dbt_project.yml, after Jinja and with secrets put in: nobody may be shown it.
func (p *Project) Rendered(node *yamlfile.Node) dbt.Rendered {
	value := dbt.Render(node, p.secretContext())
	if value.Known {
		revealed, ok := jinja.Reveal(value.Text, p.Env.Lookup)
		value.Text, value.Known = revealed.Reveal(), ok
	}
	return value
}

// SameValue reports whether two calls stand in the same text that dbt renders as
// a whole: the same value of a YAML file, or the same SQL file.
func (c *Call) SameValue(other *Call) bool { return c.unit != nil && c.unit == other.unit }

// SecretsAllowed reports whether dbt gives a call a variable whose name begins
// with DBT_ENV_SECRET: in profiles.yml, in packages and in catalogs.yml.
func (c *Call) SecretsAllowed() bool { return c.unit != nil && c.unit.secrets && c.Scope != "project" }
