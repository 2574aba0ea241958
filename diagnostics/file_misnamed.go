package diagnostics

import (
	"path/filepath"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var fileMisnamed = Rule{
	Code:     "file-misnamed",
	Section:  ProjectFiles,
	Rank:     60,
	Severity: Warning,
	Scope:    Repository,
	Title:    "dbt does not read a file with this name, only the one that ends in .yml",
	Fix:      "☆ rename it",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, file := range p.Strays {
			right := strings.TrimSuffix(file.Path, ".yaml") + ".yml"
			if filepath.Ext(file.Path) != ".yaml" || filepath.Dir(file.Path) != p.Root || isThere(p, right) {
				continue
			}
			f := Finding{
				At:      file.Start(),
				Message: "dbt does not read " + file.Name() + ", without a word: it looks for " + filepath.Base(right) + " only.",
				Remedy:  "Rename the file.",
				Fixes: []Fix{{
					Title: "Rename it to " + filepath.Base(right), Preferred: true, Delete: []string{file.Path},
					Create: []NewFile{{right, string(file.Content)}},
				}},
			}
			if filepath.Base(right) == dbt.ProfilesFileName && p.Profile.Problem == dbt.ProfilesNotFound {
				f.Severity, f.Refuses = Error, true
				f.Message = "dbt stops: it does not read " + file.Name() + ", and finds no " + dbt.ProfilesFileName + "."
			}
			report(f)
		}
	},
}

// isThere reports whether a file that dbt reads beside dbt_project.yml exists.
func isThere(p *workspace.Project, path string) bool {
	switch filepath.Base(path) {
	case dbt.PackagesFileName:
		return !p.Packages.Absent()
	case dbt.DependenciesFileName:
		return !p.Dependencies.Absent()
	}
	return p.ProfilesFile != nil && p.ProfilesFile.Path == path
}

// misnamedProfiles reports whether the profiles.yml that dbt looks for is there
// under a name that it does not read.
func misnamedProfiles(p *workspace.Project) bool {
	for _, file := range p.Strays {
		if file.Path == filepath.Join(p.Root, "profiles.yaml") {
			return true
		}
	}
	return false
}
