package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var cloudFileInvalid = Rule{
	Code:       "cloud-file-invalid",
	Section:    Platform,
	Rank:       60,
	Severity:   Warning,
	Scope:      Machine,
	Title:      "dbt cannot read ~/.dbt/dbt_cloud.yml and goes on without it",
	Fix:        "remove the byte order mark",
	Everywhere: true,
	Check: func(p *workspace.Project, report func(Finding)) {
		if !cloudIsInvalid(p) || meshNeedsLink(p) {
			return
		}
		f := Finding{
			At:      p.CloudFile.Start(),
			Message: "dbt ignores this file: it cannot be read. Deferral and cross-project refs are off.",
			Remedy:  "Download it again from your profile on dbt platform.",
		}
		if problems := p.Cloud.Problems; len(problems) > 0 {
			f.At = p.CloudFile.At(problems[0].Span)
			f.Message = "dbt ignores this file: " + problems[0].Message + ". Deferral and cross-project refs are off."
		}
		if p.Cloud.BOM {
			f.Remedy = "Remove the mark, or save the file as UTF-8 without it."
			f.Fixes = withoutMark(p)
		}
		report(f)
	},
}

func cloudIsInvalid(p *workspace.Project) bool {
	return p.Platform && p.Cloud.State == dbt.CloudInvalid && !p.Link.Credentials()
}

// linkSpeaks reports whether a rule on the link or its file says why deferral
// is off.
func linkSpeaks(p *workspace.Project) bool {
	return cloudIsInvalid(p) || linkIsMixed(p) || cloudIsMisnamed(p)
}
