package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var targetMissing = Rule{
	Code:     "target-missing",
	Section:  ProjectFiles,
	Rank:     110,
	Severity: Error,
	Scope:    Machine,
	Title:    "The target is not among the outputs of the profile",
	Fix:      "did you mean; pick one of the outputs",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Profile.Problem != dbt.TargetMissing || emptyVariable(p, p.Profile.Target, p.Profile.TargetFrom) || emptied(p, p.Profile.Target, p.Profile.TargetFrom) {
			return
		}
		profile := p.Profile
		f := Finding{
			Refuses: true,
			At:      targetPlace(p),
			Message: fmt.Sprintf("dbt stops: the profile %s has no output %s.", profile.Name, asked(p, profile.Target, profile.TargetFrom)),
			Remedy:  "Add it to `outputs:`.",
		}
		if profile.TargetFrom.Kind == dbt.OriginDefault {
			f.Message = fmt.Sprintf("dbt stops: the profile %s has neither a `target:` nor an output named default.", profile.Name)
			f.Remedy = "Add `target:` with the name of an output."
			if profile.TargetNode != nil && !profile.TargetNode.IsNull() {
				f.Message = fmt.Sprintf("dbt stops: the `target:` of the profile %s is no text, so it does not count, and there is no output named default.", profile.Name)
			}
		}
		if len(profile.Outputs) > 0 {
			f.Remedy = "Use one of its outputs: " + list(profile.Outputs) + "."
		}
		f.Fixes = pickInstead(p, profile.TargetFrom, profile.Target, profile.Outputs, "output")
		if profile.TargetFrom.Kind == dbt.OriginDefault && profile.Node.Kind == yamlfile.Mapping && asKnown(p.ProfilesFile) {
			for _, output := range profile.Outputs {
				f.Fixes = append(f.Fixes, Fix{
					Title: "Write `target: " + output + "`",
					Edits: edits(p.ProfilesFile, setKey(p.ProfilesFile.YAML(), profile.Node, "target", output)),
				})
			}
		}
		report(f)
	},
}

// targetPlace is where the target was asked for, or else the profile.
func targetPlace(p *workspace.Project) workspace.Location {
	if at, ok := origin(p, p.Profile.TargetFrom); ok {
		return at
	}
	if pair, ok := p.ProfilesFile.YAML().Root.Pair(p.Profile.Name); ok {
		return p.ProfilesFile.At(pair.Key.Span)
	}
	return profileKey(p)
}
