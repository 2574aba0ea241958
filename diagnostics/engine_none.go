package diagnostics

import "github.com/dbt-hybrid/dbt-hybrid/workspace"

var engineNone = Rule{
	Code:     "engine-none",
	Severity: Info,
	Scope:    Machine,

	Everywhere: true,
	Title:      "There is no dbt on the search path",
	Fix:        "the install commands",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.Engine.Found || len(p.Engine.Installs) > 0 {
			return
		}
		const install = "curl -fsSL https://public.cdn.getdbt.com/fs/install/install.sh | sh -s -- --update"
		report(Finding{
			At:      head(p),
			Message: "There is no dbt on the search path.",
			Remedy:  "Install dbt v2 with dbt's installer, or with `pip install dbt`.",
			Fixes: []Fix{
				{Title: "Show dbt's installer in a terminal", Command: &Command{RunInTerminal, []string{install}}},
				{Title: "Show `pip install dbt` in a terminal", Command: &Command{RunInTerminal, []string{"pip install dbt"}}},
			},
		})
	},
}
