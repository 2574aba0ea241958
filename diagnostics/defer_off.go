package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var deferOff = Rule{
	Code:     "defer-off",
	Section:  Platform,
	Rank:     80,
	Severity: Info,
	Scope:    Machine,
	Title:    "dbt does not defer to dbt platform, and does not say so",
	Fix:      "by reason",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.Platform || p.Deferral.On || len(p.Deferral.Reasons) == 0 || linkIsMissing(p) || unknownProject(p) || meshNeedsLink(p) || linkSpeaks(p) {
			return
		}
		reason := p.Deferral.Reasons[0]
		f := Finding{At: head(p), Message: "Deferral is off. " + reason.Message, Remedy: deferRemedy(reason), Fixes: deferFixes(p, reason)}
		if at, ok := origin(p, reason.At); ok && at.File == p.CloudFile {
			f.Related = []Related{{at, "this file"}}
		} else if ok {
			f.At = at
		}
		report(f)
	},
}

// deferRemedy says what to do about a reason.
func deferRemedy(reason dbt.Reason) string {
	switch reason.Code {
	case dbt.ReasonNotV2:
		return "Put dbt v2 first on the search path."
	case dbt.ReasonOSSBuild:
		return "Install the full build of dbt v2."
	case dbt.ReasonFlag:
		return "Leave the flag out."
	case dbt.ReasonSetting:
		return "Switch it on if you want to defer in the editor."
	case dbt.ReasonLocalState:
		return "Remove it if you want to defer to dbt platform."
	case dbt.ReasonNoCloudFile, dbt.ReasonCloudInvalid, dbt.ReasonIncomplete:
		return "Download dbt_cloud.yml from your profile on dbt platform to ~/.dbt."
	case dbt.ReasonNoProjectID:
		return "Add `dbt-cloud: project-id` to dbt_project.yml."
	case dbt.ReasonUnknown:
		return "Correct the id, or download dbt_cloud.yml from your profile on dbt platform again."
	case dbt.ReasonMixed:
		return "Remove the variable, or make both name one project."
	}
	return ""
}
