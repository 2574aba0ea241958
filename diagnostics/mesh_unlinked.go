package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

var meshUnlinked = Rule{
	Code:     "mesh-unlinked",
	Severity: Error,
	Scope:    Machine,
	Title:    "Projects are declared, but dbt is not linked to dbt platform and stops",
	Fix:      "☆ as link-missing",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !meshNeedsLink(p) {
			return
		}
		first := p.Mesh.Projects[0]
		file := p.Dependencies
		if first.File != p.DependenciesYAML {
			file = p.Packages
		}
		f := Finding{
			At:      file.At(first.At),
			Message: "dbt stops here: it asks dbt platform for this project, and has no " + lacking(p) + ".",
			Remedy:  "Add `dbt-cloud: project-id` to dbt_project.yml, and download dbt_cloud.yml to ~/.dbt.",
			Related: []Related{{head(p), "the project to be linked"}},
		}
		if linkIsMissing(p) {
			f.Fixes = linkFixes(p)
		}
		report(f)
	},
}

// meshNeedsLink reports whether the full build of dbt v2 stops because
// projects are declared and no link leads to dbt platform. The open-source
// build never asks, dbt v1 has no such thing.
func meshNeedsLink(p *workspace.Project) bool {
	switch p.EngineKind() {
	case engine.KindV2, engine.KindUnknown:
		return len(p.Mesh.Projects) > 0 && !p.Link.Linked && p.Machine.Home != ""
	}
	return false
}

func lacking(p *workspace.Project) string {
	if linkIsMissing(p) {
		return "link to it"
	}
	return "complete credentials for it"
}
