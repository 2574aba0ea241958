package diagnostics

import (
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var dependenciesSchema = Rule{
	Code:     "dependencies-schema",
	Section:  Platform,
	Rank:     170,
	Severity: Warning,
	Scope:    Repository,
	Title:    "dependencies.yml or packages.yml has something that dbt does not take",
	Fix:      "★ the key that is meant, or quotes, where that is plain",
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
				if fix, ok := schemaFix(file, problem); ok {
					f.Fixes = []Fix{fix}
				}
				report(f)
			}
		}
		check(p.Packages, p.PackagesYAML)
		check(p.Dependencies, p.DependenciesYAML)
	},
}

// schemaFix is the repair of a problem, if it leaves a file that dbt can read:
// the key that is meant may be there already.
func schemaFix(file *workspace.File, problem dbt.SchemaProblem) (Fix, bool) {
	if problem.Edit == nil {
		return Fix{}, false
	}
	content, err := text.Apply(file.Content, []text.Edit{*problem.Edit})
	if err != nil || len(yamlfile.Parse(content).Problems) > 0 {
		return Fix{}, false
	}
	title := "Put quotes around it"
	if problem.Kind == dbt.UnknownKey || !strings.HasSuffix(problem.Edit.New, `"`) {
		title = "Write `" + strings.TrimSpace(problem.Edit.New) + "`"
	}
	return Fix{Title: title, Safe: true, Preferred: true, Edits: edits(file, *problem.Edit)}, true
}

// isUnquotedJinja reports whether a place is Jinja without quotes, of which
// jinja-unquoted speaks.
func isUnquotedJinja(file *workspace.File, at text.Span) bool {
	return slices.ContainsFunc(file.YAML().Problems, func(p yamlfile.Problem) bool {
		return p.Kind == yamlfile.UnquotedJinja && p.Span.Overlaps(at)
	})
}
