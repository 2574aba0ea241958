package diagnostics

import (
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var meshIgnored = Rule{
	Code:     "mesh-ignored",
	Section:  Platform,
	Rank:     120,
	Severity: Warning,
	Scope:    Repository,
	Title:    "A packages.yml without packages switches the projects of dependencies.yml off",
	Fix:      "delete packages.yml; move `projects:` into it",
	Check: func(p *workspace.Project, report func(Finding)) {
		if len(p.Mesh.Ignored) == 0 {
			return
		}
		f := ignored(p, p.Mesh.Ignored)
		for _, ref := range p.Refs {
			if !ref.Conditional && ref.Unfound == workspace.UnfoundStops && slices.Contains(projectNames(p.Mesh.Ignored), ref.Package) {
				f.Severity, f.Refuses = Error, true
				f.Message += " It stops at a ref to " + ref.Package + "."
				f.Related = append(f.Related, Related{ref.At, "this ref is not found"})
				break
			}
		}
		report(f)
	},
}

// ignored says why dbt drops projects: a packages.yml without packages that
// keeps dependencies.yml from being read, or a dependencies.yml that counts
// before packages.yml.
func ignored(p *workspace.Project, projects []dbt.ProjectEntry) Finding {
	names := list(projectNames(projects))
	own := slices.IndexFunc(projects, func(e dbt.ProjectEntry) bool { return e.File == p.DependenciesYAML })
	if own < 0 {
		return Finding{
			At:      declaration(p, projects[0]),
			Message: "dbt ignores " + names + " without a word, because dependencies.yml is there as well.",
			Remedy:  "Move `projects:` to dependencies.yml.",
			Related: []Related{{p.Dependencies.Start(), "the file that counts"}},
		}
	}
	f := Finding{
		At:      declaration(p, projects[own]),
		Message: "dbt ignores " + names + " without a word, because packages.yml is there and lists no package.",
		Remedy:  "Delete packages.yml.",
		Related: []Related{{p.Packages.Start(), "the file that switches them off"}},
	}
	if len(p.PackagesYAML.Projects) > 0 {
		f.Remedy = "Move its `projects:` to dependencies.yml, and delete packages.yml."
	} else {
		f.Fixes = []Fix{deletePackages(p)}
	}
	return f
}

func projectNames(projects []dbt.ProjectEntry) []string {
	var names []string
	for _, project := range projects {
		names = append(names, project.Name)
	}
	return names
}

// deletePackages deletes a packages.yml that holds nothing; one with comments
// keeps them as comments of dependencies.yml.
func deletePackages(p *workspace.Project) Fix {
	fix := Fix{Title: "Delete packages.yml", Preferred: true, Delete: []string{p.Packages.Path}}
	var comments strings.Builder
	for line := range strings.Lines(string(p.Packages.Content)) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			comments.WriteString(strings.TrimRight(line, "\r\n") + text.LineEnding(p.Dependencies.Content))
		}
	}
	if comments.Len() > 0 {
		fix.Title = "Delete packages.yml, and move its comments to dependencies.yml"
		fix.Edits = edits(p.Dependencies, text.Edit{Span: text.At(0), New: comments.String()})
	}
	return fix
}
