package diagnostics

import (
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var dependenciesSchema = Rule{
	Code:     "dependencies-schema",
	Severity: Warning,
	Scope:    Repository,
	Title:    "dependencies.yml or packages.yml has something that dbt does not take",
	Check: func(p *workspace.Project, report func(Finding)) {
		check := func(file *workspace.File, parsed *dbt.PackagesFile) {
			if parsed == nil || file.YAML().Broken() {
				return
			}
			for _, problem := range parsed.Problems {
				if isUnquotedJinja(file, problem.Span) {
					continue
				}
				f := Finding{At: file.At(problem.Span), Message: problem.Message}
				if problem.Refuses {
					f.Severity, f.Refuses = Error, true
				}
				if !problem.Related.Empty() {
					f.Related = []Related{{file.At(problem.Related), "the first is here"}}
				}
				report(f)
			}
		}
		check(p.Packages, p.PackagesYAML)
		check(p.Dependencies, p.DependenciesYAML)
	},
}

// isUnquotedJinja reports whether a place is Jinja without quotes, of which
// jinja-unquoted speaks.
func isUnquotedJinja(file *workspace.File, at text.Span) bool {
	return slices.ContainsFunc(file.YAML().Problems, func(p yamlfile.Problem) bool {
		return p.Kind == yamlfile.UnquotedJinja && p.Span.Overlaps(at)
	})
}
