package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var varMissing = Rule{
	Code:     "var-missing",
	Section:  ProjectFiles,
	Rank:     95,
	Severity: Error,
	Scope:    Either,
	Title:    "A file that dbt renders while it parses asks for a variable of the project that is not there",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !v2(p) {
			return
		}
		for _, v := range p.Absent {
			if v.Package == "" {
				report(absent(p, v))
			}
		}
	},
}

func absent(p *workspace.Project, v workspace.AbsentVariable) Finding {
	f := Finding{
		Shared: v.At.File != p.ProfilesFile, At: v.At,
		Message: fmt.Sprintf("dbt v2 stops: `vars:` has no variable %s.", v.Name),
		Remedy:  "Add it, or give the call a default.",
	}
	if v.Through != "" {
		f.Message = fmt.Sprintf("dbt v2 stops: the value of %s asks for a variable %s, which `vars:` does not have.", v.Through, v.Name)
	}
	if v.Early {
		f.Message = fmt.Sprintf("dbt v2 stops: here var() knows no variable of `vars:`, only those of --vars, and %s has no default.", v.Name)
		f.Remedy = "Give the call a default, or use env_var()."
	}
	return stops(p, f)
}
