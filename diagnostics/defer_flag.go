package diagnostics

import (
	"regexp"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var deferFlag = Rule{
	Code:     "defer-flag",
	Severity: Info,
	Scope:    Repository,
	Title:    "A command of the repository switches deferral off",
	Fix:      "remove the flag",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.Platform {
			return
		}
		for _, m := range inTools(p, noDefer()) {
			flag := m.groups[0]
			report(Finding{
				At:      flag,
				Message: "This command does not defer to dbt platform, because of `--no-defer`.",
				Remedy:  "Leave the flag out if it shall defer.",
				Fixes: []Fix{{
					Title: "Remove `--no-defer`",
					Edits: edits(flag.File, text.Edit{Span: text.Span{Start: flag.Span.Start - 1, End: flag.Span.End}}),
				}},
			})
		}
	},
}

// noDefer finds the flag behind a call of dbt, and the blank before it.
var noDefer = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bdbtf?\b.*\s(--no-defer)\b`) })
