package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var profileMissing = Rule{
	Code:     "profile-missing",
	Severity: Error,
	Scope:    Machine,
	Title:    "The profile is not in the profiles.yml that dbt chooses",
	Fix:      "did you mean; pick one of the file",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Profile.Problem != dbt.ProfileMissing || emptied(p, p.Profile.Name, p.Profile.NameFrom) {
			return
		}
		names := profileNames(p)
		f := Finding{
			Refuses: true,
			At:      profileKey(p),
			Message: fmt.Sprintf("dbt stops: %s has no profile %s, which %s asks for.", name(p, p.ProfilesFile), quoted(p.Profile.Name), by(p, p.Profile.NameFrom)),
			Remedy:  "Add it, or use one that is there.",
			Related: []Related{{p.ProfilesFile.Start(), "the file that dbt reads; it looks at no other"}},
		}
		if len(names) > 0 {
			f.Remedy = "Add it, or use one that is there: " + list(names) + "."
		}
		f.Fixes = pickInstead(p, p.Profile.NameFrom, p.Profile.Name, names, "profile")
		report(f)
	},
}

// emptied reports whether a name is empty because Jinja made it so: env-empty
// speaks of the variable.
func emptied(p *workspace.Project, name string, from dbt.Origin) bool {
	at, ok := origin(p, from)
	return ok && name == "" && from.Kind == dbt.OriginFile && dbt.HasJinja(at.Text())
}

// quoted shows a name so that an empty one and blanks are seen.
func quoted(name string) string { return fmt.Sprintf("%q", name) }

// pickInstead offers the names that are there in the place of one that is not,
// the most similar one first.
func pickInstead(p *workspace.Project, from dbt.Origin, wrong string, names []string, what string) []Fix {
	at, ok := origin(p, from)
	if !ok || from.Kind != dbt.OriginFile || at.Text() == "" {
		return nil
	}
	var fixes []Fix
	like := similar(wrong, names)
	if like != "" {
		fixes = append(fixes, Fix{
			Title: "Did you mean the " + what + " " + like + "?", Preferred: true,
			Edits: edits(at.File, text.Edit{Span: at.Span, New: like}),
		})
	}
	for _, name := range names {
		if name != like {
			fixes = append(fixes, Fix{Title: "Use the " + what + " " + name, Edits: edits(at.File, text.Edit{Span: at.Span, New: name})})
		}
	}
	return fixes
}
