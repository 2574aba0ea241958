package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var linkMixed = Rule{
	Code:     "link-mixed",
	Section:  Platform,
	Rank:     30,
	Severity: Warning,
	Scope:    Machine,
	Title:    "DBT_CLOUD_PROJECT_ID names another project than dbt_project.yml",
	Fix:      "remove the variable",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !linkIsMixed(p) || meshNeedsLink(p) || misshapenAt(p, p.Link.InProject.From) {
			return
		}
		f := Finding{
			At:      head(p),
			Message: "dbt uses nothing of dbt_cloud.yml: " + by(p, p.Link.ProjectID.From) + " is another project than `project-id:` here.",
			Remedy:  "Remove the variable, or make both name one project.",
		}
		if at, ok := origin(p, p.Link.InProject.From); ok {
			f.At = at
		}
		if at, ok := origin(p, p.Link.ProjectID.From); ok {
			f.Related = []Related{{at, "the variable"}}
		}
		f.Fixes = withoutVariable(p, dbt.ProjectIDVariable)
		report(f)
	},
}

func linkIsMixed(p *workspace.Project) bool {
	return p.Platform && p.Link.Mixed && !p.Link.Credentials()
}
