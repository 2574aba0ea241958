package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

var adapterExperimental = Rule{
	Code:     "adapter-experimental",
	Section:  ProjectFiles,
	Rank:     140,
	Severity: Error,
	Scope:    Machine,
	Title:    "The adapter is experimental, and nothing allows it",
	Fix:      "☆ allow it in .env",
	Check: func(p *workspace.Project, report func(Finding)) {
		node, ok := adapterNode(p)
		allowed, _ := p.Env.Lookup(dbt.ExperimentalVariable)
		if !ok || !dbt.Experimental(p.Profile.Adapter) || p.EngineKind() == engine.KindV1 || dbt.Truthy(allowed.Reveal()) {
			return
		}
		f := Finding{
			At:      p.ProfilesFile.At(node.Span),
			Message: fmt.Sprintf("dbt v2 stops: its adapter for %s is experimental.", p.Profile.Adapter),
			Remedy:  "Set " + dbt.ExperimentalVariable + "=true in .env if you want it all the same.",
		}
		if fix, ok := allowExperimental(p); ok {
			f.Fixes = []Fix{fix}
		}
		report(stopsByList(p, f))
	},
}

// allowExperimental sets the variable in .env, unless something sets it elsewhere.
func allowExperimental(p *workspace.Project) (Fix, bool) {
	const line = dbt.ExperimentalVariable + "=true\n"
	fix := Fix{Title: "Allow it: set " + dbt.ExperimentalVariable + "=true in .env", Preferred: true}
	entry, there := p.Env.Entry(dbt.ExperimentalVariable)
	_, set := p.Env.Lookup(dbt.ExperimentalVariable)
	switch {
	case there:
		edit, err := p.EnvFile.Dotenv().Set(entry, "true")
		if err != nil {
			return Fix{}, false
		}
		fix.Edits = edits(p.EnvFile, edit)
	case set:
		return Fix{}, false
	case p.EnvFile.Exists():
		fix.Edits = edits(p.EnvFile, p.EnvFile.Dotenv().AppendText(line))
	case p.EnvFile.Absent():
		fix.Create = []NewFile{{p.EnvFile.Path, line}}
	default:
		return Fix{}, false
	}
	return fix, true
}
