package lsp

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// projectAt returns the project at a root, nil without one.
func projectAt(snapshot *workspace.Snapshot, root string) *workspace.Project {
	for _, p := range snapshot.Projects() {
		if p.Root == filepath.FromSlash(root) {
			return p
		}
	}
	return nil
}

// mendDeferral makes one of the changes that the status offers. Arguments: see
// report.MendDeferral.
func (s *Server) mendDeferral(snapshot *workspace.Snapshot, args []protocol.LSPAny) (any, error) {
	var root, title, path string
	var offset int
	if !decodeArguments(args, &root, &title, &path, &offset) {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "needs a project's root, a title, a path and an offset")
	}
	return rpc.Later(func(ctx context.Context) (any, error) {
		p := projectAt(snapshot, root)
		if p == nil {
			return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "no project at that root")
		}
		var found *diagnostics.Fix
		remedies := diagnostics.DeferRemedies(p, p.DeferNotes())
		for i := range remedies {
			if at := remedies[i].Reason.At; remedies[i].Title == title && at.Path == path && at.Span.Start == offset {
				found = &remedies[i].Fix
				break
			}
		}
		var c change
		if found != nil {
			c = changeOf(found)
			c.cursor = nil // the place is shown below: not every client takes it from an edit
		}
		done, err := s.applyLater(title, func(context.Context) change { return c })(ctx)
		if err == nil && found != nil && found.Cursor != nil {
			s.showCursor(ctx, found)
		}
		return done, err
	}), nil
}

// decodeArguments reads the arguments of a command; it returns false where one is
// missing or of another type.
func decodeArguments(args []protocol.LSPAny, to ...any) bool {
	if len(args) < len(to) {
		return false
	}
	for i := range to {
		if json.Unmarshal(args[i], to[i]) != nil {
			return false
		}
	}
	return true
}

// showCursor shows the place where a person goes on typing after a fix.
func (s *Server) showCursor(ctx context.Context, f *diagnostics.Fix) {
	if !s.client.showsDocuments {
		return
	}
	for _, group := range fix.ByFile(f.Edits) {
		file := group[0].File
		if file.Path != f.Cursor.Path {
			continue
		}
		content, err := text.Apply(file.Content, changesOf(group))
		if err != nil {
			return
		}
		line, character := text.NewLines(content).Encoded(f.Cursor.Offset, s.client.encoding)
		at, focus := protocol.Position{Line: line, Character: character}, true
		p := &protocol.ShowDocumentParams{URI: uri.File(file.Path), TakeFocus: &focus, Selection: &protocol.Range{Start: at, End: at}}
		if err := s.conn.Call(ctx, protocol.MethodWindowShowDocument, p, nil); err != nil && ctx.Err() == nil {
			s.log.Info("the client does not show a file", zap.Error(err))
		}
	}
}

func changesOf(group []diagnostics.Edit) []text.Edit {
	edits := make([]text.Edit, len(group))
	for i := range group {
		edits[i] = group[i].Edit
	}
	return edits
}

// commands are those that any client can send.
func (s *Server) commands() []string {
	return []string{report.FixAll, commandSyncExample, report.CreateEnv, report.AddVariables, commandCheckForUpdates, commandStatus, report.MendDeferral, report.ClearDeferCache, report.ClearPublications, report.SetUp, report.SaveProfiles}
}

// offered leaves away the actions that neither the server nor the client carries
// out.
func (s *Server) offered(nodes []report.Node) []report.Node {
	own := s.commands()
	kept := make([]report.Node, len(nodes))
	for i, n := range nodes {
		n.Actions = slices.DeleteFunc(slices.Clone(n.Actions), func(a report.Action) bool {
			return a.Command != "" && !slices.Contains(own, a.Command) && !s.client.can(a.Command)
		})
		n.Children = s.offered(n.Children)
		kept[i] = n
	}
	return kept
}
