package report

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// StatusEngine is the dbt that runs first, and the newest release.
type StatusEngine struct {
	First  *StatusInstall  `json:"first"`
	All    []StatusInstall `json:"all"`
	Latest *string         `json:"latest"`
	From   string          `json:"latestFrom"`
	State  string          `json:"state"`
	Update *string         `json:"update"`
}

// StatusInstall is one dbt of this machine.
type StatusInstall struct {
	Path    string  `json:"path"`
	Kind    string  `json:"kind"`
	Version *string `json:"version"`
	Channel *string `json:"channel"`
}

func (b statusBuilder) engine() StatusEngine {
	e := b.Project.Engine
	out := StatusEngine{All: []StatusInstall{}, Latest: optional(e.Releases.Latest()), From: string(e.Releases.From), State: engine.Unknown}
	for _, install := range e.Installs {
		out.All = append(out.All, StatusInstall{install.Path, string(install.Kind), optional(install.Version), optional(string(install.Channel))})
	}
	if first, ok := e.First(); ok {
		out.First, out.State, out.Update = &out.All[0], engine.State(first, e.Releases), optional(first.Update)
	}
	return out
}

func (b statusBuilder) engineNode(out StatusProject) Node {
	e := out.Engine
	node := Node{Key: "engine", Label: "engine", Value: "no dbt on the search path", Mark: MarkError}
	newest := Node{Key: "newest", Label: "newest release", Value: or(e.Latest, "unknown"), From: &Place{Text: listName(e.From) + " list"}}
	if e.First == nil {
		node.Children = []Node{newest}
		return node
	}
	node.Value, node.Mark = fmt.Sprintf("%s %s, %s", kindName(e.First.Kind), or(e.First.Version, "of unknown version"), e.State), MarkOK
	if e.State == engine.Stale {
		node.Mark = MarkWarning
		if e.Update != nil {
			node.Actions = []Action{{Title: "Update dbt", Shell: *e.Update}}
		}
	}
	for i, install := range e.All {
		child := Node{Key: install.Path, Label: install.Path, Value: kindName(install.Kind) + " " + or(install.Version, "?")}
		if i == 0 {
			child.Label = "→ " + child.Label
		}
		node.Children = append(node.Children, child)
	}
	node.Children = append(node.Children, newest)
	return node
}

// listName says in words where a release list comes from.
func listName(from string) string {
	if from == string(engine.FromBuiltin) {
		return "built-in"
	}
	return from
}

func kindName(kind string) string {
	switch engine.Kind(kind) {
	case engine.KindV2:
		return "dbt v2"
	case engine.KindV2OSS:
		return "dbt v2 (open source)"
	case engine.KindV1:
		return "dbt v1"
	case engine.KindPlatformCLI:
		return "platform CLI"
	}
	return "dbt of unknown kind"
}
