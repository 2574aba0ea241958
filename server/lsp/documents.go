package lsp

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
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
	content []byte // without what has been typed into the window since
	lost    bool   // an edit could not be read; edits say nothing until the whole text comes
	window  window
	near    near // where the last window was: the next one is hardly ever elsewhere

	from   []byte      // what content was made of; nil if the workspace has it, or it came as a whole
	common text.Common // what both share
}

// A window is the whole lines of a content in which somebody types. An edit within
// it touches nothing else, however long the text is.
type window struct {
	open bool
	line uint32    // the first of its lines
	of   text.Span // what it stands for in the content
	text []byte
	last bool // it ends where the content does
}

// near is a line that is known to begin at an offset. The zero value is the first.
type near struct {
	line uint32
	at   int
}

// documentKey is the form of a URI by which documents are kept. The decoder's
// strings share one copy of the whole message, which must not be kept alive.
func documentKey(u uri.URI) uri.URI { return uri.URI(strings.Clone(string(u))) }

// apply changes the text of the document.
func (d *document) apply(change *contentChange, enc text.Encoding) error {
	switch {
	case change == nil || change.Text == nil:
		return errNoChange
	case change.Range == nil:
		d.content, d.lost, d.window, d.near = []byte(*change.Text), false, window{}, near{}
		d.from = nil
		return nil
	case d.lost:
		return nil
	}
	if !d.window.holds(change.Range) {
		d.join()
		d.look(change.Range)
	}
	w := &d.window
	start, end := w.offset(change.Range.Start, enc), w.offset(change.Range.End, enc)
	if end < start {
		return errBackward
	}
	w.text = slices.Replace(w.text, start, end, []byte(*change.Text)...)
	return nil
}

// join puts what was typed into the content.
func (d *document) join() {
	w := &d.window
	if !w.open {
		return
	}
	head, tail := d.content[:w.of.Start], d.content[w.of.End:]
	within := text.Shared(w.of.Of(d.content), w.text)
	d.from, d.common = d.content, text.Common{Head: len(head) + within.Head, Tail: len(tail) + within.Tail}
	d.content = bytes.Join([][]byte{head, w.text, tail}, nil)
	d.near = near{w.line, w.of.Start}
	d.window = window{}
}

// hand gives the workspace what the document has become.
func (d *document) hand(to *workspace.Workspace) {
	d.join()
	if d.from == nil {
		to.SetDocument(d.path, d.version, d.content)
		return
	}
	to.EditDocument(d.path, d.version, d.content, d.from, d.common)
	d.from = nil
}

// look opens the window on the lines of a range.
func (d *document) look(r *protocol.Range) {
	first, last, from := min(r.Start.Line, r.End.Line), max(r.Start.Line, r.End.Line), d.near
	if first < from.line {
		from = near{}
	}
	at, ok := lineStart(d.content[from.at:], first-from.line)
	w := window{open: true, line: first, of: text.Span{Start: from.at + at}}
	if !ok || w.of.Start > 0 && d.content[w.of.Start-1] != '\n' { // a line may grow together with the one before
		w.line, w.of.Start = 0, 0
	}
	rest := d.content[w.of.Start:]
	end, _ := lineStart(rest, last-w.line)
	if n := bytes.IndexByte(rest[end:], '\n'); n >= 0 {
		w.of.End = w.of.Start + end + n + 1
	} else {
		w.of.End, w.last = len(d.content), true
	}
	w.text = bytes.Clone(w.of.Of(d.content))
	d.window = w
}

// holds reports whether both ends of a range lie in lines of the window.
func (w *window) holds(r *protocol.Range) bool {
	if !w.open || min(r.Start.Line, r.End.Line) < w.line {
		return false
	}
	at, ok := lineStart(w.text, max(r.Start.Line, r.End.Line)-w.line)
	return w.last || ok && at < len(w.text)
}

// offset returns the byte of the window that a position stands at.
func (w *window) offset(p protocol.Position, enc text.Encoding) int {
	at, _ := lineStart(w.text, p.Line-w.line)
	line := w.text[at:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	if end := bytes.IndexByte(line, '\r'); end >= 0 {
		line = line[:end]
	}
	return at + text.NewLines(line).Decoded(0, p.Character, enc)
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
