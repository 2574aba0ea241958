package diagnostics

import (
	"path/filepath"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

var deferCacheStale = Rule{
	Code:     "defer-cache-stale",
	Section:  Platform,
	Rank:     100,
	Severity: Info,
	Scope:    Machine,
	Title:    "dbt defers to a manifest that it fetched for another project or environment",
	Fix:      "delete the manifest",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.Platform || !p.Deferral.On {
			return
		}
		for _, reason := range p.Deferral.Reasons {
			if reason.Code != dbt.ReasonCacheOtherEnv && reason.Code != dbt.ReasonCacheStale {
				continue
			}
			dir := filepath.Dir(reason.At.Path)
			f := Finding{
				At:      head(p),
				Message: reason.Message,
				Fixes: []Fix{{
					Title:  "Delete what dbt fetched in " + shownPath(p, dir),
					Delete: cacheFiles(p, reason.At.Path),
				}},
			}
			if at, ok := origin(p, p.Link.DeferEnv.From); ok && at.File == p.File {
				f.At = at
			}
			report(f)
			return
		}
	},
}

// cacheFiles are the files of a kept manifest that exist.
func cacheFiles(p *workspace.Project, manifest string) []string {
	for _, c := range p.DeferralCaches() {
		if c.Path == manifest {
			return c.Files()
		}
	}
	return nil
}
