package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

var meshUnlinked = Rule{
	Code:     "mesh-unlinked",
	Section:  Platform,
	Rank:     110,
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
			Message: "dbt stops here: it fetches this project from dbt platform",
			Remedy:  linkRemedy(p),
			Related: []Related{{head(p), "the project to be linked"}},
		}
		if p.NextMeshRun(p.Looked()).Code == workspace.MeshKept {
			f.Severity = Warning
			f.Message = "dbt stops here within the hour, when it fetches this project anew from dbt platform"
		}
		if linkIsMissing(p) {
			f.Message += ", to which this checkout is not linked."
			f.Fixes = linkFixes(p)
		} else {
			f.Message += ", and lacks complete credentials for that."
		}
		report(f)
	},
}

// meshNeedsLink reports whether the full build of dbt v2 stops because
// projects are declared and no link leads to dbt platform. The open-source
// build never asks, dbt v1 has no such thing, and where a folder of artifacts is
// given, nothing is fetched.
func meshNeedsLink(p *workspace.Project) bool {
	if !fetchesProjects(p) || len(p.Mesh.Projects) == 0 || p.Link.Linked || p.Machine.Home == "" {
		return false
	}
	return p.NextMeshRun(p.Looked()).Code != workspace.MeshGiven
}

// fetchesProjects reports whether the dbt of a project knows others from dbt
// platform.
func fetchesProjects(p *workspace.Project) bool {
	kind := p.EngineKind()
	return kind == engine.KindV2 || kind == engine.KindUnknown
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
