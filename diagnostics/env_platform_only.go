package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var envPlatformOnly = Rule{
	Code:     "env-platform-only",
	Section:  EnvironmentFiles,
	Rank:     200,
	Severity: Info,
	Scope:    Machine,
	Title:    "A variable that only dbt platform sets by itself is called without a default",
	Fix:      "give the call a default",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.Platform {
			return
		}
		for _, v := range p.Called {
			// env-missing says it of one that nothing sets.
			if !platformOnly(v.Name) || p.State(v) == workspace.Missing || p.State(v) == workspace.Lost {
				continue
			}
			if call := p.RequiredBy(v); call != nil {
				report(Finding{
					At:      call.At(),
					Message: fmt.Sprintf("Only dbt platform sets %s by itself; here %s does. Without that dbt stops.", v.Name, place(p.Source(v))),
					Remedy:  "Give the call a default, so that the project parses everywhere.",
					Related: otherCalls(v, call),
					Fixes:   emptyDefaults(v),
				})
			}
		}
	},
}

// place names a source of variables in a message.
func place(source workspace.Source) string {
	switch source {
	case workspace.FromShell:
		return "the shell"
	case workspace.FromEditor:
		return "dbt.environmentVariables"
	}
	return source.String()
}
