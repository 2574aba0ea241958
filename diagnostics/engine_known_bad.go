package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

var engineKnownBad = Rule{
	Code:       "engine-known-bad",
	Section:    Engines,
	Rank:       40,
	Severity:   Warning,
	Scope:      Machine,
	Everywhere: true,
	Title:      "A release that dbt advises against is in use",
	Fix:        "run the update command of this install",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, in := range engine.In(p.Engine.Installs, p.Root) {
			if !knownBad(p, in) || in.OffPath && len(in.Users) == 0 {
				continue
			}
			f := Finding{
				At:      head(p),
				Message: fmt.Sprintf("dbt %s at %s is on dbt's list of known-bad releases.", in.Version, in.Path),
				Remedy:  "Install another release.",
			}
			if in.Update != "" {
				f.Remedy = "Update it with `" + in.Update + "`."
				f.Fixes = []Fix{{Title: "Show `" + in.Update + "` in a terminal", Command: &Command{RunInTerminal, []string{in.Update}}}}
			}
			report(f)
		}
	},
}

// knownBad reports whether a dbt v2 is on the list of known-bad releases.
func knownBad(p *workspace.Project, in engine.Install) bool {
	return in.Kind.IsV2() && p.Engine.Releases.IsKnownBad(in.Version)
}
