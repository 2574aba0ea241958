package diagnostics

import (
	"errors"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var envUnreadable = Rule{
	Code:     "env-unreadable",
	Section:  EnvironmentFiles,
	Rank:     240,
	Severity: Warning,
	Scope:    Machine,
	Title:    ".env is there, and dbt cannot read it",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.EnvFile.Exists() || p.EnvFile.Absent() {
			return
		}
		needed := needsEnv(p)
		f := Finding{At: head(p), Remedy: "Make it readable."}
		switch {
		case errors.Is(p.EnvFile.Err, workspace.ErrIrregular):
			if !needed { // a virtual environment is often called .env
				return
			}
			f.Message = ".env is a folder, a pipe or a device: dbt passes it over without a word."
			f.Remedy = "Put the variables in a file of that name."
		case errors.Is(p.EnvFile.Err, workspace.ErrTooLarge):
			f.Message = ".env is too large to be looked into here; dbt may read it."
			f.Remedy = "Keep only variables in it."
		default:
			f.Message = ".env cannot be read: dbt passes it over without a word."
		}
		report(f)
	},
}

// needsEnv reports whether a required variable is set nowhere.
func needsEnv(p *workspace.Project) bool {
	for _, v := range p.Called {
		if missing(p, v) && v.Need == workspace.NeedParse {
			return true
		}
	}
	return false
}
