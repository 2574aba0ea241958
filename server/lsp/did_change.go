package lsp

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
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

var errShape = errors.New("a value of another kind")

// UnmarshalJSONFrom reads the parameters member by member: to find out by
// reflection what they are made of takes several times as long.
func (p *changeParams) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	return eachMember(in, func(name string) error {
		switch name {
		case "textDocument":
			return p.TextDocument.UnmarshalJSONFrom(in)
		case "contentChanges":
			return p.readChanges(in)
		}
		return in.SkipValue()
	})
}

func (p *changeParams) readChanges(in *jsontext.Decoder) error {
	p.ContentChanges = nil
	return each(in, '[', func() error {
		var change *contentChange
		if in.PeekKind() != 'n' {
			change = &contentChange{}
		}
		p.ContentChanges = append(p.ContentChanges, change)
		return eachMember(in, func(name string) error { return change.readMember(in, name) })
	})
}

func (c *contentChange) readMember(in *jsontext.Decoder, name string) error {
	switch kind := in.PeekKind(); {
	case name == "range" && kind == 'n':
		c.Range = nil
	case name == "range":
		c.Range = &protocol.Range{}
		return c.Range.UnmarshalJSONFrom(in)
	case name == "text" && kind == 'n':
		c.Text = nil
	case name == "text" && kind == '"':
		value, err := in.ReadToken()
		written := value.String()
		c.Text = &written
		return err
	case name == "text":
		return errShape
	}
	return in.SkipValue()
}

// eachMember reads an object, or null for none: read is called with the name of
// each member and reads its value.
func eachMember(in *jsontext.Decoder, read func(name string) error) error {
	return each(in, '{', func() error {
		name, err := in.ReadToken()
		if err != nil {
			return err
		}
		return read(name.String())
	})
}

// each reads a value that begins with a sign, or null for none: read is called for
// each of what it is made of.
func each(in *jsontext.Decoder, sign jsontext.Kind, read func() error) error {
	switch begin, err := in.ReadToken(); {
	case err != nil:
		return err
	case begin.Kind() == 'n':
		return nil
	case begin.Kind() != sign:
		return errShape
	}
	for in.PeekKind() != sign+2 { // in ASCII, where a bracket is closed
		if err := read(); err != nil {
			return err
		}
	}
	_, err := in.ReadToken()
	return err
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
			d.hand(s.workspace)
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
