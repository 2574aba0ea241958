package diagnostics

import (
	"fmt"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var meshIgnored = Rule{
	Code:     "mesh-ignored",
	Severity: Warning,
	Scope:    Repository,
	Title:    "A packages.yml without packages switches the projects of dependencies.yml off",
	Fix:      "delete packages.yml; move `projects:` into it",
	Check: func(p *workspace.Project, report func(Finding)) {
		if len(p.Mesh.Ignored) == 0 {
			return
		}
		var names []string
		for _, project := range p.Mesh.Ignored {
			names = append(names, project.Name)
		}
		f := Finding{
			At:      p.Dependencies.At(p.Mesh.Ignored[0].At),
			Message: "dbt ignores " + list(names) + " without a word, because packages.yml is there and lists no package.",
			Remedy:  "Delete packages.yml.",
			Related: []Related{{p.Packages.Start(), "the file that switches them off"}},
			Fixes:   []Fix{deletePackages(p)},
		}
		for _, ref := range p.Refs {
			if contains(names, ref.Package) {
				f.Severity, f.Refuses = Error, true
				f.Message = fmt.Sprintf("dbt ignores %s, because packages.yml is there and lists no package; a ref to %s then stops it.", list(names), ref.Package)
				f.Related = append(f.Related, Related{ref.At, "this ref is not found"})
				break
			}
		}
		report(f)
	},
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
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
