package diagnostics

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var profilesNotFound = Rule{
	Code:     "profiles-not-found",
	Section:  ProjectFiles,
	Rank:     80,
	Severity: Error,
	Scope:    Machine,
	Title:    "There is no profiles.yml where dbt looks",
	Fix:      "☆ create a skeleton in the project",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Profile.Problem != dbt.ProfilesNotFound || misnamedProfiles(p) {
			return
		}
		if dir := p.Env.Setting("PROFILES_DIR"); p.Settings.ProfilesDir == "" && dir.Set && emptyVariable(p, dir.Value, dir.From) {
			return
		}
		f := Finding{
			Refuses: true,
			At:      profileKey(p),
			Message: "dbt stops: there is neither " + strings.Join(shown(p, p.Profile.Searched), " nor ") + ".",
			Remedy:  "Create one, or run `dbt init`.",
		}
		if len(p.Profile.Searched) == 1 {
			f.Message = "dbt stops: there is no " + shown(p, p.Profile.Searched)[0] + "."
		}
		if p.Profile.Explicit {
			f.Message, f.Remedy = givenFolder(p), "Create it there, or change the folder."
			if at, ok := origin(p, p.Env.Setting("PROFILES_DIR").From); ok && p.Settings.ProfilesDir == "" {
				f.Related = []Related{{at, "the folder is given here"}}
			}
		}
		if profile := p.Profile.Name; profile != "" && literal(p, p.Profile.NameFrom) {
			path := p.Profile.Searched[len(p.Profile.Searched)-1]
			if p.Profile.Explicit || p.WorkingDir == p.Root { // in a folder of models it would be read as one of their files
				path = p.Profile.Searched[0]
			}
			f.Fixes = []Fix{{
				Title: "Create profiles.yml with a profile " + profile, Preferred: true,
				Create: []NewFile{{path, skeleton(profile)}},
			}}
		}
		report(f)
	},
}

// givenFolder says that dbt looks in one folder only. What a variable names is
// not shown.
func givenFolder(p *workspace.Project) string {
	if p.Settings.ProfilesDir != "" {
		return "dbt stops: there is no " + shown(p, p.Profile.Searched)[0] + ", and it looks nowhere else when a folder is given."
	}
	return "dbt stops: there is no profiles.yml in the folder that " + by(p, p.Env.Setting("PROFILES_DIR").From) + " names, and it looks nowhere else."
}

// shown are paths as people write them: below the project with a dot, below the
// home folder with a tilde.
func shown(p *workspace.Project, paths []string) []string {
	all := make([]string, len(paths))
	for i, path := range paths {
		all[i] = shownPath(p, path)
		if all[i] == dbt.ProfilesFileName {
			all[i] = "./" + all[i]
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
