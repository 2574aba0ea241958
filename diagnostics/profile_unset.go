package diagnostics

import (
	"bytes"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var profileUnset = Rule{
	Code:     "profile-unset",
	Section:  ProjectFiles,
	Rank:     90,
	Severity: Error,
	Scope:    Machine,
	Title:    "Nothing names the profile",
	Fix:      "pick one of profiles.yml",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Profile.Problem != dbt.ProfileUnset || p.IsPackage() || p.File.YAML().Broken() || !p.File.Exists() {
			return
		}
		if root := p.File.YAML().Root; !root.IsNull() && root.Type() != yamlfile.Map && len(projectProblems(p, dbt.ProjectShape)) > 0 {
			return
		}
		f := Finding{
			Refuses: true,
			At:      profileKey(p),
			Message: "dbt stops: neither `profile:` in dbt_project.yml nor DBT_PROFILE names a profile.",
			Remedy:  "Add `profile:` with a name of profiles.yml.",
		}
		for _, name := range profileNames(p) {
			f.Fixes = append(f.Fixes, Fix{Title: "Use the profile " + name, Edits: edits(p.File, setKey(p.File.YAML(), p.File.YAML().Root, "profile", name))})
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

// setKey gives a key of a mapping another value.
func setKey(file *yamlfile.File, parent *yamlfile.Node, key, value string) text.Edit {
	pair, ok := parent.Pair(key)
	switch {
	case !ok:
		return file.InsertKey(parent, key, value)
	case pair.Value == nil || pair.Value.Span.Empty():
		colon := bytes.IndexByte(file.Content[pair.Key.Span.End:], ':')
		return text.Edit{Span: text.At(pair.Key.Span.End + colon + 1), New: " " + value}
	}
	return text.Edit{Span: pair.Value.Span, New: value}
}
