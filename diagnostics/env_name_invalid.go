package diagnostics

import (
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var envNameInvalid = Rule{
	Code:     "env-name-invalid",
	Section:  EnvironmentFiles,
	Rank:     150,
	Severity: Error,
	Scope:    Repository,
	Title:    "A call asks for a variable by a name that env_var() does not take",
	Fix:      "rename it everywhere",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, c := range p.FromCalls("env-name-invalid", func() any { return withoutName(p.Calls) }).([]*workspace.Call) {
			report(noTextName(p, c))
		}
		if !v2(p) {
			return
		}
		for _, name := range p.FromCalls("env-name-invalid/internal", func() any { return internalNames(p.Called) }).([]string) {
			report(internalName(p, p.Variable(name)))
		}
	},
}

// internalPrefix begins the names that dbt v2 keeps for itself
// (dbt-jinja-vars/src/env_var.rs).
const internalPrefix = "_DBT"

// withoutName returns the calls whose name is no text. What another package does
// is its own matter until dbt stops at it.
func withoutName(calls []*workspace.Call) []*workspace.Call {
	var wrong []*workspace.Call
	for _, c := range calls {
		if c.NoText && closed(c) && (c.Package == "" || c.Reach == workspace.NeedParse) {
			wrong = append(wrong, c)
		}
	}
	return wrong
}

// internalNames returns those of sorted variables whose names dbt v2 keeps for
// itself.
func internalNames(called []*workspace.Variable) []string {
	first, _ := slices.BinarySearchFunc(called, internalPrefix, func(v *workspace.Variable, name string) int { return strings.Compare(v.Name, name) })
	var names []string
	for _, v := range called[first:] {
		if !internal(v) {
			break
		}
		names = append(names, v.Name)
	}
	return names
}

// internal reports whether dbt v2 keeps the name of a variable for itself.
func internal(v *workspace.Variable) bool { return strings.HasPrefix(v.Name, internalPrefix) }

// closed reports whether a call has its closing parenthesis: who types it has
// not given the name yet.
func closed(c *workspace.Call) bool { return strings.HasSuffix(c.File.At(c.Span).Text(), ")") }

func noTextName(p *workspace.Project, c *workspace.Call) Finding {
	f := refused(p, c, "env_var() needs the name of a variable, as a text")
	f.At = c.File.At(c.Span)
	f.Remedy = "Put the name in quotes."
	return f
}

func internalName(p *workspace.Project, v *workspace.Variable) Finding {
	first := worst(v.Calls)
	f := refused(p, first, "env_var() knows no name that begins with "+internalPrefix+", not even with a default")
	f.Remedy = "Choose another name."
	f.Related = alike(v.Calls, first)
	to := strings.TrimLeft(v.Name, "_")
	if fix, ok := rename(p, v, to); ok {
		fix.Title = "Rename it to " + to + " everywhere"
		f.Fixes = []Fix{fix}
	}
	return f
}
