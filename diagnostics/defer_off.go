package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var deferOff = Rule{
	Code:     "defer-off",
	Severity: Info,
	Scope:    Machine,
	Title:    "dbt does not defer to dbt platform, and does not say so",
	Fix:      "by reason",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.Platform || p.Deferral.On || len(p.Deferral.Reasons) == 0 || linkIsMissing(p) || meshNeedsLink(p) {
			return
		}
		reason := p.Deferral.Reasons[0]
		f := Finding{At: head(p), Message: "Deferral is off. " + reason.Message, Fixes: deferFixes(p, reason)}
		if at, ok := origin(p, reason.At); ok && at.File != p.CloudFile {
			f.At = at
		}
		report(f)
	},
}

func deferFixes(p *workspace.Project, reason dbt.Reason) []Fix {
	if reason.Code == dbt.ReasonNoProjectID {
		return linkFixes(p)
	}
	if entry, ok := p.Env.Entry(reason.At.Name); ok && reason.Code == dbt.ReasonLocalState {
		return []Fix{{Title: "Comment " + entry.Name + " out", Edits: edits(p.EnvFile, p.EnvFile.Dotenv().CommentOut(entry))}}
	}
	return nil
}
