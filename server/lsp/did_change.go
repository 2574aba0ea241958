package lsp

import (
	"fmt"
	"slices"

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
	s.editing.Lock()
	defer s.editing.Unlock()
	for i, change := range p.ContentChanges {
		if err := d.apply(change, s.client.encoding); err != nil {
			return fmt.Errorf("change %d: %w", i, err)
		}
	}
	d.version = p.TextDocument.Version
	if d.lost {
		return nil
	}
	if !slices.Contains(s.unsettled, d) {
		s.unsettled = append(s.unsettled, d)
	}
	s.publish.unsettle()
	return nil
}

// settle hands the workspace what was edited. It is called before any message but
// an edit, and before the workspace is looked at: a burst of edits makes one
// content.
func (s *Server) settle() {
	s.editing.Lock()
	defer s.editing.Unlock()
	if len(s.unsettled) == 0 {
		return
	}
	for _, d := range s.unsettled {
		if !d.lost {
			d.join()
			s.workspace.SetDocument(d.path, d.version, d.content)
		}
	}
	s.unsettled = nil
	s.publish.settled()
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
		s.settle()
		d.lost = true
		s.workspace.CloseDocument(d.path)
		s.edited()
	}
}
