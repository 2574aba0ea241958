package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
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
	"github.com/dbt-hybrid/dbt-hybrid/server/words"
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

// clearDeferCache deletes the manifests of dbt platform that dbt has kept in a
// project, or in all. Only these files go, only in a trusted workspace, and only
// where no link leads out of the project.
func (s *Server) clearDeferCache(snapshot *workspace.Snapshot, args []protocol.LSPAny) (any, error) {
	if !s.client.trusted {
		s.showMessage(protocol.MessageTypeWarning, "dbt Hybrid deletes nothing in a workspace that you have not trusted.")
		return 0, nil
	}
	var root string
	if len(args) > 0 && !decodeArguments(args, &root) {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "the argument is a project's root")
	}
	return rpc.Later(func(ctx context.Context) (any, error) {
		projects := snapshot.Projects()
		if root != "" {
			p := projectAt(snapshot, root)
			if p == nil {
				return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "no project at that root")
			}
			projects = []*workspace.Project{p}
		}
		var deleted, problems []string
		for _, p := range projects {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			gone, wrong := clearCaches(p)
			deleted, problems = append(deleted, gone...), append(problems, wrong...)
		}
		if len(deleted) > 0 {
			s.filesChanged(deleted)
		}
		s.tellCleared(deleted, problems)
		return len(deleted), nil
	}), nil
}

func (s *Server) tellCleared(deleted, problems []string) {
	switch {
	case len(problems) > 0:
		s.showMessage(protocol.MessageTypeWarning, "Not everything is deleted: "+strings.Join(problems, "; ")+".")
	case len(deleted) > 0:
		s.showMessage(protocol.MessageTypeInfo, "Deleted "+words.Plural(len(deleted), "file")+". dbt fetches the manifest of dbt platform anew with its next command.")
	default:
		s.showMessage(protocol.MessageTypeInfo, "dbt has kept no manifest of dbt platform here.")
	}
}

// clearCaches deletes what dbt has kept of dbt platform to defer to. It says what it
// deleted, and what it could not.
func clearCaches(p *workspace.Project) (deleted, problems []string) {
	root, err := os.OpenRoot(p.Root)
	if err != nil {
		return nil, []string{"the project's folder cannot be opened"}
	}
	defer func() { _ = root.Close() }()
	for _, c := range p.DeferralCaches() {
		for _, path := range []string{c.Path, c.Info} {
			name, err := filepath.Rel(p.Root, path)
			if err != nil || !filepath.IsLocal(name) {
				if _, err := os.Lstat(path); err == nil {
					problems = append(problems, path+" lies outside of the project")
				}
				continue
			}
			switch err := removeFile(root, name); {
			case err == nil:
				deleted = append(deleted, path)
			case !errors.Is(err, fs.ErrNotExist):
				problems = append(problems, filepath.ToSlash(name)+" "+cause(err))
			}
		}
	}
	return deleted, problems
}

var errFolder = errors.New("is a folder")

// removeFile deletes a file, or a link, below a folder. A link on the way that
// leads out of the folder is not followed.
func removeFile(root *os.Root, name string) error {
	info, err := root.Lstat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return errFolder
	}
	return root.Remove(name)
}

// cause says in words why a file was not deleted.
func cause(err error) string {
	var of *fs.PathError
	switch {
	case errors.Is(err, errFolder):
		return errFolder.Error()
	case errors.Is(err, fs.ErrPermission):
		return "may not be deleted"
	case errors.As(err, &of) && strings.Contains(of.Err.Error(), "escapes"):
		return "is reached through a link that leads out of the project"
	}
	return "cannot be deleted"
}

// commands are those that any client can send.
func (s *Server) commands() []string {
	return []string{commandFixAll, commandSyncExample, commandCreateEnv, commandCheckForUpdates, commandStatus, report.MendDeferral, report.ClearDeferCache, report.SetUp, report.SaveProfiles}
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
