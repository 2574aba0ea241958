package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var envDisablesModel = Rule{
	Code:     "env-disables-model",
	Section:  EnvironmentFiles,
	Rank:     120,
	Severity: Warning,
	Scope:    Machine,
	Title:    "A variable gives `enabled` a text that is neither true nor false, which switches models off",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !v2(p) {
			return
		}
		for _, v := range p.Called {
			if disables(v) && (p.State(v) != workspace.Empty || p.EmptyEffect(v) == "") {
				report(disablesModel(p, v))
			}
		}
	},
}

// disables reports whether a variable switches something off without being false.
func disables(v *workspace.Variable) bool {
	for _, c := range v.Calls {
		if c.Disables {
			return true
		}
	}
	return false
}

func disablesModel(p *workspace.Project, v *workspace.Variable) Finding {
	f := Finding{Remedy: "Set it to true or false."}
	what := v.Name + from(p, v.Name)
	if p.Source(v) == workspace.FromNowhere {
		what, f.Remedy = "the default of "+v.Name, "Make it true or false, or set the variable."
	}
	f.Message = "dbt v2 takes `enabled` for false without a word: " + what + " is neither true nor false."
	if p.State(v) == workspace.Empty {
		f.Message = "dbt v2 takes `enabled` for false without a word: " + what + " is set, but empty."
	}
	for _, c := range v.Calls {
		switch {
		case !c.Disables:
		case f.At.File == nil:
			f.At = c.At()
		default:
			f.Related = append(f.Related, Related{c.At(), "switched off here as well"})
		}
	}
	if entry, ok := p.Env.Entry(v.Name); ok {
		f.Related = append([]Related{{f.At, "switched off here"}}, f.Related...)
		f.At = p.EnvFile.At(entry.Key())
	}
	return f
}
