package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var profileStructure = Rule{
	Code:     "profile-structure",
	Severity: Error,
	Scope:    Machine,
	Title:    "profiles.yml does not have the shape that dbt reads",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.ProfilesFile == nil {
			return
		}
		if !p.ProfilesFile.Exists() {
			report(Finding{
				Refuses: true, At: profileKey(p),
				Message: "dbt stops: " + name(p, p.ProfilesFile) + " is not a file that can be read.",
				Remedy:  "Put a file in its place.",
			})
			return
		}
		if pair, ok := p.ProfilesFile.YAML().Root.Pair("config"); ok && v2(p) {
			report(Finding{
				Refuses: true, At: p.ProfilesFile.At(pair.Key.Span),
				Message: "dbt v2 stops at `config:` in profiles.yml, whatever it holds.",
				Remedy:  "Move the settings to `flags:` of dbt_project.yml, and remove the key.",
			})
			return
		}
		if f, wrong := misshapen(p); wrong {
			f.Refuses = true
			report(f)
		}
	},
}

func misshapen(p *workspace.Project) (Finding, bool) {
	profile := p.Profile
	switch profile.Problem {
	case dbt.ProfileWithoutOutputs:
		return Finding{
			At:      keyOf(p, p.ProfilesFile.YAML().Root, profile.Name),
			Message: fmt.Sprintf("dbt stops: the profile %s has no `outputs:`.", profile.Name),
			Remedy:  "Add `outputs:` with a target, and indent the targets below it.",
		}, true
	case dbt.TargetShape:
		return Finding{
			At:      keyOf(p, profile.Node.Get("outputs"), profile.Target),
			Message: fmt.Sprintf("dbt stops: the target %s is not a mapping.", profile.Target),
			Remedy:  "Write its `type:` and the other fields indented below it.",
		}, true
	case dbt.AdapterMissing:
		return Finding{
			At:      keyOf(p, profile.Node.Get("outputs"), profile.Target),
			Message: fmt.Sprintf("dbt stops: the target %s has no `type:` that is a name.", profile.Target),
			Remedy:  "Add `type:` with the name of the adapter, such as snowflake.",
		}, true
	}
	return Finding{}, false
}

// keyOf is the place of a key in profiles.yml.
func keyOf(p *workspace.Project, mapping *yamlfile.Node, key string) workspace.Location {
	if pair, ok := mapping.Pair(key); ok {
		return p.ProfilesFile.At(pair.Key.Span)
	}
	return p.ProfilesFile.At(text.Span{})
}
