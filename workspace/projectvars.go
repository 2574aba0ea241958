package workspace

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// noVariables is what var() finds in files that dbt renders before it knows the
// variables of the project: only those of the command line.
func noVariables(string) (jinja.Var, bool) { return jinja.Var{}, false }

// variable answers var(): what the project says under `vars:`, and for the files
// of a package what the package says itself. What stands below the name of the
// project or the package goes before the rest. Of a file that dbt refuses nobody
// knows which variables it has.
func (r *run) variable(name string) (jinja.Var, bool) {
	p, pkg := r.project, ""
	if u := r.trace.unit; u != nil {
		pkg = u.pkg
	}
	refused := false
	for _, file := range [...]*File{p.File, p.vars, p.ofPackage[pkg]} {
		if !file.Exists() {
			continue
		}
		yaml, get := file.YAML(), (*yamlfile.Node).Get
		stops := yaml.Refused()
		if file == p.vars { // a key may stand twice there
			get, stops = (*yamlfile.Node).Last, yaml.Broken()
		}
		vars := get(yaml.Root, "vars")
		refused = refused || stops || !vars.IsNull() && vars.Kind != yamlfile.Mapping
		if yaml.Broken() {
			continue
		}
		node := get(get(vars, cmp.Or(pkg, p.Name)), name)
		if node == nil {
			node = get(vars, name)
		}
		if u := r.vars[node]; u != nil {
			r.see(u.template)
			return jinja.Var{Template: u.template}, true
		}
		if node != nil {
			return jinja.Var{Value: literal(node)}, true
		}
	}
	return jinja.Var{Value: jinja.Unknown()}, refused
}

// AbsentVariable is a place where dbt stops while it parses: a var() without a default
// for which there is no variable.
type AbsentVariable struct {
	Name    string
	Through string // the variable whose value asks for it, "" where the call does
	At      Location
	Early   bool   // dbt knows no variable of the project there, only those of the command line
	Package string // the installed package whose file it stands in
}

func (u *unit) absent(found []jinja.Absent) []AbsentVariable {
	var all []AbsentVariable
	for _, a := range found {
		v := AbsentVariable{Name: a.Name, At: u.file.At(u.span(a.Call.FirstAt)), Early: u.early || u.secrets, Package: u.pkg}
		if a.Call.FirstAt.Empty() {
			v.At = u.file.At(u.span(a.Call.Token))
		} else if a.Call.First != a.Name {
			v.Through = a.Call.First
		}
		all = append(all, v)
	}
	return all
}

// literal is a scalar as Jinja sees it, where that is plain.
func literal(node *yamlfile.Node) jinja.Value {
	switch node.Type() {
	case yamlfile.String:
		return jinja.String(node.Value)
	case yamlfile.Bool:
		return jinja.Bool(strings.EqualFold(node.Value, "true"))
	case yamlfile.Int:
		if n, err := strconv.ParseInt(node.Value, 10, 64); err == nil {
			return jinja.Int(n)
		}
	}
	return jinja.Unknown()
}
