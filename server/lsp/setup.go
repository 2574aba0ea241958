package lsp

import (
	"context"
	"encoding/json"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	plans "github.com/dbt-hybrid/dbt-hybrid/server/setup"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
)

// setUp answers report.SetUp: it plans what a person asked for, and lets the
// client make the change. Nothing is run and nothing is fetched; but what is
// written runs programs later, so that the folder must be trusted.
func (s *Server) setUp(snapshot *workspace.Snapshot, args []protocol.LSPAny) (any, error) {
	var asked report.SetUpArguments
	if len(args) != 1 || json.Unmarshal(args[0], &asked) != nil || plans.What(asked.What).Title() == "" {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "needs {project, what}: the root of a project, and one of "+whats())
	}
	if !s.client.trusted {
		s.showMessage(protocol.MessageTypeWarning, "dbt Hybrid sets nothing up in a workspace that you have not trusted: what it writes runs programs.")
		return nil, nil
	}
	return rpc.Later(func(ctx context.Context) (any, error) {
		p := projectOf(snapshot, asked.Project)
		switch {
		case p == nil:
			return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "no project at that root")
		case !p.Engine.Found:
			s.showMessage(protocol.MessageTypeInfo, "The dbt of this machine is still being looked for. Try again in a moment.")
			return nil, nil
		}
		what := plans.What(asked.What)
		answered, known := *p.Engine, *p // a dbt that was found may not have said yet what it is
		answered.Installs = s.prober.ProbeAll(ctx, answered.Installs)
		known.Engine = &answered
		plan, err := plans.Make(plans.Request{Project: &known, Top: topOf(snapshot, p), Read: reader(snapshot)}, what)
		if err != nil {
			s.showMessage(protocol.MessageTypeWarning, err.Error())
			return nil, nil
		}
		if notes := strings.Join(plan.Notes, " "); notes != "" {
			defer s.showMessage(protocol.MessageTypeInfo, notes)
		}
		if plan.Empty() {
			return 0, nil
		}
		return s.applyLater(what.Title(), func(context.Context) change {
			return change{edits: plan.Edits, create: plan.Create}
		})(ctx)
	}), nil
}

func whats() string {
	var all []string
	for _, what := range plans.All() {
		all = append(all, string(what))
	}
	return strings.Join(all, ", ")
}

// projectOf returns the project at a root, which is a path or a file's address;
// without one the only project.
func projectOf(snapshot *workspace.Snapshot, root string) *workspace.Project {
	if projects := snapshot.Projects(); root == "" && len(projects) == 1 {
		return projects[0]
	}
	if strings.HasPrefix(root, "file:") {
		root = uri.URI(root).FsPath()
	}
	return projectAt(snapshot, root)
}

// topOf is the outermost folder that is written to: the repository's, but nothing
// above the folder that the editor has open.
func topOf(snapshot *workspace.Snapshot, p *workspace.Project) string {
	top := p.Git.Root
	for _, folder := range snapshot.Folders() {
		if fspath.Within(folder, p.Root) && (top == "" || fspath.Within(top, folder)) {
			top = folder
		}
	}
	return top
}

// reader reads files as they are now: in the editor, else on the disk.
func reader(snapshot *workspace.Snapshot) func(path string) *workspace.File {
	return func(path string) *workspace.File {
		if file, ok := snapshot.Open(path); ok {
			return file
		}
		return plans.ReadDisk(path)
	}
}
