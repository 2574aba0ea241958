package diagnostics

import (
	"bytes"
	"path/filepath"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var envNotIgnored = Rule{
	Code:     "env-not-ignored",
	Section:  EnvironmentFiles,
	Rank:     270,
	Severity: Warning,
	Scope:    Repository,
	Title:    "git would commit .env, or has",
	Fix:      "★ add it to .gitignore; for a file that git holds, the command that removes it there",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.EnvFile.Exists() || p.Git.Root == "" {
			return
		}
		path := p.EnvFile.Path
		switch {
		case p.Git.Tracked(path):
			report(Finding{
				Severity: Error,
				At:       firstEntry(p.EnvFile),
				Message:  "git holds .env: everybody who has the repository has its values.",
				Remedy:   "Run `git rm --cached .env`, add .env to .gitignore, and change the secrets that stand in it.",
				Fixes: []Fix{{
					Title:   "Show `git rm --cached .env` in a terminal",
					Command: &Command{RunInTerminal, []string{"git rm --cached .env", filepath.Dir(path)}},
				}},
			})
		case !p.Git.Ignored(path):
			report(Finding{
				At:      firstEntry(p.EnvFile),
				Message: "git does not ignore .env: `git add .` and a commit would publish its values.",
				Remedy:  "Add .env to .gitignore.",
				Fixes:   []Fix{ignore(p, path)},
			})
		}
	},
}

// ignore adds a file to the nearest .gitignore at or above it, or makes one
// beside it.
func ignore(p *workspace.Project, path string) Fix {
	fix := Fix{Title: "Add " + filepath.Base(path) + " to .gitignore", Preferred: true}
	if file := p.GitIgnore; file.Exists() {
		fix.Safe = true
		line := filepath.Base(path) + text.LineEnding(file.Content)
		if n := len(file.Content); n > 0 && !bytes.HasSuffix(file.Content, []byte("\n")) {
			line = text.LineEnding(file.Content) + line
		}
		fix.Edits = edits(file, text.Edit{Span: text.At(len(file.Content)), New: line})
		return fix
	}
	fix.Create = []NewFile{{filepath.Join(filepath.Dir(path), ".gitignore"), filepath.Base(path) + "\n"}}
	return fix
}
