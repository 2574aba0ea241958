package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var profileUnset = Rule{
	Code:     "profile-unset",
	Severity: Error,
	Scope:    Machine,
	Title:    "Nothing names the profile",
	Fix:      "pick one of profiles.yml",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Profile.Problem != dbt.ProfileUnset {
			return
		}
		f := Finding{
			Refuses: true,
			At:      profileKey(p),
			Message: "dbt stops: neither `profile:` in dbt_project.yml nor DBT_PROFILE names a profile.",
			Remedy:  "Add `profile:` with a name of profiles.yml.",
		}
		for _, name := range profileNames(p) {
			f.Fixes = append(f.Fixes, Fix{Title: "Use the profile " + name, Edits: edits(p.File, setKey(p.File.YAML(), "profile", name))})
		}
		report(f)
	},
}

// profileNames are the profiles of the file that dbt chooses.
func profileNames(p *workspace.Project) []string {
	if !p.ProfilesFile.Exists() {
		return nil
	}
	var names []string
	for pair := range p.ProfilesFile.YAML().Root.All() {
		if pair.Value.Resolved().Get("outputs") != nil {
			names = append(names, pair.Key.Value)
		}
	}
	return names
}

// setKey gives a key at the top of a file another value.
func setKey(file *yamlfile.File, key, value string) text.Edit {
	pair, ok := file.Root.Pair(key)
	switch {
	case !ok:
		return file.InsertKey(file.Root, key, value)
	case pair.Value == nil || pair.Value.Span.Empty():
		after := file.Content[pair.Key.Span.End:]
		colon := 0
		for colon < len(after) && after[colon] != ':' {
			colon++
		}
		return text.Edit{Span: text.At(pair.Key.Span.End + min(colon+1, len(after))), New: " " + value}
	}
	return text.Edit{Span: pair.Value.Span, New: value}
}
