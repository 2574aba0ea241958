package diagnostics

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var envEngineSetting = Rule{
	Code:     "env-engine-setting",
	Section:  EnvironmentFiles,
	Rank:     160,
	Severity: Info,
	Scope:    Machine,
	Title:    "A line of .env steers dbt itself",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, name := range p.Options {
			does := engineDoes(p, name)
			at, entry := definition(p, name)
			if does == "" || entry == nil || p.EnvFile.Dotenv().Name(entry) != name {
				continue
			}
			f := Finding{
				At:      at,
				Message: name + " steers dbt itself: it " + does + ".",
				Remedy:  "Remove the line if that is not meant.",
			}
			if v := p.Variable(name); len(v.Calls) > 0 {
				f.Remedy = "Give your own variable another name if that is not meant."
				f.Related = calls(v, "called here")
			}
			report(f)
		}
	},
}

// spokenOf reports whether another rule says what comes of a variable that
// chooses the profile, the target or what dbt defers to.
func spokenOf(p *workspace.Project, name string) bool {
	is := func(setting dbt.Origin) bool { return setting.Name == name }
	switch {
	case is(p.Env.Setting("STATE").From), is(p.Env.Setting("DEFER_STATE").From):
		return p.Platform
	case name == dbt.ProjectIDVariable:
		return linkIsMixed(p)
	case is(p.Profile.NameFrom):
		return p.Profile.Problem == dbt.ProfileMissing
	case is(p.Profile.TargetFrom):
		return p.Profile.Problem == dbt.TargetMissing
	case is(p.Env.Setting("PROFILES_DIR").From):
		return p.Profile.Problem == dbt.ProfilesNotFound
	}
	return false
}

// engineDoes says what an option of dbt's own does that a variable sets, "" where
// it sets none or another rule speaks of it.
func engineDoes(p *workspace.Project, name string) string {
	value, _ := p.Env.Lookup(name)
	if _, invalid := invalidSetting(p, name); invalid || noEffect(p, name) != "" || engineRefuses(p, name) || value.Empty() {
		return ""
	}
	if strings.HasPrefix(name, "DBT_CLOUD_") && !p.Platform || spokenOf(p, name) {
		return ""
	}
	option, ok := dbt.OptionOf(name)
	switch reserved := dbt.ReservedName(name); {
	case ok:
		return option.Does
	case reserved == dbt.ReservedKnown, reserved == dbt.ReservedNewer:
		return "is one of its options"
	}
	return ""
}
