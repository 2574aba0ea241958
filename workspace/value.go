package workspace

import (
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// Rendered returns a value of profiles.yml, or of a path in dbt_project.yml, after
// Jinja and with secrets put in: nobody may be shown it.
func (p *Project) Rendered(node *yamlfile.Node) dbt.Rendered {
	if value, ok := p.rendered.values[node.Resolved()]; ok {
		return value.Rendered
	}
	return rendered(node, p.secretContext())
}

// RenderedFirst is Rendered for what dbt reads before anything else, when there is no
// target yet.
func (p *Project) RenderedFirst(node *yamlfile.Node) dbt.Rendered {
	return rendered(node, p.firstContext())
}

// firstContext is that of what dbt reads before anything else: the project's name, its
// profile, the folder of packages, and the files about them.
func (p *Project) firstContext() *jinja.Context {
	ctx := p.secretContext()
	ctx.Global = firstNames
	return ctx
}

// firstNames finds the names whose value is known then: there is no target yet, and
// hardly anything of what dbt defines later.
func firstNames(name string) (jinja.Value, bool) {
	switch name {
	case "target":
		return jinja.Map(), true
	case "MACRO_DISPATCH_ORDER", "TARGET_PACKAGE_NAME", "TARGET_UNIQUE_ID", "adapter", "api", "builtins",
		"caller", "column_name", "config", "connection_name", "database", "database_schemas",
		"dbt_metadata_envs", "dialect", "doc", "env", "flags", "function", "graph", "identifier",
		"invocation_args_dict", "invocation_id", "kwargs", "load_agate_table", "load_result", "loop", "metric",
		"model", "node", "now", "otel_span_id", "otel_trace_id", "post_hooks", "pre_hooks", "project_name",
		"ref", "results", "return", "run_started_at", "schema", "schemas", "selected_resources", "self",
		"source", "sql", "store_raw_result", "store_result", "submit_python_job", "super", "this", "thread_id",
		"varargs", "write":
		return jinja.Undefined(), true
	}
	return jinja.Unknown(), false
}

// TypeAfterJinja returns what YAML makes of a value after Jinja, where dbt reads it
// again; ok is false where the files do not tell.
func (p *Project) TypeAfterJinja(node *yamlfile.Node) (kind yamlfile.Type, ok bool) {
	if value, ok := p.rendered.values[node.Resolved()]; ok {
		return value.kind, value.Known
	}
	value := p.Rendered(node)
	return yamlfile.TypeOf(value.Text), value.Known
}

func rendered(node *yamlfile.Node, ctx *jinja.Context) dbt.Rendered {
	value := dbt.Render(node, ctx)
	if value.Known {
		revealed, ok := jinja.Reveal(value.Text, ctx.Env)
		value.Text, value.Known = revealed.Reveal(), ok
	}
	return value
}

// renderings are the values of the connection that are templates, after Jinja.
type renderings struct {
	node    *yamlfile.Node // the connection, nil where profiles.yml does not tell
	adapter string
	fields  []dbt.FieldValue
	reads   reads
	values  map[*yamlfile.Node]renderedField
}

// A renderedField is a value of the connection after Jinja.
type renderedField struct {
	dbt.Rendered
	kind yamlfile.Type // what YAML makes of it
}

// renderConnection renders the connection, or returns what was rendered before
// if it follows from the same.
func (p *Project) renderConnection(before *renderings) *renderings {
	next := &renderings{adapter: p.Profile.Adapter, values: map[*yamlfile.Node]renderedField{}}
	if p.Profile.Problem == dbt.ProfileFine {
		next.node = p.Profile.Connections[0]
	}
	if before != nil && before.node == next.node && before.adapter == next.adapter && before.reads.hold(p.Env) {
		return before
	}
	next.fields = slices.Collect(dbt.FieldValues(next.adapter, next.node))
	ctx := &jinja.Context{Env: next.reads.lookup(p.Env), Var: noVariables, Secrets: true, Strict: true, Bare: true}
	for _, value := range next.fields {
		if dbt.Templated(value.Node) {
			after := rendered(value.Node, ctx)
			next.values[value.Node] = renderedField{after, yamlfile.TypeOf(after.Text)}
		}
	}
	return next
}

// FieldValues returns the values of the connection at every depth, as far as dbt looks
// at them.
func (p *Project) FieldValues() []dbt.FieldValue { return p.rendered.fields }

// SameValue reports whether two calls stand in the same text that dbt renders as
// a whole: the same value of a YAML file, or the same SQL file.
func (c *Call) SameValue(other *Call) bool { return c.unit != nil && c.unit == other.unit }

// SecretsAllowed reports whether dbt gives a call a variable whose name begins
// with DBT_ENV_SECRET: in profiles.yml, in packages and in catalogs.yml.
func (c *Call) SecretsAllowed() bool { return c.unit != nil && c.unit.secrets && c.Scope != "project" }
