package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

var envMisplaced = Rule{
	Code:     "env-misplaced",
	Section:  EnvironmentFiles,
	Rank:     220,
	Severity: Warning,
	Scope:    Machine,
	Title:    "A .env lies above or below the project, where dbt does not read it",
	Fix:      "copy it to where dbt runs",
	Check: func(p *workspace.Project, report func(Finding)) {
		if _, names := meantAsEnv(p, p.EnvMisnamed); len(names) > 0 || p.EngineKind() == engine.KindV1 {
			return
		}
		if file, names := meantAsEnv(p, p.EnvMisplaced); len(names) > 0 {
			report(Finding{
				At:      firstEntry(file),
				Message: fmt.Sprintf("dbt reads .env only in the folder in which it runs, so this file does not set %s.", list(names)),
				Remedy:  "Copy it to " + workingFolder(p) + ", or start dbt in the folder where it lies, with `--project-dir` if that is above the project.",
				Fixes:   []Fix{copyToEnv(p, file)},
			})
		}
	},
}

// workingFolder names the folder in which dbt runs.
func workingFolder(p *workspace.Project) string {
	if p.WorkingDir == p.Root {
		return "the project's folder"
	}
	return p.Toward(p.WorkingDir)
}

// meantAsEnv returns the first file that sets what dbt misses, and which names.
func meantAsEnv(p *workspace.Project, files []*workspace.File) (*workspace.File, []string) {
	if !p.EnvFile.Absent() || !p.ReadsEnvFile() {
		return nil, nil
	}
	for _, file := range files {
		var names []string
		for _, v := range p.Called {
			if _, ok := file.Dotenv().First(v.Name); ok && missing(p, v) {
				names = append(names, v.Name)
			}
		}
		if len(names) > 0 {
			return file, names
		}
	}
	return nil, nil
}

// copyToEnv makes a .env of a file.
func copyToEnv(p *workspace.Project, file *workspace.File) Fix {
	return Fix{
		Title:  "Copy " + p.Toward(file.Path) + " to " + p.Toward(p.EnvFile.Path),
		Create: []NewFile{{p.EnvFile.Path, string(file.Content)}},
	}
}
