package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var adapterUnknown = Rule{
	Code:     "adapter-unknown",
	Section:  ProjectFiles,
	Rank:     130,
	Severity: Error,
	Scope:    Machine,
	Title:    "The type in profiles.yml is no adapter that dbt v2 knows",
	Fix:      "the adapter that is meant",
	Check: func(p *workspace.Project, report func(Finding)) {
		node, ok := adapterNode(p)
		if !ok || !unknownAdapter(p) || p.EngineKind() == engine.KindV1 {
			return
		}
		f := Finding{
			At:      p.ProfilesFile.At(node.Span),
			Message: "dbt v2 stops: it has no adapter of this name.",
			Remedy:  "It has " + list(firstAdapters()) + ".",
		}
		if !dbt.HasJinja(node.Value) {
			f.Message = fmt.Sprintf("dbt v2 stops: it has no adapter %s.", node.Value)
			if like := similar(node.Value, dbt.Adapters()); like != "" {
				f.Remedy = "Write " + like + " if that is meant."
				f.Fixes = []Fix{{Title: "Write " + like, Preferred: true, Edits: edits(p.ProfilesFile, text.Edit{Span: node.Span, New: like})}}
			}
		}
		report(stopsByList(p, f))
	},
}

// firstAdapters are the adapters that need no opt-in, to be named in a message.
func firstAdapters() []string {
	var names []string
	for _, name := range dbt.Adapters() {
		if !dbt.Experimental(name) {
			names = append(names, name)
		}
	}
	return names
}

// adapterNode is the value of `type:` of the connection that dbt chooses.
func adapterNode(p *workspace.Project) (*yamlfile.Node, bool) {
	if p.Profile.Problem != dbt.ProfileFine || p.Profile.Adapter == "" || len(p.Profile.Connections) != 1 {
		return nil, false
	}
	node := p.Profile.Connections[0].Get("type")
	return node, node != nil
}

func unknownAdapter(p *workspace.Project) bool {
	for _, name := range dbt.Adapters() {
		if name == p.Profile.Adapter {
			return false
		}
	}
	return true
}
