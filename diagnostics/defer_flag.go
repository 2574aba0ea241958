package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var deferFlag = Rule{
	Code:     "defer-flag",
	Section:  Platform,
	Rank:     90,
	Severity: Info,
	Scope:    Repository,
	Title:    "A command of the repository switches deferral off",
	Fix:      "remove the flag",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.Platform {
			return
		}
		for _, flag := range p.DeferFlags() {
			if flag.Name == workspace.NoDeferFlag {
				report(Finding{
					At:      flag.At(),
					Message: "This command does not defer to dbt platform, because of `--no-defer`.",
					Remedy:  "Leave the flag out if it shall defer.",
					Fixes:   removeFlag(&flag),
				})
			}
		}
	},
}

// removeFlag takes a flag out of a call, where that is plain.
func removeFlag(flag *workspace.DeferFlag) []Fix {
	if flag.Cut.Empty() {
		return nil
	}
	return []Fix{{Title: "Remove `" + flag.Name + "`", Edits: edits(flag.File, text.Edit{Span: flag.Cut})}}
}
