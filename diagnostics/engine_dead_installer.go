package diagnostics

import (
	"regexp"
	"strings"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

const installer = "https://public.cdn.getdbt.com/fs/install/install.sh"

var engineDeadInstaller = Rule{
	Code:     "engine-dead-installer",
	Section:  Engines,
	Rank:     90,
	Severity: Warning,
	Scope:    Repository,
	Title:    "An installer of dbt that does not work, or brings another program",
	Fix:      "★ the address of dbt's installer",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, m := range inTools(p, deadAddress()) {
			report(Finding{
				At:      m.at,
				Message: "dbt's installer is not at this address.",
				Remedy:  "Take " + installer + ".",
				Fixes: []Fix{{
					Title: "Write the address of dbt's installer", Safe: true, Preferred: true,
					Edits: edits(m.at.File, text.Edit{Span: m.at.Span, New: installer}),
				}},
			})
		}
		for _, m := range inTools(p, pipInstall()) {
			around := strings.ToLower(m.before + "\n" + m.line)
			if !strings.Contains(around, "cloud cli") && !strings.Contains(around, "platform cli") {
				continue
			}
			report(Finding{
				At:      m.at,
				Message: "pip installs dbt v2 under this name, not the platform CLI.",
				Remedy:  "Install the platform CLI with `brew install dbt-labs/dbt-cli/dbt`, or from its releases.",
			})
		}
	},
}

var deadAddress = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`https?://(?:downloads\.getdbt\.com/[\w./-]*|raw\.githubusercontent\.com/brooklyn-data/dbt-fusion-devcontainer/[\w./-]*setup\.sh)`)
})

var pipInstall = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`pip3? install (?:-\S+ )*dbt(?:\s|$)`)
})
