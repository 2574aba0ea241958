package diagnostics

import (
	"bytes"
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var exampleCommentValue = Rule{
	Code:     "example-comment-value",
	Section:  EnvironmentFiles,
	Rank:     310,
	Severity: Info,
	Scope:    Repository,
	Title:    "An empty entry of the example file has a comment behind it",
	Fix:      "★ put the comment on a line of its own",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Example == nil {
			return
		}
		file := p.Example.Dotenv()
		for i := range file.Entries {
			e := &file.Entries[i]
			if e.Lost || !e.Value().Empty() || e.Comment().Empty() || bytes.ContainsRune(e.Comment().Of(file.Content), '\n') {
				continue // a comment over several lines is env-swallowed
			}
			report(Finding{
				At:      p.Example.At(e.Comment()),
				Message: fmt.Sprintf("Copied as it is, this line sets %s: to nothing in dbt v2, to the comment in dbt v1.", file.Name(e)),
				Remedy:  "Put the comment on a line of its own.",
				Fixes: []Fix{{
					Title: "Put the comment on a line of its own", Safe: true, Preferred: true,
					Edits: edits(p.Example, file.MoveComment(e)...),
				}},
			})
		}
	},
}
