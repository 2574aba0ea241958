package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// The commands that any client can send.
const (
	commandSyncExample     = "dbtHybrid.syncExample"
	commandCheckForUpdates = "dbtHybrid.checkForUpdates"
	commandStatus          = "dbtHybrid.status"
)

func (s *Server) executeCommand(p *protocol.ExecuteCommandParams) (any, error) {
	snapshot := s.workspace.Snapshot()
	switch p.Command {
	case report.FixAll:
		return s.applyLater("Apply all safe fixes", func(ctx context.Context) change {
			return s.allSafe(ctx, snapshot, "")
		}), nil
	case commandSyncExample:
		return s.firstFixes(snapshot, p.Arguments, "Bring .env.example up to date", "example-missing-key", "example-absent")
	case report.CreateEnv:
		return s.firstFixes(snapshot, p.Arguments, "Create .env", "env-absent")
	case report.AddVariables:
		return s.firstFixes(snapshot, p.Arguments, "Add the missing variables to .env", "env-missing")
	case report.MendDeferral:
		return s.mendDeferral(snapshot, p.Arguments)
	case report.ClearDeferCache:
		return s.clear(snapshot, p.Arguments, keptManifests())
	case report.ClearPublications:
		return s.clear(snapshot, p.Arguments, keptPublications())
	case report.SetUp:
		return s.setUp(snapshot, p.Arguments)
	case report.SaveProfiles:
		return s.saveProfiles(snapshot, p.Arguments)
	case commandCheckForUpdates:
		return rpc.Later(s.checkForUpdates), nil
	case commandStatus:
		return rpc.Later(func(context.Context) (any, error) {
			var out strings.Builder
			// Without a current folder all paths are whole ones.
			err := report.NewStatus(snapshot, "", false).Text(&out, report.Style{}, false)
			return out.String(), err
		}), nil
	}
	return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "command %q is not known", p.Command)
}

// firstFix returns the first fix of a finding of one of the rules that changes
// files.
func firstFix(f *diagnostics.Finding, codes ...string) *diagnostics.Fix {
	if !slices.Contains(codes, f.Rule.Code) {
		return nil
	}
	fixes := f.Offers()
	for i := range fixes {
		if first := &fixes[i]; len(first.Edits)+len(first.Create) > 0 {
			return first
		}
	}
	return nil
}

// firstFixes makes the first fixes of all findings of some rules. The argument is
// the root of a project; without one all projects are meant.
func (s *Server) firstFixes(snapshot *workspace.Snapshot, args []protocol.LSPAny, label string, codes ...string) (any, error) {
	var root string
	if len(args) > 0 && !decodeArguments(args, &root) {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "the argument is a project's root")
	}
	later := s.applyLater(label, func(context.Context) change { return s.collect(snapshot, root, codes...) })
	return rpc.Later(func(ctx context.Context) (any, error) {
		if root != "" && projectAt(snapshot, root) == nil {
			return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "no project at that root")
		}
		return later(ctx)
	}), nil
}

// collect joins the first fixes of all findings of some rules in the project at a
// root, "" for all projects, as far as they can be made at once: what is left over
// is offered again after the change.
func (s *Server) collect(snapshot *workspace.Snapshot, root string, codes ...string) change {
	var batch fix.Batch
	for _, c := range s.checked(snapshot) {
		if root != "" && c.Project.Root != filepath.FromSlash(root) {
			continue
		}
		for i := range c.Findings {
			if f := firstFix(&c.Findings[i], codes...); f != nil {
				batch.Add(f)
			}
		}
	}
	return change{edits: batch.Edits, create: batch.Create, remove: batch.Delete}
}

// applyLater asks the client to make a change. The result says how many files
// the change touches.
func (s *Server) applyLater(label string, find func(context.Context) change) rpc.Later {
	return func(ctx context.Context) (any, error) {
		c := find(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if c.empty() {
			s.showMessage(protocol.MessageTypeInfo, "Nothing to do: "+label)
			return 0, nil
		}
		edit := s.workspaceEdit(c)
		if edit == nil || !s.client.applyEdit {
			return nil, jsonrpc2.NewError(jsonrpc2.InvalidRequest, "this client cannot make the change")
		}
		var applied protocol.ApplyWorkspaceEditResult
		if err := s.conn.Call(ctx, protocol.MethodWorkspaceApplyEdit, &protocol.ApplyWorkspaceEditParams{Label: &label, Edit: *edit}, &applied); err != nil {
			return nil, err
		}
		if !applied.Applied {
			return nil, jsonrpc2.NewError(jsonrpc2.InvalidRequest, "the client did not make the change")
		}
		if len(c.create) > 0 {
			s.show(ctx, c.create[0].Path)
		}
		return len(fix.ByFile(c.edits)) + len(c.create), nil
	}
}

// show opens a file in the editor, if the client can.
func (s *Server) show(ctx context.Context, path string) {
	if !s.client.showsDocuments {
		return
	}
	focus := true
	p := &protocol.ShowDocumentParams{URI: uri.File(path), TakeFocus: &focus}
	if err := s.conn.Call(ctx, protocol.MethodWindowShowDocument, p, nil); err != nil && ctx.Err() == nil {
		s.log.Info("the client does not show a file", zap.Error(err))
	}
}

// checkForUpdates asks the network for the newest release of dbt, since a
// person wants to know now.
func (s *Server) checkForUpdates(ctx context.Context) (any, error) {
	if !s.client.trusted {
		s.showMessage(protocol.MessageTypeWarning, "dbt Hybrid asks nothing of the network in a workspace that you have not trusted.")
		return nil, nil
	}
	if s.options.Releases == nil {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidRequest, "the server was started without the network")
	}
	releases, err := s.options.Releases.Refresh(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		s.showMessage(protocol.MessageTypeWarning, "The list of dbt releases cannot be had: "+err.Error())
		return nil, nil
	}
	s.engines.running.Lock()
	defer s.engines.running.Unlock()
	s.engines.releases = &releases
	next := s.search(s.withProjects(s.engineInputs()), releases)
	next.Installs = s.prober.ProbeAll(ctx, next.Installs)
	s.setEngine(next)
	s.showMessage(protocol.MessageTypeInfo, updateMessage(next))
	return nil, nil
}

func updateMessage(e *workspace.Engine) string {
	if e.Releases.Newest() == "" {
		return "dbt's release list has no channel " + e.Releases.Follow + "."
	}
	newest := "The newest release of dbt is " + e.Releases.Newest()
	first, ok := e.First()
	if !ok {
		return newest + "; no dbt was found on the search path."
	}
	switch engine.State(first, e.Releases) {
	case engine.Current:
		return "dbt " + first.Version + " is the newest release."
	case engine.Stale:
		if first.Update != "" {
			return newest + ", yours is " + first.Version + ". To update: " + first.Update
		}
		return newest + ", yours is " + first.Version + "."
	}
	if first.Version == "" {
		return newest + "; the version of yours is not known."
	}
	return newest + "; yours is " + first.Version + "."
}
