package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var envMisnamed = Rule{
	Code:     "env-misnamed",
	Section:  EnvironmentFiles,
	Rank:     230,
	Severity: Warning,
	Scope:    Machine,
	Title:    "A file is meant as .env, and has another name",
	Fix:      "copy it to .env",
	Check: func(p *workspace.Project, report func(Finding)) {
		if file, names := meantAsEnv(p, p.EnvMisnamed); len(names) > 0 {
			report(Finding{
				At:      firstEntry(file),
				Message: fmt.Sprintf("dbt reads .env and no file of another name, so this one does not set %s.", list(names)),
				Remedy:  "Rename it to .env, or copy it.",
				Fixes:   []Fix{copyToEnv(p, file)},
			})
		}
	},
}
