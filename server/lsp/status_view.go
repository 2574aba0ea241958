package lsp

import (
	"context"
	"path/filepath"

	"go.lsp.dev/jsonrpc2"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"github.com/dbt-hybrid/dbt-hybrid/server/words"
)

// methodStatusView is a request of our own client: the status of all projects
// as a tree.
const methodStatusView = "dbtHybrid/statusView"

// viewFold is how many fine lines of a tree stand side by side before they are
// put under one.
const viewFold = 12

// statusView is the status of all projects as a tree.
type statusView struct {
	Projects []projectView `json:"projects"`
}

// projectView is the tree of one project.
type projectView struct {
	Root     string        `json:"root"`
	Name     *string       `json:"name"`
	Concerns []report.Node `json:"concerns"`
}

// viewStatus answers with the tree of every project.
func (s *Server) viewStatus(jsonrpc2.RawMessage) (any, error) {
	snapshot := s.workspace.Snapshot()
	return rpc.Later(func(ctx context.Context) (any, error) {
		view := &statusView{Projects: []projectView{}}
		for _, p := range snapshot.Projects() {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			concerns := report.Concerns(p)
			for i := range concerns {
				concerns[i] = report.Folded(concerns[i], viewFold)
			}
			view.Projects = append(view.Projects, projectView{filepath.ToSlash(p.Root), words.Known(p.Name), s.offered(concerns)})
		}
		return view, nil
	}), nil
}
