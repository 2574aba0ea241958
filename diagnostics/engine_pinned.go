package diagnostics

import (
	"fmt"
	"regexp"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var enginePinned = Rule{
	Code:     "engine-pinned",
	Section:  Engines,
	Rank:     60,
	Severity: Info,
	Scope:    Repository,
	Title:    "One release of dbt v2 is pinned",
	Fix:      "the range of all releases of dbt v2",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, m := range inTools(p, pin()) {
			pinned, version := m.groups[0], m.groups[1]
			report(Finding{
				At:      pinned,
				Message: fmt.Sprintf("dbt %s is pinned here: what was mended since then does not arrive.", version.Text()),
				Remedy:  "Raise it from time to time, or allow all releases of dbt v2.",
				Fixes: []Fix{{
					Title: "Allow all releases of dbt v2: ~=2.0",
					Edits: edits(pinned.File, text.Edit{Span: pinned.Span, New: "~=2.0"}),
				}},
			})
		}
	},
}

var pin = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[\s"'])dbt(?:-core|-oss)?(\s*==\s*(2\.\d[\w.]*))`)
})
