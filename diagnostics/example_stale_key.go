package diagnostics

import "github.com/dbt-hybrid/dbt-hybrid/workspace"

var exampleStaleKey = Rule{
	Code:     "example-stale-key",
	Section:  EnvironmentFiles,
	Rank:     300,
	Severity: Hint,
	Scope:    Repository,
	Title:    "A name in the example file that nothing uses",
	Fix:      "remove it",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Example != nil {
			reportUnused(p, p.Example, report)
		}
	},
}
