package diagnostics

import (
	"fmt"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var envSilentMacro = Rule{
	Code:     "env-silent-macro",
	Section:  EnvironmentFiles,
	Rank:     50,
	Severity: Warning,
	Scope:    Machine,
	Title:    "A generate_*_name macro needs a variable that is set nowhere, and dbt says nothing",
	Fix:      "☆ as env-missing",
	Check: func(p *workspace.Project, report func(Finding)) {
		fixes := missingFixes(p)
		for _, v := range p.Called {
			if !v.Silent || p.State(v) != workspace.Missing || v.Need >= workspace.NeedLater || v.System() {
				continue
			}
			call := silentCall(v)
			report(Finding{
				At:      call.At(),
				Message: fmt.Sprintf("%s is set nowhere, and dbt swallows the error: %s.", v.Name, insteadOf(call)),
				Remedy:  "Add it to .env, or give the call a default.",
				Related: otherCalls(v, call),
				Fixes:   fixes(v),
			})
		}
	},
}

func silentCall(v *workspace.Variable) *workspace.Call {
	for _, c := range v.Calls {
		if c.Silent {
			return c
		}
	}
	return v.Calls[0]
}

// insteadOf says where dbt builds when the macro around a call fails.
func insteadOf(c *workspace.Call) string {
	switch {
	case strings.Contains(c.Macro, "schema_name"):
		return "models build in the target's schema, even those with a custom schema"
	case strings.Contains(c.Macro, "alias_name"):
		return "models build under their own names"
	case strings.Contains(c.Macro, "database_name"):
		return "models build in the target's database"
	}
	return "models build where they would without the macro"
}
