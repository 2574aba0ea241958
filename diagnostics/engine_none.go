package diagnostics

import (
	"fmt"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

var engineNone = Rule{
	Code:     "engine-none",
	Section:  Engines,
	Rank:     10,
	Severity: Info,
	Scope:    Machine,

	Everywhere: true,
	Title:      "There is no dbt on the search path",
	Fix:        "the install commands",
	Check: func(p *workspace.Project, report func(Finding)) {
		if _, ok := p.Engine.First(); ok || !p.Engine.Found {
			return
		}
		others := engine.In(p.Engine.Installs, p.Root)
		if slices.ContainsFunc(others, func(in engine.Install) bool { return len(in.Users) > 0 }) {
			return // an editor or an environment has its own
		}
		message, remedy := "There is no dbt on the search path.", "Install dbt v2 with dbt's installer, or with `pip install dbt`."
		if len(others) > 0 {
			message = fmt.Sprintf("There is no dbt on the search path; there is one at %s.", others[0].Path)
			remedy = "Put its folder on the search path, or install dbt v2."
		}
		install := engine.InstallCommand("unix")
		report(Finding{
			At:      head(p),
			Message: message,
			Remedy:  remedy,
			Fixes: []Fix{
				{Title: "Show dbt's installer in a terminal", Command: &Command{RunInTerminal, []string{install}}},
				{Title: "Show `pip install dbt` in a terminal", Command: &Command{RunInTerminal, []string{"pip install dbt"}}},
			},
		})
	},
}
