package report

import (
	"github.com/dbt-hybrid/dbt-hybrid/server/setup"
)

// SetUp is the command of the server that writes the files of one way to stay in
// step, with SetUpArguments as its only argument.
const SetUp = "dbtHybrid.setup"

// SetUpArguments say what is to be set up, and where.
type SetUpArguments struct {
	Project string `json:"project"` // its root, as a path or as a file's address
	What    string `json:"what"`    // devcontainer, dev-target, contributing, env-script
}

// setupNode is the line of the ways to stay in step, with those below it that are
// there, and those that can be had. A text leaves them out: it names the command.
func (b statusBuilder) setupNode() Node {
	node := Node{Key: "setup", Label: "stay in step", Value: "`dbt-hybrid setup` writes a dev container, a target, a section for contributors", Collapsed: true}
	for _, offer := range setup.Offers(b.Project) {
		child := Node{Key: string(offer.What), Label: setupLabel(offer.What)}
		if offer.Path != "" {
			child.Value, child.Mark, child.From = "is there", MarkOK, b.whole(offer.Path)
		} else {
			child.Value = "`dbt-hybrid setup " + string(offer.What) + "` adds it"
			child.Actions = []Action{{
				Title: offer.What.Title(), Command: SetUp, Arguments: []any{SetUpArguments{b.Root, string(offer.What)}},
			}}
		}
		node.Children = append(node.Children, child)
	}
	return node
}

func setupLabel(what setup.What) string {
	switch what {
	case setup.DevContainer:
		return "dev container"
	case setup.DevTarget:
		return "target dev"
	case setup.Contributing:
		return "CONTRIBUTING.md"
	case setup.EnvScript:
		return "script for .env"
	}
	return string(what)
}
