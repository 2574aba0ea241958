package diagnostics

import (
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
)

var envJinjaValue = Rule{
	Code:     "env-jinja-value",
	Section:  EnvironmentFiles,
	Rank:     100,
	Severity: Warning,
	Scope:    Machine,
	Title:    "A variable's value reads as Jinja, and env_var() renders it",
	Fix:      "rename it to DBT_ENV_SECRET_… everywhere, if only profiles.yml reads it",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !v2(p) {
			return
		}
		for _, v := range p.Called {
			if c := rendered(v); c != nil && !protected(p, v) {
				f := jinjaValue(p, v, c)
				if !fails(c) && slices.ContainsFunc(retypedFields(p), func(other Finding) bool { return other.At == f.At }) {
					continue // env-retype says what comes of it
				}
				report(f)
			}
		}
	},
}

// rendered returns the call at which most comes of it that env_var() renders
// what it gives; nil where that changes nothing.
func rendered(v *workspace.Variable) *workspace.Call {
	var most *workspace.Call
	for _, c := range v.Calls {
		switch {
		case c.Rendering == jinja.NoTemplate || c.Derived && c.Reach < workspace.NeedLater:
		case most == nil, fails(c) && !fails(most), fails(c) == fails(most) && c.Reach > most.Reach:
			most = c
		}
	}
	return most
}

// protected reports whether a value says itself that it is no Jinja.
func protected(p *workspace.Project, v *workspace.Variable) bool {
	value, _ := p.Env.Lookup(v.Name)
	inside, ok := strings.CutPrefix(value.Reveal(), "{% raw %}")
	return ok && strings.Index(inside, "{% endraw %}") == len(inside)-len("{% endraw %}")
}

// fails reports whether dbt fails at a call because of the value.
func fails(c *workspace.Call) bool { return c.Rendering >= jinja.Broken }

func jinjaValue(p *workspace.Project, v *workspace.Variable, c *workspace.Call) Finding {
	what := "the value of " + v.Name + from(p, v.Name)
	if p.Source(v) == workspace.FromNowhere {
		what = "the default of " + v.Name
	}
	var f Finding
	switch cause := "env_var() renders " + what + " as Jinja"; c.Rendering {
	case jinja.Broken:
		f = refusedAs(p, c, "dbt v2 stops", cause+", which fails")
	case jinja.Endless:
		f = refusedAs(p, c, "dbt v2 aborts", cause+", and it asks for itself")
	default:
		f = Finding{Severity: Warning, At: c.At(), Message: "dbt v2 does not get " + what + " as it is: env_var() renders it as Jinja."}
	}
	if entry, ok := p.Env.Entry(v.Name); ok {
		f.At = p.EnvFile.At(entry.Key())
	}
	for _, call := range v.Calls {
		if call.Package == "" && call.At() != f.At {
			f.Related = append(f.Related, Related{call.At(), "called here"})
		}
	}
	f.Remedy = "Put it between {% raw %} and {% endraw %}, or choose a value without {{, {% and {#."
	if secret := "DBT_ENV_SECRET_" + strings.TrimPrefix(v.Name, "DBT_"); all(v.Calls, func(c *workspace.Call) bool { return couldBeSecret(p, c) }) {
		f.Remedy = "Give it a name that begins with DBT_ENV_SECRET_: dbt does not render such a value."
		if fix, ok := rename(p, v, secret); ok {
			f.Fixes = []Fix{fix}
		}
	}
	return f
}

// couldBeSecret reports whether a call could ask for a secret instead: dbt gives
// it there, and nothing works on it. dbt before 2.0.0 chooses the target without
// putting secrets in.
func couldBeSecret(p *workspace.Project, c *workspace.Call) bool {
	if target := p.Profile.TargetNode; target != nil && c.File == p.ProfilesFile && target.Resolved().Span.Contains(c.Token.Start) {
		return false
	}
	return strings.HasPrefix(c.Scope, "profiles:") && c.SecretsAllowed() && !c.Altered
}
