package diagnostics

import (
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var projectSchema = Rule{
	Code:     "project-schema",
	Severity: Error,
	Scope:    Repository,
	Title:    "dbt_project.yml has something that dbt v2 does not take",
	Fix:      "★ where the meaning is plain: quotes, brackets, a +, the new name of a key",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, problem := range projectProblems(p, dbt.ProjectShape) {
			f := Finding{At: p.File.At(problem.Span), Message: problem.Message, Remedy: problem.Remedy, Fixes: projectFix(p, problem)}
			if !problem.Related.Empty() {
				f.Related = []Related{{p.File.At(problem.Related), "the other is here"}}
			}
			report(stops(p, f))
		}
	},
}

// projectFix is the repair of a problem of dbt_project.yml.
func projectFix(p *workspace.Project, problem dbt.ProjectProblem) []Fix {
	if problem.Repair == nil {
		return nil
	}
	fix, ok := repair(p.File, problem.Repair.Title, problem.Repair.Edit)
	if !ok {
		return nil
	}
	fix.Preferred, fix.Safe = true, problem.Repair.Plain
	return []Fix{fix}
}

// misshapenAt reports whether project-schema speaks of the place of a setting.
func misshapenAt(p *workspace.Project, from dbt.Origin) bool {
	at, ok := origin(p, from)
	return ok && at.File == p.File && slices.ContainsFunc(projectProblems(p, dbt.ProjectShape), func(problem dbt.ProjectProblem) bool {
		return problem.Span == at.Span
	})
}
