package lsp

import (
	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// didOpen takes over the content of a file. A document that is on no disk is
// not ours.
func (s *Server) didOpen(p *protocol.DidOpenTextDocumentParams) (any, error) {
	u := documentKey(p.TextDocument.URI)
	if u == "" {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, errNoURI.Error())
	}
	if !u.IsFile() {
		return nil, nil
	}
	d := &document{path: u.FsPath(), version: p.TextDocument.Version, content: []byte(p.TextDocument.Text)}
	s.documents[u] = d
	s.publish.opened(d.path, u, func() { s.workspace.SetDocument(d.path, d.version, d.content) })
	return nil, nil
}
