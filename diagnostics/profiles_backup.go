package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var profilesBackup = Rule{
	Code:     "profiles-backup",
	Section:  ProjectFiles,
	Rank:     190,
	Severity: Warning,
	Scope:    Repository,
	Title:    "git would commit the copy of profiles.yml that dbt init made",
	Fix:      "★ add it to .gitignore; for a file that git holds, the command that removes it there",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, file := range p.Strays {
			if file.Name() != workspace.ProfilesBackupName || !inRepository(p, file) || !committed(p, file) {
				continue
			}
			f := Finding{
				At:      file.Start(),
				Message: fmt.Sprintf("git would commit %s: it is the copy that `dbt init` makes of profiles.yml, with all that stood there.", name(p, file)),
				Remedy:  "Add it to .gitignore, or delete it.",
				Fixes:   []Fix{ignore(p, file.Path)},
			}
			if p.Git.Tracked(file.Path) {
				f.Message = fmt.Sprintf("git holds %s: it is the copy that `dbt init` makes of profiles.yml, with all that stood there.", name(p, file))
				f.Remedy = fmt.Sprintf("Run `git rm --cached %s`, and add it to .gitignore.", name(p, file))
				f.Fixes = []Fix{untrack(p, file)}
			}
			report(f)
		}
	},
}

// committed reports whether git holds a file, or would with the next commit.
func committed(p *workspace.Project, file *workspace.File) bool {
	return p.Git.Root != "" && (p.Git.Tracked(file.Path) || !p.Git.Ignored(file.Path))
}

// untrack is the command that takes a file from git and leaves it on the disk.
func untrack(p *workspace.Project, file *workspace.File) Fix {
	command := "git rm --cached " + name(p, file)
	return Fix{Title: "Show `" + command + "` in a terminal", Command: &Command{RunInTerminal, []string{command, p.Root}}}
}
