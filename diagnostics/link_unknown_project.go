package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var linkUnknownProject = Rule{
	Code:     "link-unknown-project",
	Section:  Platform,
	Rank:     20,
	Severity: Warning,
	Scope:    Machine,
	Title:    "The project id is not in ~/.dbt/dbt_cloud.yml",
	Fix:      "pick a project of the file",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !unknownProject(p) || meshNeedsLink(p) || misshapenAt(p, p.Link.InProject.From) {
			return
		}
		at, ok := origin(p, p.Link.InProject.From)
		if !ok {
			return
		}
		f := Finding{
			At:      at,
			Message: "~/.dbt/dbt_cloud.yml has no project of this id: deferral and cross-project refs are off.",
			Remedy:  "Run `dbt login`, or download dbt_cloud.yml again from dbt platform.",
			Related: []Related{{p.CloudFile.Start(), "the file that dbt asks"}},
			Fixes:   otherProjects(p, at),
		}
		report(f)
	},
}

// unknownProject reports whether the id in dbt_project.yml is one that
// dbt_cloud.yml does not have, and the environment does not replace the file.
func unknownProject(p *workspace.Project) bool {
	return p.Platform && p.Cloud.State == dbt.CloudFine && p.Link.InProject.Known && p.Link.Entry == nil &&
		!p.Link.Credentials() && !p.Link.Mixed
}
