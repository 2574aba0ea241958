package lsp

import (
	"fmt"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
)

// changeParams are DidChangeTextDocumentParams. The library's type tells the two
// kinds of changes apart by trying: an edit with a range that it cannot read
// becomes the whole text.
type changeParams struct {
	TextDocument   protocol.VersionedTextDocumentIdentifier `json:"textDocument"`
	ContentChanges []*contentChange                         `json:"contentChanges"`
}

// contentChange replaces a range, or without one the whole text.
type contentChange struct {
	Range *protocol.Range `json:"range"`
	Text  *string         `json:"text"`
}

// didChange applies edits in their order. An edit that cannot be read leaves a
// document that nobody knows: until its whole text comes again, the file on
// disk counts.
func (s *Server) didChange(raw jsonrpc2.RawMessage) (any, error) {
	_, err := rpc.On(func(p *changeParams) (any, error) {
		u := documentKey(p.TextDocument.URI)
		if !u.IsFile() {
			return nil, nil
		}
		d := s.documents[u]
		if d == nil {
			return nil, errNotOpen
		}
		return nil, s.edit(d, p)
	})(raw)
	if err != nil {
		s.lose(raw)
	}
	return nil, err
}

func (s *Server) edit(d *document, p *changeParams) error {
	next := *d
	for i, change := range p.ContentChanges {
		if err := next.apply(change, s.client.encoding); err != nil {
			return fmt.Errorf("change %d: %w", i, err)
		}
	}
	next.version = p.TextDocument.Version
	*d = next
	if !d.lost {
		s.workspace.SetDocument(d.path, d.version, d.content)
		s.edited()
	}
	return nil
}

// lose marks the document of a change that could not be read.
func (s *Server) lose(raw jsonrpc2.RawMessage) {
	var p struct {
		TextDocument protocol.TextDocumentIdentifier `json:"textDocument"`
	}
	if protocol.Unmarshal(raw, &p) != nil {
		return
	}
	if d := s.documents[p.TextDocument.URI]; d != nil && !d.lost {
		d.lost = true
		s.workspace.CloseDocument(d.path)
		s.edited()
	}
}
