package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var exampleMissingKey = Rule{
	Code:     "example-missing-key",
	Severity: Warning,
	Scope:    Repository,
	Title:    "A required variable is not in the example file",
	Fix:      "★ add it, with a comment on where it is used; add all at once",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Example == nil {
			return
		}
		var absent []*workspace.Variable
		for _, v := range p.Variables {
			if inExampleWanted(v) {
				absent = append(absent, v)
			}
		}
		for _, v := range absent {
			one := addToExample(p, v)
			one.Safe, one.Preferred = true, true
			f := Finding{
				At:      firstCall(v).At(),
				Message: fmt.Sprintf("%s is required, and %s does not name it: the next person cannot know of it.", v.Name, p.Example.Name()),
				Remedy:  "Add it there without a value.",
				Fixes:   []Fix{one},
			}
			if len(absent) > 1 {
				f.Fixes = append(f.Fixes, addToExample(p, absent...))
			}
			report(f)
		}
	},
}

// inExampleWanted reports whether a variable should stand in the example file
// and does not.
func inExampleWanted(v *workspace.Variable) bool {
	return v.Need >= workspace.NeedLater && v.Example == nil && !v.System() && !platformOnly(v.Name) && firstCall(v).Package == ""
}
