package lsp

import (
	"go.lsp.dev/protocol"
)

// didSave looks at the disk again: saving .gitignore, say, changes what git
// thinks of another file, and not every client watches files.
func (s *Server) didSave(p *protocol.DidSaveTextDocumentParams) (any, error) {
	if u := p.TextDocument.URI; u.IsFile() {
		s.filesChanged([]string{u.FsPath()})
	}
	return nil, nil
}
