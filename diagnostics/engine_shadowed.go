package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

var engineShadowed = Rule{
	Code:       "engine-shadowed",
	Section:    Engines,
	Rank:       50,
	Severity:   Info,
	Scope:      Machine,
	Title:      "A newer dbt is installed, and an older one comes first on the search path",
	Everywhere: true,
	Check: func(p *workspace.Project, report func(Finding)) {
		other, ok := shadowed(p)
		if !ok {
			return
		}
		first := p.Engine.Installs[0]
		report(Finding{
			At:      head(p),
			Message: fmt.Sprintf("`dbt` in a terminal starts %s (%s), not the newer %s at %s.", first.Version, first.Path, other.Version, other.Path),
			Remedy:  "Put the folder of the newer one first on the search path, or remove the older one.",
		})
	},
}

// shadowed returns the newest dbt of the first one's kind, if it is newer.
func shadowed(p *workspace.Project) (newest engine.Install, found bool) {
	first, ok := p.Engine.First()
	if !ok {
		return newest, false
	}
	best, err := engine.ParseVersion(first.Version)
	if err != nil || first.Kind != engine.KindV1 && !first.Kind.IsV2() {
		return newest, false
	}
	for _, other := range p.Engine.Installs[1:] {
		version, err := engine.ParseVersion(other.Version)
		same := other.Kind == first.Kind || other.Kind.IsV2() && first.Kind.IsV2() && !version.Prerelease() && !best.Prerelease()
		if err == nil && same && !other.OffPath && version.Compare(best) > 0 {
			newest, found, best = other, true, version
		}
	}
	return newest, found
}
