package diagnostics

import (
	"fmt"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var envPlatformName = Rule{
	Code:     "env-platform-name",
	Section:  EnvironmentFiles,
	Rank:     210,
	Severity: Hint,
	Scope:    Repository,
	Title:    "dbt platform cannot set a variable of this name",
	Fix:      "rename it everywhere",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.Platform {
			return
		}
		for _, v := range p.Called {
			if onPlatform(v.Name) || v.System() {
				continue
			}
			if call := platformCall(p, v); call != nil {
				report(platformName(p, v, call))
			}
		}
	},
}

// platformCall returns the first call that dbt platform evaluates: it has
// connections of its own, and does not read profiles.yml.
func platformCall(p *workspace.Project, v *workspace.Variable) *workspace.Call {
	for _, c := range v.Calls {
		if c.Package == "" && inRepository(p, c.File) && c.File != p.ProfilesFile {
			return c
		}
	}
	return nil
}

func platformName(p *workspace.Project, v *workspace.Variable, call *workspace.Call) Finding {
	f := Finding{
		At:      call.At(),
		Message: fmt.Sprintf("dbt platform cannot set %s: its variables begin with DBT_, and have no lower-case letters.", v.Name),
		Remedy:  "Rename it, if dbt platform shall run this.",
		Related: otherCalls(v, call),
	}
	if fix, ok := rename(p, v, platformSpelling(v.Name)); ok {
		f.Fixes = []Fix{fix}
	}
	return f
}

// onPlatform reports whether dbt platform takes a name (docs: environment
// variables).
func onPlatform(name string) bool {
	return strings.HasPrefix(name, "DBT_") && strings.ToUpper(name) == name
}

// platformSpelling makes a name that dbt platform takes. _DBT stands for nothing
// that env_var() reads.
func platformSpelling(name string) string {
	name = strings.ToUpper(strings.TrimLeft(name, "_"))
	if strings.HasPrefix(name, "DBT_") {
		return name
	}
	return "DBT_" + name
}
