package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var profilesTwoFiles = Rule{
	Code:     "profiles-two-files",
	Section:  ProjectFiles,
	Rank:     180,
	Severity: Info,
	Scope:    Machine,
	Title:    "Two profiles.yml hold the profile, and dbt reads one of them",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.OtherProfiles == nil || p.Profile.Problem == dbt.ProfileUnset || p.Profile.Node == nil {
			return
		}
		other, ok := p.OtherProfiles.YAML().Root.Pair(p.Profile.Name)
		if !ok {
			return
		}
		at := profileKey(p)
		if from, ok := origin(p, p.Profile.NameFrom); ok {
			at = from
		}
		report(Finding{
			At:      at,
			Message: fmt.Sprintf("dbt reads the profile from %s, and not the one of the same name in ~/.dbt/profiles.yml.", name(p, p.ProfilesFile)),
			Remedy:  "Run in another folder, dbt takes the other one; keep the profile in one of the two files.",
			Related: []Related{{keyOf(p, p.ProfilesFile.YAML().Root, p.Profile.Name), "the one that counts"}, {p.OtherProfiles.At(other.Key.Span), "the one that does not"}},
		})
	},
}
