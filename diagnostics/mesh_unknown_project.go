package diagnostics

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var meshUnknownProject = Rule{
	Code:     "mesh-unknown-project",
	Section:  Platform,
	Rank:     140,
	Severity: Error,
	Scope:    Machine,
	Title:    "A ref names a project that is neither declared nor installed, or a model that it does not publish",
	Fix:      "the name that is meant; declare the project in dependencies.yml",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, f := range unknownModels(p) {
			report(f)
		}
		installed := p.Installed()
		if len(installed) < len(p.Mesh.Packages) || p.Mesh.Both {
			return // a package that is still to be installed may have that name
		}
		known := slices.Concat([]string{p.Name}, projectNames(p.Mesh.Projects), installed)
		ignored := projectNames(p.Mesh.Ignored)
		first := map[string]int{}
		var found []Finding
		strictest := slices.SortedStableFunc(slices.Values(p.Refs), func(a, b workspace.Ref) int { return cmp.Compare(a.Unfound, b.Unfound) })
		for _, ref := range strictest {
			if ref.Conditional || ref.Unfound == workspace.UnfoundPasses || slices.Contains(known, ref.Package) || slices.Contains(ignored, ref.Package) {
				continue
			}
			if at, ok := first[ref.Package]; ok {
				found[at].Related = append(found[at].Related, Related{ref.At, "also here"})
				continue
			}
			first[ref.Package] = len(found)
			found = append(found, unknownRef(p, ref, known))
		}
		for _, f := range found {
			report(f)
		}
	},
}

// unknownModels finds the refs to models that a declared project does not
// publish, as far as dbt will go by what it has fetched of the project. Whether
// the model is public by now only dbt platform knows.
func unknownModels(p *workspace.Project) []Finding {
	known := published(p)
	if len(known) == 0 {
		return nil
	}
	type model struct{ project, name string }
	first := map[model]int{}
	var found []Finding
	for _, ref := range p.Refs {
		project := known[ref.Package]
		if project == nil || ref.Conditional || ref.Model == "" || project.Has(ref.Model) {
			continue
		}
		at := ref.ModelAt
		if at.Span.Empty() {
			at = ref.At
		}
		this := model{ref.Package, ref.Model}
		if before, ok := first[this]; ok {
			found[before].Related = append(found[before].Related, Related{at, "also here"})
			continue
		}
		first[this] = len(found)
		f := Finding{
			Severity: Warning,
			At:       at,
			Message:  fmt.Sprintf("dbt does not find %s: what it fetched of %s within the last hour has no public model of that name.", ref.Model, ref.Package),
			Remedy:   fmt.Sprintf("Make the model public in %s and run its job on dbt platform, or correct the name.", ref.Package),
		}
		if like := p.Artifact(ref.Package).Closest(ref.Model, similar); like != "" {
			f.Remedy = fmt.Sprintf("Write %s if that is meant, or make the model public in %s.", like, ref.Package)
			if at.Text() == ref.Model {
				f.Fixes = []Fix{{Title: "Write " + like, Preferred: true, Edits: edits(at.File, text.Edit{Span: at.Span, New: like})}}
			}
		}
		found = append(found, f)
	}
	return found
}

// published returns what dbt goes by of the declared projects. A name that a
// package has as well may mean that one.
func published(p *workspace.Project) map[string]*dbt.Publication {
	if !fetchesProjects(p) {
		return nil
	}
	all := map[string]*dbt.Publication{}
	installed := p.Installed()
	for _, entry := range p.Mesh.Projects {
		if entry.Name == p.Name || slices.Contains(installed, entry.Name) {
			continue
		}
		if project := p.Published(entry.Name); project != nil {
			all[entry.Name] = project
		}
	}
	return all
}

// Closest returns the name among candidates that a misspelt one most likely
// means, "" when none is close.
func Closest(name string, candidates []string) string { return similar(name, candidates) }

func unknownRef(p *workspace.Project, ref workspace.Ref, known []string) Finding {
	f := Finding{
		At:      ref.At,
		Message: fmt.Sprintf("dbt stops: %s is neither this project, nor declared in dependencies.yml, nor an installed package.", ref.Package),
		Remedy:  "Declare it under `projects:` of dependencies.yml, or correct the name.",
	}
	if ref.Unfound == workspace.UnfoundWarns {
		f.Severity = Warning
		f.Message = fmt.Sprintf("dbt warns: %s is neither this project, nor declared in dependencies.yml, nor an installed package.", ref.Package)
	} else {
		f.Refuses = true
	}
	if like := similar(ref.Package, known); like != "" {
		f.Remedy = fmt.Sprintf("Write %s if that is meant, or declare the project in dependencies.yml.", like)
		if ref.At.Text() == ref.Package {
			f.Fixes = append(f.Fixes, Fix{Title: "Write " + like, Preferred: true, Edits: edits(ref.At.File, text.Edit{Span: ref.At.Span, New: like})})
		}
	}
	if fix, ok := declare(p, ref.Package); ok {
		f.Fixes = append(f.Fixes, fix)
	}
	return f
}

// declare adds a project to dependencies.yml, where that is a list in lines or
// there is none.
func declare(p *workspace.Project, name string) (Fix, bool) {
	fix := Fix{Title: "Declare " + name + " in dependencies.yml"}
	lines := "projects:\n  - name: " + name + "\n"
	file := p.Dependencies
	switch {
	case file.Absent() && p.Packages.Absent():
		fix.Create = []NewFile{{file.Path, lines}}
		return fix, true
	case !file.Exists() || file.YAML().Broken():
		return Fix{}, false
	}
	edit := file.YAML().AppendTopLevel(lines)
	if pair, ok := file.YAML().Root.Pair("projects"); ok {
		if !isBlockList(pair.Value) {
			return Fix{}, false
		}
		last := file.Lines().Line(file.Lines().LineOf(lastByte(pair.Value)))
		item := file.Lines().Position(pair.Value.Items[0].Span.Start)
		indent := string(file.Content[file.Lines().Line(item.Line-1).Start:pair.Value.Items[0].Span.Start])
		edit = text.Edit{Span: text.At(last.End), New: text.LineEnding(file.Content) + indent + "name: " + name}
	}
	content, err := text.Apply(file.Content, []text.Edit{edit})
	if err != nil || len(yamlfile.Parse(content).Problems) > 0 {
		return Fix{}, false
	}
	fix.Edits = edits(file, edit)
	return fix, true
}
