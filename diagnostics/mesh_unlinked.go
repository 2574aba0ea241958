package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
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
		f := Finding{
			At:      declaration(p, p.Mesh.Projects[0]),
			Message: "dbt stops here: it fetches this project from dbt platform, and lacks complete credentials for that.",
			Remedy:  linkRemedy(p),
			Related: []Related{{head(p), "the project to be linked"}},
		}
		if linkIsMissing(p) {
			f.Message = "dbt stops here: it fetches this project from dbt platform, to which this checkout is not linked."
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

// linkRemedy says how to link the project: what to do about the first reason
// that lies in the link.
func linkRemedy(p *workspace.Project) string {
	if linkIsMissing(p) {
		return "Add `dbt-cloud: project-id` to dbt_project.yml, and download dbt_cloud.yml from your profile on dbt platform to ~/.dbt."
	}
	for _, reason := range p.Deferral.Reasons {
		switch reason.Code {
		case dbt.ReasonNoCloudFile, dbt.ReasonCloudInvalid, dbt.ReasonIncomplete, dbt.ReasonNoProjectID, dbt.ReasonUnknown, dbt.ReasonMixed:
			return reason.Message + " " + deferRemedy(reason)
		}
	}
	return ""
}

// declaration is the place at which a project is declared.
func declaration(p *workspace.Project, entry dbt.ProjectEntry) workspace.Location {
	if entry.File == p.PackagesYAML {
		return p.Packages.At(entry.At)
	}
	return p.Dependencies.At(entry.At)
}
