package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
)

var envDuplicate = Rule{
	Code:     "env-duplicate",
	Section:  EnvironmentFiles,
	Rank:     70,
	Severity: Warning,
	Scope:    Either,
	Title:    "A variable is defined twice; dbt keeps the first",
	Fix:      "★ remove the later one if the values are equal, else a choice of the two",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, file := range envFiles(p) {
			if !p.Repeats(file) {
				continue
			}
			values := file.Dotenv().Values(nil)
			for i, v := range values.All() {
				if v.Duplicate {
					f := duplicate(file, values.At(file.Dotenv().FirstOf(i)), v)
					f.Shared = file == p.Example
					report(f)
				}
			}
		}
	},
}

func duplicate(file *workspace.File, first, later dotenv.Value) Finding {
	const removeThis = "Remove this line"
	at := file.At(first.Entry.Key())
	f := Finding{
		At:      file.At(later.Entry.Key()),
		Message: fmt.Sprintf("dbt keeps the first %s (line %d) and ignores this one.", later.Name, at.Line()),
		Remedy:  "Remove one of the two.",
		Related: []Related{{at, "the one that counts"}},
	}
	if first.Text.Reveal() == later.Text.Reveal() {
		f.Fixes = []Fix{removeSafely(removeThis, file, later.Entry)}
		return f
	}
	f.Fixes = []Fix{
		{Title: removeThis, Edits: edits(file, file.Dotenv().Remove(later.Entry))},
		{Title: fmt.Sprintf("Remove line %d, so that this one counts", at.Line()), Edits: edits(file, file.Dotenv().Remove(first.Entry))},
	}
	return f
}
