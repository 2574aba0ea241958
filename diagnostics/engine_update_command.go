package diagnostics

import (
	"fmt"
	"regexp"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

const systemUpdate = "dbt system update"

var engineUpdateCommand = Rule{
	Code:     "engine-update-command",
	Section:  Engines,
	Rank:     80,
	Severity: Warning,
	Scope:    Machine,
	Title:    "`dbt system update` is called where the dbt that runs here refuses it",
	Fix:      "★ the command that updates it",
	Check: func(p *workspace.Project, report func(Finding)) {
		first, ok := p.Engine.First()
		if !ok || !refusesUpdate(first) {
			return
		}
		for _, m := range inTools(p, updateCall()) {
			f := Finding{
				At:      m.at,
				Message: fmt.Sprintf("The dbt that runs here refuses `dbt system update`: it is %s.", installedAs(first)),
				Remedy:  "Remove the call.",
			}
			if first.Update != "" {
				f.Remedy = "Call `" + first.Update + "`."
				f.Fixes = []Fix{{
					Title: "Call `" + first.Update + "`", Safe: true, Preferred: true,
					Edits: edits(m.at.File, text.Edit{Span: m.at.Span, New: first.Update}),
				}}
			}
			report(f)
		}
	},
}

var updateCall = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bdbt system update\b`) })

// refusesUpdate reports whether a dbt is not updated by itself.
func refusesUpdate(in engine.Install) bool {
	switch in.Kind {
	case engine.KindV1, engine.KindPlatformCLI, engine.KindV2OSS:
		return true
	case engine.KindV2:
		return in.Update != "" && in.Update != systemUpdate
	}
	return false
}

// installedAs says why a dbt is not updated by itself.
func installedAs(in engine.Install) string {
	switch {
	case in.Kind == engine.KindV2OSS:
		return "the open-source build"
	case in.Kind != engine.KindV2:
		return kindName(in.Kind)
	}
	return "installed by " + string(in.Channel)
}
