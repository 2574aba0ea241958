package diagnostics

import (
	"path/filepath"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var profilesNotFound = Rule{
	Code:     "profiles-not-found",
	Severity: Error,
	Scope:    Machine,
	Title:    "There is no profiles.yml where dbt looks",
	Fix:      "☆ create a skeleton in the project",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Profile.Problem != dbt.ProfilesNotFound {
			return
		}
		f := Finding{
			Refuses: true,
			At:      profileKey(p),
			Message: "dbt finds no profiles.yml. It looked for " + strings.Join(shown(p, p.Profile.Searched), " and ") + ".",
			Remedy:  "Create one, or run `dbt init`.",
		}
		if p.Profile.Explicit {
			f.Remedy = "Create it there, or change the folder: when one is given, dbt looks nowhere else."
		}
		if profile := p.Profile.Name; profile != "" {
			f.Fixes = []Fix{{
				Title: "Create profiles.yml with a profile " + profile, Preferred: true,
				Create: []NewFile{{p.Profile.Searched[0], skeleton(profile)}},
			}}
		}
		report(f)
	},
}

func shown(p *workspace.Project, paths []string) []string {
	all := make([]string, len(paths))
	for i, path := range paths {
		all[i] = p.Rel(path)
		if rel, err := filepath.Rel(p.Machine.Home, path); p.Machine.Home != "" && all[i] == path && err == nil && !strings.HasPrefix(rel, "..") {
			all[i] = "~/" + filepath.ToSlash(rel)
		}
	}
	return all
}

// skeleton is a profiles.yml that dbt v2 parses as it stands: duckdb needs no
// account, and its file is made on the first run.
func skeleton(profile string) string {
	return profile + `:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: dev.duckdb
      schema: main
`
}
