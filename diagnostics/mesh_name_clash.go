package diagnostics

import (
	"fmt"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var meshNameClash = Rule{
	Code:     "mesh-name-clash",
	Section:  Platform,
	Rank:     160,
	Severity: Warning,
	Scope:    Repository,
	Title:    "One name is a project and a package",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, entry := range p.Mesh.Projects {
			clash := slices.IndexFunc(p.Mesh.Packages, func(e dbt.PackageEntry) bool { return entry.Name != "" && e.Name() == entry.Name })
			f := Finding{
				At:      declaration(p, entry),
				Message: fmt.Sprintf("%s is declared as a project of dbt platform and listed as a package: a ref to it may mean either.", entry.Name),
				Remedy:  "Keep one of the two.",
			}
			switch {
			case clash >= 0:
				other := p.Mesh.Packages[clash]
				file := p.Dependencies
				if other.File == p.PackagesYAML {
					file = p.Packages
				}
				f.Related = []Related{{file.At(other.At), "the package"}}
			case entry.Name != "" && entry.Name == p.Name:
				f.Message = fmt.Sprintf("%s is declared as a project of dbt platform, and it is the name of this project: a ref to it may mean either.", entry.Name)
				f.Remedy = "Remove it from `projects:`."
			default:
				continue
			}
			report(f)
		}
	},
}
