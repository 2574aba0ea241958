package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var profileMissing = Rule{
	Code:     "profile-missing",
	Section:  ProjectFiles,
	Rank:     100,
	Severity: Error,
	Scope:    Machine,
	Title:    "The profile is not in the profiles.yml that dbt chooses",
	Fix:      "did you mean; pick one of the file",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Profile.Problem != dbt.ProfileMissing || emptyVariable(p, p.Profile.Name, p.Profile.NameFrom) || emptied(p, p.Profile.Name, p.Profile.NameFrom) || misshapenAt(p, p.Profile.NameFrom) {
			return
		}
		names := profileNames(p)
		at, ok := origin(p, p.Profile.NameFrom)
		if !ok {
			at = profileKey(p)
		}
		f := Finding{
			Refuses: true,
			At:      at,
			Message: "dbt stops: " + name(p, p.ProfilesFile) + " has no profile " + asked(p, p.Profile.Name, p.Profile.NameFrom) + ".",
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

// asked says which name is not there and who asks for it, without the value of
// a variable.
func asked(p *workspace.Project, name string, from dbt.Origin) string {
	switch {
	case literal(p, from):
		return quoted(name) + ", which " + by(p, from) + " asks for"
	case name == "":
		return "with an empty name, which " + by(p, from) + " asks for"
	}
	return "of the name that " + by(p, from) + " gives"
}

// emptied reports whether a name is empty because a variable in it is:
// env-empty speaks of that.
func emptied(p *workspace.Project, name string, from dbt.Origin) bool {
	at, ok := origin(p, from)
	if !ok || name != "" || from.Kind != dbt.OriginFile {
		return false
	}
	for _, v := range p.Called {
		for _, c := range v.Calls {
			if p.State(v) == workspace.Empty && c.File == at.File && at.Span.Contains(c.Token.Start) {
				return true
			}
		}
	}
	return false
}

// quoted shows a name so that an empty one and blanks are seen.
func quoted(name string) string { return fmt.Sprintf("%q", name) }

// pickInstead offers the names that are there in the place of one that is not,
// the most similar one first.
func pickInstead(p *workspace.Project, from dbt.Origin, wrong string, names []string, what string) []Fix {
	at, ok := origin(p, from)
	if !ok || from.Kind != dbt.OriginFile || at.Text() == "" || !literal(p, from) {
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
