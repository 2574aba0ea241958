package diagnostics

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var envSettingInvalid = Rule{
	Code:     "env-setting-invalid",
	Section:  EnvironmentFiles,
	Rank:     110,
	Severity: Error,
	Scope:    Machine,
	Title:    "One of dbt's own options is empty or malformed, and dbt stops",
	Fix:      "★ comment an empty one out",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, name := range p.Options {
			if option, ok := invalidSetting(p, name); ok {
				report(settingInvalid(p, name, option))
			}
		}
	},
}

// invalidSetting returns the option that a variable sets to something that
// dbt v2 does not take.
func invalidSetting(p *workspace.Project, name string) (dbt.Option, bool) {
	option, ok := dbt.OptionOf(name)
	if !ok || !v2(p) || overridden(p, name) {
		return dbt.Option{}, false
	}
	value, set := p.Env.Lookup(name)
	return option, set && !option.Accepts(value.Reveal()) && !namedNothing(p, name)
}

// namedNothing reports whether an empty name is that of a target or a profile
// that is there.
func namedNothing(p *workspace.Project, name string) bool {
	switch optionName(name) {
	case "TARGET":
		return p.Profile.TargetFrom.Name == name && p.Profile.Output != nil
	case "PROFILE":
		return p.Profile.NameFrom.Name == name && p.Profile.Node != nil
	}
	return false
}

// deciding is the name that decides an option: DBT_ENGINE_X instead of DBT_X, if
// both are set.
func deciding(p *workspace.Project, name string) string {
	option := optionName(name)
	if dbt.Copied(option) {
		return p.Env.Setting(option).From.Name
	}
	return name
}

// optionName is the name of an option without what its variables begin with.
func optionName(variable string) string {
	return strings.TrimPrefix(strings.TrimPrefix(variable, "DBT_"), "ENGINE_")
}

// overridden reports whether a flag decides instead of a variable, or
// DBT_ENGINE_X instead of DBT_X.
func overridden(p *workspace.Project, name string) bool {
	if deciding(p, name) != name {
		return true
	}
	switch optionName(name) {
	case "TARGET":
		return p.Settings.Target != ""
	case "PROFILE":
		return p.Settings.Profile != ""
	case "PROFILES_DIR":
		return p.Settings.ProfilesDir != ""
	}
	return false
}

func settingInvalid(p *workspace.Project, name string, option dbt.Option) Finding {
	value, _ := p.Env.Lookup(name)
	at, entry := definition(p, name)
	f := Finding{At: at, Message: "dbt stops: " + name + from(p, name)}
	if len(option.Commands) == 0 {
		f.Severity, f.Refuses = Error, true
	} else {
		f.Severity = Warning
		f.Message = codes(option.Commands, "dbt ") + " stop: " + name + from(p, name)
	}
	if value.Empty() {
		f.Message += " is set, but empty."
		f.Remedy = "Give it a value, or comment the line out."
		if entry == nil {
			f.Remedy = "Give it a value, or unset it."
		}
	} else {
		f.Message += " must be " + option.Expects() + "."
		f.Remedy = "Correct it, or remove the line."
		if entry == nil {
			f.Remedy = "Correct it, or unset it."
		}
	}
	if entry != nil && value.Empty() && !neededByCall(p, name) {
		plain := only(p, entry) && entry.Value().Empty()
		f.Fixes = []Fix{{
			Title: "Comment " + name + " out", Safe: plain, Preferred: plain,
			Edits: edits(p.EnvFile, p.EnvFile.Dotenv().CommentOut(entry)),
		}}
	}
	return f
}

// neededByCall reports whether a call without a default reads a variable.
func neededByCall(p *workspace.Project, name string) bool {
	v := p.Variable(name)
	return v != nil && !all(v.Calls, func(c *workspace.Call) bool { return c.Default })
}
