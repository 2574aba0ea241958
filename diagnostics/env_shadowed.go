package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var envShadowed = Rule{
	Code:     "env-shadowed",
	Section:  EnvironmentFiles,
	Rank:     130,
	Severity: Info,
	Scope:    Machine,
	Title:    "A line of .env has no effect: the environment already has another value",
	Check: func(p *workspace.Project, report func(Finding)) {
		unused := unused(p)
		for v := range p.InState(workspace.Shadowed) {
			if v.Assigned() && !unused(v.Name) {
				report(shadowedLine(p, v))
			}
		}
	},
}

func shadowedLine(p *workspace.Project, v *workspace.Variable) Finding {
	f := Finding{
		At:      p.EnvFile.At(p.FirstEntry(v).Key()),
		Message: "This line has no effect: the environment already has another value for " + v.Name + ".",
		Remedy:  "Unset it there and start dbt again, if this one is meant.",
	}
	switch {
	case v.System():
		f.Remedy = "Every shell sets it: choose another name."
	case p.Source(v) == workspace.FromEditor:
		f.Message = "This line has no effect: dbt.environmentVariables has another value for " + v.Name + "."
		f.Remedy = "Remove it there, if this one is meant."
	}
	return f
}
