package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var linkMissing = Rule{
	Code:     "link-missing",
	Section:  Platform,
	Rank:     10,
	Severity: Warning,
	Scope:    Machine,
	Title:    "dbt does not know which project of dbt platform this is",
	Fix:      "☆ insert the project id if one fits by name, else pick",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !linkIsMissing(p) || meshNeedsLink(p) || len(projectProblems(p, dbt.LinkKey)) > 0 {
			return
		}
		report(Finding{
			At:      head(p),
			Message: "This project uses dbt platform, but dbt_project.yml has no `dbt-cloud: project-id`: deferral and cross-project refs are off, without a word.",
			Remedy:  "Add the id, which stands in the project's address on dbt platform and in dbt_cloud.yml.",
			Fixes:   linkFixes(p),
		})
	},
}

// linkIsMissing reports whether a project that uses dbt platform names no
// project id, neither in dbt_project.yml nor in the environment.
func linkIsMissing(p *workspace.Project) bool {
	return p.Platform && !p.Link.Linked && p.Link.InProject.From.Kind == dbt.OriginNone && p.Link.ProjectID.From.Kind == dbt.OriginNone
}

// linkFixes insert the project id: the one whose name fits, else each of the
// file as a choice.
func linkFixes(p *workspace.Project) []Fix {
	if p.File.YAML().Root == nil || p.File.YAML().Broken() {
		return nil
	}
	if fitting := p.Cloud.Fitting(p.Name); len(fitting) == 1 {
		fix := insertLink(p, fitting[0])
		fix.Preferred = true
		return []Fix{fix}
	}
	var fixes []Fix
	for i := range p.Cloud.Entries {
		fixes = append(fixes, insertLink(p, &p.Cloud.Entries[i]))
	}
	return fixes
}

func insertLink(p *workspace.Project, entry *dbt.CloudEntry) Fix {
	id := entry.ProjectID.Text
	return Fix{
		Title: fmt.Sprintf("Link to the project %s (%s)", entry.ProjectName.Text, id),
		Edits: edits(p.File, linkEdit(p.File.YAML(), id)),
	}
}

func linkEdit(file *yamlfile.File, id string) text.Edit {
	if block := file.Root.Get("dbt-cloud"); block != nil && block.Kind == yamlfile.Mapping {
		return setKey(file, block, "project-id", `"`+id+`"`)
	}
	if pair, ok := file.Root.Pair("dbt-cloud"); ok { // there, and empty
		return text.Edit{Span: pair.Value.Span, New: text.LineEnding(file.Content) + `  project-id: "` + id + `"`}
	}
	return file.AppendTopLevel("dbt-cloud:\n  project-id: \"" + id + "\"\n")
}
