package lsp

import (
	"context"
	"slices"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

const kindFixAll = protocol.CodeActionKindSourceFixAll + ".dbtHybrid"

// codeAction offers the fixes of the findings in a range, and on demand all
// safe ones of the document at once.
func (s *Server) codeAction(p *protocol.CodeActionParams) (any, error) {
	path, err := s.path(p.TextDocument)
	if err != nil {
		return nil, err
	}
	snapshot := s.workspace.Snapshot()
	return rpc.Later(func(ctx context.Context) (any, error) {
		actions, ignore := []protocol.CodeAction{}, []protocol.CodeAction{}
		found := s.findingsIn(snapshot, path)
		if wantsKind(p.Context.Only, protocol.CodeActionKindQuickFix, true) {
			for i := range found {
				f := &found[i]
				if f.At.Span.Overlaps(s.spanOf(f.At.File, p.Range)) || s.named(f, p.Context.Diagnostics) {
					actions = append(actions, s.quickFixes(f, f.Offers())...)
					if suppress, ok := diagnostics.Ignore(f); ok && !snapshot.InPackage(path) {
						ignore = append(ignore, s.quickFixes(f, []diagnostics.Fix{suppress})...)
					}
				}
			}
			actions = append(actions, ignore...) // what mends comes first
		}
		if wantsKind(p.Context.Only, kindFixAll, false) {
			if all := s.allSafe(ctx, snapshot, path); !all.empty() {
				kind := kindFixAll
				actions = append(actions, protocol.CodeAction{
					Title: "Apply all safe fixes of dbt Hybrid", Kind: &kind, Edit: s.workspaceEdit(all),
				})
			}
		}
		return actions, ctx.Err()
	}), nil
}

// named reports whether a client names a finding in its question. Neovim sends
// all diagnostics of the line of the cursor, wherever in the line it stands; up
// to 0.7 with columns in bytes, so only the line counts.
func (s *Server) named(f *diagnostics.Finding, known []protocol.Diagnostic) bool {
	line := s.position(f.At.File, f.At.Span.Start).Line
	return slices.ContainsFunc(known, func(d protocol.Diagnostic) bool {
		return d.Range.Start.Line == line && d.Code == protocol.String(f.Rule.Code) && d.Message == protocol.String(f.Text())
	})
}

// path returns the file that a document is.
func (s *Server) path(d protocol.TextDocumentIdentifier) (string, error) {
	if d.URI == "" || !d.URI.IsFile() {
		return "", jsonrpc2.NewError(jsonrpc2.InvalidParams, "not a file")
	}
	return d.URI.FsPath(), nil
}

func (s *Server) spanOf(file *workspace.File, r protocol.Range) text.Span {
	return text.Span{Start: s.offsetOf(file, r.Start), End: s.offsetOf(file, r.End)}
}

// findingsIn returns the findings of all projects in a file, equal ones once.
func (s *Server) findingsIn(snapshot *workspace.Snapshot, path string) []diagnostics.Finding {
	var all []diagnostics.Finding
	seen := map[itemKey]bool{}
	for _, c := range s.checked(snapshot) {
		for _, it := range c.files[path] {
			if !seen[it.key()] {
				seen[it.key()] = true
				all = append(all, *it.finding)
			}
		}
	}
	return all
}

// wantsKind reports whether a client asks for a kind: by its name, or by one
// above it. Without a question the usual kinds are offered.
func wantsKind(only []protocol.CodeActionKind, kind protocol.CodeActionKind, usual bool) bool {
	if len(only) == 0 {
		return usual
	}
	return slices.ContainsFunc(only, func(o protocol.CodeActionKind) bool {
		return o == kind || strings.HasPrefix(string(kind), string(o)+".")
	})
}

// quickFixes returns those of the fixes of a finding that the client can carry
// out.
func (s *Server) quickFixes(f *diagnostics.Finding, offers []diagnostics.Fix) []protocol.CodeAction {
	var actions []protocol.CodeAction
	for i := range offers {
		offer := &offers[i]
		kind := protocol.CodeActionKindQuickFix
		a := protocol.CodeAction{Title: offer.Title, Kind: &kind, Diagnostics: []protocol.Diagnostic{s.diagnostic(f)}}
		if !s.carryOut(&a, f, offer) {
			continue
		}
		if offer.Preferred && s.client.preferred {
			a.IsPreferred = &offer.Preferred
		}
		actions = append(actions, a)
	}
	return actions
}

// carryOut fills in what an action does; it returns false when the client
// cannot do that.
func (s *Server) carryOut(a *protocol.CodeAction, f *diagnostics.Finding, offer *diagnostics.Fix) bool {
	c := changeOf(offer)
	if offer.Command != nil {
		if !s.client.trusted || !slices.Contains(s.client.commands, offer.Command.Name) {
			return false
		}
		a.Command = protocol.Command{Title: offer.Title, Command: offer.Command.Name}
		for _, arg := range offer.Command.Args {
			encoded, err := protocol.Marshal(arg)
			if err != nil {
				return false
			}
			a.Command.Arguments = append(a.Command.Arguments, encoded)
		}
		if c.empty() {
			return true
		}
	}
	if c.empty() && c.cursor != nil && s.client.snippets {
		file := f.At.File
		if file.Path != c.cursor.Path {
			return false
		}
		a.Edit = s.jump(file, c.cursor.Offset)
		return true
	}
	a.Edit = s.workspaceEdit(c)
	return a.Edit != nil
}
