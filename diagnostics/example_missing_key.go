package diagnostics

import (
	"fmt"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var exampleMissingKey = Rule{
	Code:     "example-missing-key",
	Section:  EnvironmentFiles,
	Rank:     290,
	Severity: Warning,
	Scope:    Repository,
	Title:    "A required variable is not in the example file",
	Fix:      "★ add it, with a comment on where it is used; add all at once",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Example == nil {
			return
		}
		var absent []*workspace.Variable
		for _, v := range p.Called {
			if v.Example == nil && forExample(v) {
				absent = append(absent, v)
			}
		}
		all := sync.OnceValue(func() Fix { return addToExample(p, absent...) })
		for _, v := range absent {
			one := addToExample(p, v)
			one.Safe, one.Preferred = true, true
			f := Finding{
				At:      p.RequiredBy(v).At(),
				Message: fmt.Sprintf("%s is required, and %s does not name it: the next person cannot know of it.", v.Name, p.Example.Name()),
				Remedy:  "Add it there without a value.",
				Fixes:   []Fix{one},
			}
			if len(absent) > 1 {
				f.Fixes = append(f.Fixes, all())
			}
			report(f)
		}
	},
}
