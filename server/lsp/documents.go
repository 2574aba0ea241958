package lsp

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var (
	errNoURI    = errors.New("a document without a URI")
	errNotOpen  = errors.New("a change of a document that is not open")
	errNoChange = errors.New("a change that says nothing")
	errBackward = errors.New("a range that ends before it begins")
)

// document is one open document. A content that the workspace has is replaced,
// never changed.
type document struct {
	path    string
	version int32
	content []byte
	edited  bool // content is not the workspace's yet
	lost    bool // an edit could not be read; edits say nothing until the whole text comes
	near    near // where the last edit was: the next one is hardly ever elsewhere
}

// near is a line that is known to begin at an offset. The zero value is the first.
type near struct {
	line uint32
	at   int
}

// spare is how many bytes a burst of edits may add before the content is copied.
const spare = 512

// documentKey is the form of a URI by which documents are kept. The decoder's
// strings share one copy of the whole message, which must not be kept alive.
func documentKey(u uri.URI) uri.URI { return uri.URI(strings.Clone(string(u))) }

// apply changes the content, or replaces it if that is the workspace's.
func (d *document) apply(change *contentChange, enc text.Encoding) error {
	switch {
	case change == nil || change.Text == nil:
		return errNoChange
	case change.Range == nil:
		d.content, d.edited, d.lost, d.near = []byte(*change.Text), true, false, near{}
		return nil
	case d.lost:
		return nil
	}
	d.approach(change.Range.Start.Line)
	start := d.offset(change.Range.Start, enc)
	end := d.offset(change.Range.End, enc)
	if end < start {
		return errBackward
	}
	if !d.edited {
		d.content = append(make([]byte, 0, len(d.content)+len(*change.Text)+spare), d.content...)
		d.edited = true
	}
	d.content = slices.Replace(d.content, start, end, []byte(*change.Text)...)
	return nil
}

// offset returns the byte that a position stands at. Only the one line is
// looked at closely: an index of all lines would be built anew for every key.
func (d *document) offset(p protocol.Position, enc text.Encoding) int {
	at, _ := d.lineStart(p.Line)
	line := d.content[at:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	if end := bytes.IndexByte(line, '\r'); end >= 0 {
		line = line[:end]
	}
	return at + text.NewLines(line).Decoded(0, p.Character, enc)
}

// approach makes a line the near one. An edit from its beginning on leaves it
// there, unless a CR ends the line before it, to which a LF may be added.
func (d *document) approach(line uint32) {
	at, ok := d.lineStart(line)
	if d.near = (near{}); ok && at > 0 && d.content[at-1] == '\n' {
		d.near = near{line, at}
	}
}

// lineStart returns where a line begins, and whether there is such a line.
func (d *document) lineStart(line uint32) (at int, ok bool) {
	from := d.near
	if line < from.line {
		from = near{}
	}
	at, ok = lineStart(d.content[from.at:], line-from.line)
	return from.at + at, ok
}

// lineStart returns where a line begins; a line beyond the text, which is not ok,
// begins at its end. A line ends after LF, CRLF or a lone CR.
func lineStart(content []byte, line uint32) (at int, ok bool) {
	if line == 0 {
		return 0, true
	}
	if bytes.IndexByte(content, '\r') < 0 {
		for range line {
			end := bytes.IndexByte(content[at:], '\n')
			if end < 0 {
				return len(content), false
			}
			at += end + 1
		}
		return at, true
	}
	for i, c := range content {
		if c == '\n' || c == '\r' && (i+1 == len(content) || content[i+1] != '\n') {
			if line--; line == 0 {
				return i + 1, true
			}
		}
	}
	return len(content), false
}
