package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

var engineStale = Rule{
	Code:     "engine-stale",
	Section:  Engines,
	Rank:     30,
	Severity: Info,
	Scope:    Machine,

	Everywhere: true,
	Title:      "A newer release of dbt v2 is out",
	Fix:        "run the update command of this install",
	Check: func(p *workspace.Project, report func(Finding)) {
		first, ok := p.Engine.First()
		if !ok || engine.State(first, p.Engine.Releases) != engine.Stale || knownBad(p, first) {
			return
		}
		if other, ok := shadowed(p); ok && engine.State(other, p.Engine.Releases) != engine.Stale {
			return
		}
		f := Finding{
			At:      head(p),
			Message: fmt.Sprintf("The dbt that runs here is %s; the newest release is %s.", first.Version, p.Engine.Releases.Newest()),
		}
		if first.Update != "" {
			f.Remedy = "Update it with `" + first.Update + "`."
			f.Fixes = []Fix{{Title: "Show `" + first.Update + "` in a terminal", Command: &Command{RunInTerminal, []string{first.Update}}}}
		}
		report(f)
	},
}
