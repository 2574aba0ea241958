package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

var envLost = Rule{
	Code:     "env-lost",
	Section:  EnvironmentFiles,
	Rank:     40,
	Severity: Error,
	Scope:    Machine,
	Title:    "A required variable stands below the line at which dbt stops reading .env",
	Fix:      "the fix of the line that dbt cannot read",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.EngineKind() == engine.KindV1 { // it reads on
			return
		}
		for _, v := range p.Called {
			if p.State(v) != workspace.Lost || v.Need != workspace.NeedParse || v.System() {
				continue
			}
			stop := p.EnvFile.Dotenv().Stop
			if stop == nil {
				continue
			}
			first, at := firstCall(v), p.EnvFile.At(stop.At)
			f := Finding{
				Refuses: true,
				At:      first.At(),
				Message: fmt.Sprintf("dbt stops here: .env defines %s, but dbt cannot read line %d of it and drops the rest.", v.Name, at.Line()),
				Remedy:  "Mend that line.",
				Related: append([]Related{{at, "dbt stops reading here"}}, otherCalls(v, first)...),
			}
			if changes, title, ok := p.EnvFile.Dotenv().Repair(); ok {
				f.Fixes = []Fix{{Title: title + fmt.Sprintf(" (.env:%d)", at.Line()), Preferred: true, Edits: edits(p.EnvFile, changes...)}}
			}
			report(f)
		}
	},
}
