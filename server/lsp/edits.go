package lsp

import (
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// change is a set of changes that a client makes at once.
type change struct {
	edits  []diagnostics.Edit
	create []diagnostics.NewFile
	remove []string
	cursor *diagnostics.Cursor
}

func changeOf(f *diagnostics.Fix) change {
	return change{edits: f.Edits, create: f.Create, remove: f.Delete, cursor: f.Cursor}
}

func (c *change) empty() bool { return len(c.edits)+len(c.create)+len(c.remove) == 0 }

// workspaceEdit returns a change as the client makes it, nil if it cannot.
func (s *Server) workspaceEdit(c change) *protocol.WorkspaceEdit {
	if len(c.create) > 0 && !s.client.create || len(c.remove) > 0 && !s.client.remove {
		return nil
	}
	if c.cursor != nil && !s.client.snippets {
		c.cursor = nil
	}
	if c.empty() && c.cursor == nil {
		return nil
	}
	c.edits = beforeLastEnd(c.edits)
	if !s.client.documentChanges {
		return s.plainChanges(c.edits)
	}
	edit := &protocol.WorkspaceEdit{}
	for _, file := range c.create {
		u := uri.File(file.Path)
		edit.DocumentChanges = append(edit.DocumentChanges,
			&protocol.CreateFile{Kind: "create", URI: u},
			&protocol.TextDocumentEdit{
				TextDocument: protocol.OptionalVersionedTextDocumentIdentifier{TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: u}},
				Edits:        []protocol.TextDocumentEditElement{s.insertion(file, c.cursor)},
			})
	}
	for _, group := range fix.ByFile(c.edits) {
		edit.DocumentChanges = append(edit.DocumentChanges, s.documentEdit(group, c.cursor))
	}
	for _, path := range c.remove {
		edit.DocumentChanges = append(edit.DocumentChanges, &protocol.DeleteFile{Kind: "delete", URI: s.uriOf(path)})
	}
	return edit
}

// beforeLastEnd moves lines that are put at the end of a file to before its last
// line ending. The text that results is the same; but Neovim 0.11 adds an empty
// line to whatever begins behind the last line.
func beforeLastEnd(edits []diagnostics.Edit) []diagnostics.Edit {
	var moved []diagnostics.Edit
	for _, group := range fix.ByFile(edits) {
		content := group[0].File.Content
		end := lastEnd(string(content))
		last := len(content) - len(end)
		stays := func(e diagnostics.Edit) bool {
			return e.End > last && (e.Start < len(content) || lastEnd(e.New) != end)
		}
		movable := end != "" && !slices.ContainsFunc(group, stays)
		for _, e := range group {
			if movable && e.Start == len(content) {
				e.Span = text.At(last)
				e.New = end + strings.TrimSuffix(e.New, end)
			}
			moved = append(moved, e)
		}
	}
	return moved
}

// lastEnd returns the line ending that a text ends with.
func lastEnd(s string) string {
	for _, end := range []string{"\r\n", "\n"} {
		if strings.HasSuffix(s, end) {
			return end
		}
	}
	return ""
}

// plainChanges is a change for a client that knows no versions.
func (s *Server) plainChanges(edits []diagnostics.Edit) *protocol.WorkspaceEdit {
	edit := &protocol.WorkspaceEdit{Changes: map[uri.URI][]protocol.TextEdit{}}
	for _, e := range edits {
		u := s.uriOf(e.File.Path)
		edit.Changes[u] = append(edit.Changes[u], protocol.TextEdit{Range: s.rangeOf(e.File, e.Span), NewText: e.New})
	}
	return edit
}

// documentEdit returns the edits of one file, and where they lead.
func (s *Server) documentEdit(group []diagnostics.Edit, cursor *diagnostics.Cursor) *protocol.TextDocumentEdit {
	file := group[0].File
	out := &protocol.TextDocumentEdit{TextDocument: s.versioned(file)}
	grown := 0 // by how much the text before has become longer
	for _, e := range group {
		start := e.Start + grown
		grown += len(e.New) - e.Span.Len()
		within := -1
		if cursor != nil && cursor.Path == file.Path {
			within = cursor.Offset - start
		}
		if within >= 0 && within <= len(e.New) {
			out.Edits = append(out.Edits, s.snippet(s.rangeOf(file, e.Span), e.New, within))
			cursor = nil
			continue
		}
		out.Edits = append(out.Edits, &protocol.TextEdit{Range: s.rangeOf(file, e.Span), NewText: e.New})
	}
	return out
}

func (s *Server) versioned(file *workspace.File) protocol.OptionalVersionedTextDocumentIdentifier {
	id := protocol.OptionalVersionedTextDocumentIdentifier{TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: s.uriOf(file.Path)}}
	if file.Open {
		version := file.Version
		id.Version = &version
	}
	return id
}

func (s *Server) insertion(file diagnostics.NewFile, cursor *diagnostics.Cursor) protocol.TextDocumentEditElement {
	if cursor != nil && cursor.Path == file.Path {
		return s.snippet(protocol.Range{}, file.Content, min(cursor.Offset, len(file.Content)))
	}
	// To behind the one empty line: Neovim keeps that line otherwise.
	return &protocol.TextEdit{Range: protocol.Range{End: protocol.Position{Line: 1}}, NewText: file.Content}
}

// snippet is an edit that leaves the cursor at an offset of its text.
func (s *Server) snippet(at protocol.Range, newText string, cursor int) *protocol.SnippetTextEdit {
	return &protocol.SnippetTextEdit{
		Range:   at,
		Snippet: protocol.StringValue{Kind: "snippet", Value: escapeSnippet(newText[:cursor]) + "$0" + escapeSnippet(newText[cursor:])},
	}
}

func escapeSnippet(s string) string {
	return strings.NewReplacer(`\`, `\\`, `$`, `\$`, `}`, `\}`).Replace(s)
}

// jump is a change that only moves the cursor within a file.
func (s *Server) jump(file *workspace.File, offset int) *protocol.WorkspaceEdit {
	at := s.rangeOf(file, text.At(offset))
	return &protocol.WorkspaceEdit{DocumentChanges: []protocol.DocumentChange{&protocol.TextDocumentEdit{
		TextDocument: s.versioned(file),
		Edits:        []protocol.TextDocumentEditElement{s.snippet(at, "", 0)},
	}}}
}
