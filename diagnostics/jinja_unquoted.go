package diagnostics

import (
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var jinjaUnquoted = Rule{
	Code:     "jinja-unquoted",
	Section:  ProjectFiles,
	Rank:     50,
	Severity: Warning,
	Scope:    Either,
	Title:    "Jinja without quotes is not Jinja: YAML takes the braces for a mapping",
	Fix:      "★ quote it",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, file := range allYAML(p) {
			for _, problem := range file.YAML().Problems {
				if problem.Kind == yamlfile.UnquotedJinja {
					report(unquoted(p, file, problem))
				}
			}
		}
	},
}

func unquoted(p *workspace.Project, file *workspace.File, problem yamlfile.Problem) Finding {
	f := Finding{
		Shared:  inRepository(p, file),
		At:      file.At(problem.Span),
		Message: "dbt never sees this Jinja: YAML takes braces without quotes for a mapping.",
		Remedy:  "Put the whole value in quotes.",
	}
	// Where a properties file takes a mapping, as `meta:` does, dbt cannot write down one that is a key.
	if file == p.VarsFile() && !file.YAML().Broken() {
		f.Severity = Warning // a variable may be a mapping
	} else if p.RefusesMapping(file, problem.Span) || slices.Contains(p.Properties, file) {
		f.Severity, f.Refuses = Error, true
		f.Message = "dbt stops: YAML takes braces without quotes for a mapping, not for Jinja."
	}
	if len(problem.Edits) > 0 {
		f.Fixes = []Fix{{Title: "Put quotes around the value", Safe: true, Preferred: true, Edits: edits(file, problem.Edits...)}}
	}
	return f
}
