package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var linkKey = Rule{
	Code:     "link-key",
	Section:  Platform,
	Rank:     40,
	Severity: Error,
	Scope:    Repository,
	Title:    "A key of the link to dbt platform is misspelt",
	Fix:      "★ the key that is meant",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, problem := range projectProblems(p, dbt.LinkKey) {
			report(misspeltLink(p, problem))
		}
	},
}

func misspeltLink(p *workspace.Project, problem dbt.ProjectProblem) Finding {
	f := Finding{
		At:      p.File.At(problem.Span),
		Message: fmt.Sprintf("dbt stops: `dbt-cloud:` has no key `%s`.", problem.Key),
		Remedy:  "Remove it.",
		Fixes:   projectFix(p, problem),
	}
	like := similar(problem.Key, problem.Known)
	switch {
	case len(problem.Known) == 1:
		f.Message = fmt.Sprintf("dbt stops: the key that links to dbt platform is `%s`, not `%s`.", problem.Known[0], problem.Key)
		f.Remedy = fmt.Sprintf("Write `%s`.", problem.Known[0])
	case problem.Repair != nil:
		f.Remedy = fmt.Sprintf("Write `%s`.", problem.Repair.Edit.New)
	case like != "":
		f.Remedy = fmt.Sprintf("Write `%s` if that is meant, or remove it.", like)
		if fix, ok := repair(p.File, "Write `"+like+"`", text.Edit{Span: problem.Span, New: like}); ok {
			fix.Preferred = true
			f.Fixes = []Fix{fix}
		}
	}
	return stopsByList(p, f)
}
