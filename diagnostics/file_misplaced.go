package diagnostics

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var fileMisplaced = Rule{
	Code:     "file-misplaced",
	Section:  ProjectFiles,
	Rank:     70,
	Severity: Error,
	Scope:    Repository,
	Title:    "A file of dbt lies in a folder of models, where dbt reads it as properties",
	Fix:      "move it to the project's folder, where none is there",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, file := range p.Properties {
			key, ok := foreignKey(file)
			if !ok || filepath.Dir(file.Path) == p.Root {
				continue
			}
			f := Finding{
				At:      file.At(key.Span),
				Message: fmt.Sprintf("dbt v2 stops: in this folder it reads %s as a file of properties, which has no such key.", file.Name()),
				Remedy:  "Move the file " + rightPlace(file) + ".",
			}
			if target := filepath.Join(p.Root, file.Name()); movable(p, file, target) {
				f.Fixes = []Fix{{
					Title: "Move it to the project's folder", Delete: []string{file.Path},
					Create: []NewFile{{target, string(file.Content)}},
				}}
			}
			report(stops(p, f))
		}
	},
}

// propertyKeys are the keys at the top of a properties file.
const propertyKeys = ` version models sources seeds snapshots macros exposures metrics groups semantic_models saved_queries
data_tests tests unit_tests analyses functions anchors `

// foreignKey returns the first key of a file named as one of dbt's own that a
// properties file does not have.
func foreignKey(file *workspace.File) (*yamlfile.Node, bool) {
	switch file.Name() {
	case dbt.ProfilesFileName, "profiles.yaml", dbt.PackagesFileName, dbt.DependenciesFileName, dbt.CloudFileName, dbt.SelectorsFileName, dbt.ProjectFileName:
	default:
		return nil, false
	}
	for pair := range file.YAML().Root.All() {
		if !strings.Contains(strings.ReplaceAll(propertyKeys, "\n", " "), " "+pair.Key.Value+" ") {
			return pair.Key, true
		}
	}
	return nil, false
}

func rightPlace(file *workspace.File) string {
	switch file.Name() {
	case dbt.CloudFileName:
		return "to ~/.dbt"
	case dbt.ProfilesFileName, "profiles.yaml":
		return "to the project's folder or to ~/.dbt"
	}
	return "to the project's folder"
}

// movable reports whether a file may take its place: nothing is there.
func movable(p *workspace.Project, file *workspace.File, target string) bool {
	switch file.Name() {
	case dbt.PackagesFileName:
		return p.Packages.Absent()
	case dbt.DependenciesFileName:
		return p.Dependencies.Absent()
	case dbt.SelectorsFileName:
		return p.Selectors.Absent()
	case dbt.ProfilesFileName:
		return p.WorkingDir == p.Root && !p.Profile.Explicit && (p.ProfilesFile == nil || p.ProfilesFile.Path != target)
	}
	return false
}
