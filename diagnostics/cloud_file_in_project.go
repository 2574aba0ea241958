package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var cloudFileInProject = Rule{
	Code:     "cloud-file-in-project",
	Section:  Platform,
	Rank:     50,
	Severity: Warning,
	Scope:    Repository,
	Title:    "A dbt_cloud.yml in the repository, where dbt does not read it",
	Fix:      "ignore it; the command that removes it from git",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, file := range p.Strays {
			if file.Name() != dbt.CloudFileName || file == p.CloudFile {
				continue
			}
			f := Finding{
				At:      file.Start(),
				Message: "dbt does not read this dbt_cloud.yml: it looks for ~/.dbt/dbt_cloud.yml only.",
				Remedy:  "Move it there.",
			}
			if id, ok := file.YAML().Root.Pair("project-id"); ok {
				f.At = file.At(id.Key.Span)
				f.Remedy = "Write `project-id` below `dbt-cloud:` of dbt_project.yml instead."
			}
			if at, ok := tokenIn(file); ok && committed(p, file) {
				f.Severity, f.At = Error, file.At(at)
				f.Message = fmt.Sprintf("A token of dbt platform stands in %s, and git would commit it; dbt does not read the file there.", name(p, file))
				f.Remedy = "Move the file to ~/.dbt, and add it to .gitignore."
				f.Fixes = []Fix{ignore(p, file.Path)}
				f.Fixes[0].Safe = false
				if p.Git.Tracked(file.Path) {
					f.Message = fmt.Sprintf("git holds %s with a token of dbt platform; dbt does not read the file there.", name(p, file))
					f.Remedy = fmt.Sprintf("Run `git rm --cached %s`, move the file to ~/.dbt, and make a new token.", name(p, file))
					f.Fixes = []Fix{untrack(p, file)}
				}
			}
			report(f)
		}
	},
}

// tokenIn finds a token that is written out.
func tokenIn(file *workspace.File) (at text.Span, found bool) {
	file.YAML().Walk(func(path []string, node *yamlfile.Node) bool {
		if len(path) > 0 && dbt.SecretField(path[len(path)-1]) && isSecret(node) {
			at, found = node.Span, true
		}
		return !found
	})
	return at, found
}
