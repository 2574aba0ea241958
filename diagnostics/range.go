package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// stops makes a finding say that dbt refuses, as far as that holds for the dbt
// that runs here: what only dbt v2 refuses is a warning where dbt v1 comes first.
func stops(p *workspace.Project, f Finding) Finding {
	if p.EngineKind() == engine.KindV1 {
		f.Severity = Warning
		return f
	}
	f.Severity, f.Refuses = Error, true
	return f
}

// stopsByList is stops for what follows from a list that a release of dbt may
// make longer: it is a warning, with the date of the list, where the dbt that
// runs here is newer, or nobody knows its version.
func stopsByList(p *workspace.Project, f Finding) Finding {
	first, ok := p.Engine.First()
	known := engine.Builtin()
	if !ok || first.Kind == engine.KindV1 || first.Version != "" && engine.State(first, known) != engine.Newer {
		return stops(p, f)
	}
	f.Severity = Warning
	f.Remedy += " That is known of dbt up to " + known.Latest() + " (" + known.Channels["latest"].Date + ")."
	return f
}
