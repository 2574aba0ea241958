package lsp

import (
	"context"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// methodFocus is a notification of our own client: the window has the focus
// again, and another program may have changed files.
const methodFocus = "dbtHybrid/focus"

// didSave looks at the disk again: saving .gitignore, say, changes what git
// thinks of another file, and not every client, nor every disk, tells of changes.
func (s *Server) didSave(p *protocol.DidSaveTextDocumentParams) (any, error) {
	if u := p.TextDocument.URI; u.IsFile() {
		s.filesChanged([]string{u.FsPath()})
	}
	s.background("look at the disk", s.lookAgain)
	s.background("look for an updated dbt", s.enginesAgain)
	return nil, nil
}

// focused looks at the disk again. Where nothing ever told of a change, as on a
// network file system, all of it is read.
func (s *Server) focused(jsonrpc2.RawMessage) (any, error) {
	s.background("look for an updated dbt", s.enginesAgain)
	if s.events.Load() {
		s.background("look at the disk", s.lookAgain)
	} else if _, seen := s.publish.lastProjects(); seen {
		s.workspace.Rescan()
		s.changed()
	}
	return nil, nil
}

// lookAgain finds the files that have changed without anybody telling.
func (s *Server) lookAgain(context.Context) {
	if _, seen := s.publish.lastProjects(); seen {
		s.filesChanged(s.workspace.Snapshot().Outdated())
	}
}
