package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

var engineKind = Rule{
	Code:       "engine-kind",
	Section:    Engines,
	Rank:       20,
	Severity:   Info,
	Scope:      Machine,
	Title:      "The first dbt on the search path is not dbt v2, and another one is",
	Everywhere: true,
	Check: func(p *workspace.Project, report func(Finding)) {
		first, ok := p.Engine.First()
		if !ok || first.Kind.IsV2() || first.Kind == engine.KindUnknown {
			return
		}
		for _, other := range engine.In(p.Engine.Installs, p.Root) {
			if other.Kind.IsV2() && (!other.OffPath || len(other.Users) > 0) {
				report(Finding{
					At:      head(p),
					Message: fmt.Sprintf("`dbt` in a terminal starts %s (%s), not the dbt v2 at %s.", kindName(first.Kind), first.Path, other.Path),
					Remedy:  "Put the folder of dbt v2 first on the search path, or call it by its path.",
				})
				return
			}
		}
	},
}

// kindName is what a kind of dbt is called.
func kindName(kind engine.Kind) string {
	switch kind {
	case engine.KindV1:
		return "dbt v1"
	case engine.KindPlatformCLI:
		return "the platform CLI"
	}
	return "dbt v2"
}
