package diagnostics

import (
	"fmt"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var meshUnusedProject = Rule{
	Code:     "mesh-unused-project",
	Section:  Platform,
	Rank:     150,
	Severity: Hint,
	Scope:    Repository,
	Title:    "A project is declared, and no ref names it",
	Fix:      "remove it",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, entry := range p.Mesh.Projects {
			named := slices.ContainsFunc(p.Refs, func(ref workspace.Ref) bool { return ref.Package == entry.Name })
			if named || entry.Name == "" || entry.Name == p.Name || dbt.HasJinja(entry.Name) || p.Mentions(entry.Name) {
				continue
			}
			f := Finding{
				At:      declaration(p, entry),
				Message: fmt.Sprintf("No ref names the project %s.", entry.Name),
				Remedy:  "Remove it, or keep it for the refs to come.",
			}
			file := p.Dependencies
			if entry.File == p.PackagesYAML {
				file = p.Packages
			}
			if edit, ok := removeItem(file, entry); ok {
				f.Fixes = []Fix{{Title: "Remove " + entry.Name, Edits: edits(file, edit)}}
			}
			report(f)
		}
	},
}

// removeItem removes the line of a project, if it has one for itself and is not
// the only one.
func removeItem(from *workspace.File, entry dbt.ProjectEntry) (text.Edit, bool) {
	if !asKnown(from) {
		return text.Edit{}, false
	}
	file := from.YAML()
	list := file.Root.Get("projects")
	line := file.Lines.LineOf(entry.Item.Span.Start)
	if !isBlockList(list) || len(list.Items) < 2 || file.Lines.LineOf(entry.Item.Span.End) != line {
		return text.Edit{}, false
	}
	return text.Edit{Span: file.Lines.LineWithEnd(line)}, true
}
