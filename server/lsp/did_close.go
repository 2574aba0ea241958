package lsp

import (
	"go.lsp.dev/protocol"
)

// didClose gives a file back to the disk. Its diagnostics stay.
func (s *Server) didClose(p *protocol.DidCloseTextDocumentParams) (any, error) {
	u := documentKey(p.TextDocument.URI)
	d := s.documents[u]
	if d == nil {
		return nil, nil
	}
	delete(s.documents, u)
	s.publish.closed(d.path, func() { s.workspace.CloseDocument(d.path) })
	return nil, nil
}
