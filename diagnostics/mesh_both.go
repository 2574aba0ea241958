package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var meshBoth = Rule{
	Code:     "mesh-both",
	Severity: Error,
	Scope:    Repository,
	Title:    "Both packages.yml and dependencies.yml list packages",
	Fix:      "move them into one",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.Mesh.Both {
			return
		}
		report(Finding{
			Refuses: true,
			At:      p.Dependencies.At(packagesKey(p.DependenciesYAML)),
			Message: "dbt stops: packages.yml and dependencies.yml both list packages, and only one of them may.",
			Remedy:  "Move all packages into one of the two files.",
			Related: []Related{{p.Packages.At(packagesKey(p.PackagesYAML)), "the other list"}},
		})
	},
}

// packagesKey is the place of the word `packages` in a file.
func packagesKey(file *dbt.PackagesFile) text.Span {
	if pair, ok := file.YAML.Root.Pair("packages"); ok {
		return pair.Key.Span
	}
	return text.Span{}
}
