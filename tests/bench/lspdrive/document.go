package lspdrive

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Document is a text that the server was told about, and one place in it where
// a key is pressed: every odd key inserts the text Key there, which breaks the
// file, and every even key takes it out again.
type Document struct {
	server  *Server
	uri     string
	decoded string
	good    string
	key     string
	at      int
	line    int // of the place, from 0
	column  int // in bytes, which equal UTF-16 units: the texts are ASCII
	version int
	broken  bool
	shown   int // the newest version that diagnostics came for
	stale   int // results that came for an older version than shown
}

// Open opens the text, which has no error, and waits for its first diagnostics.
// Some servers send none for a text without one; the wait then ends by itself.
func (s *Server) Open(path, text, key string, at int) (*Document, error) {
	line := strings.Count(text[:at], "\n")
	d := &Document{
		server: s, uri: URI(path), decoded: "file://" + filepath.ToSlash(path), good: text, key: key, at: at, version: 1,
		line: line, column: at - (strings.LastIndexByte(text[:at], '\n') + 1),
	}
	err := s.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": d.uri, "languageId": s.command.LanguageID, "version": d.version, "text": text,
	}})
	if err != nil {
		return nil, err
	}
	_, err = d.await(5*time.Second, func(Publish) bool { return true })
	if errors.Is(err, errSilent) {
		err = nil
	}
	return d, err
}

// Key changes the document by one key and returns how long the server took to
// publish the diagnostics of the new text.
func (d *Document) Key() (time.Duration, error) {
	frame := d.edit()
	begin := time.Now()
	if err := d.server.write(frame); err != nil {
		return 0, err
	}
	return d.settled(begin)
}

// Burst sends an odd number of keys to a text without an error, without
// waiting, and returns how long after the last one the server published the
// diagnostics of the final text. That text is broken, since a server need not
// publish again that there is nothing to say. One more key mends it.
func (d *Document) Burst(keys int) (time.Duration, error) {
	frames := make([][]byte, keys)
	for i := range frames {
		frames[i] = d.edit()
	}
	for _, frame := range frames[:keys-1] {
		if err := d.server.write(frame); err != nil {
			return 0, err
		}
	}
	begin := time.Now()
	if err := d.server.write(frames[keys-1]); err != nil {
		return 0, err
	}
	took, err := d.settled(begin)
	if err == nil {
		_, err = d.Key()
	}
	return took, err
}

// settled waits for the diagnostics of the newest version. A server that names
// no version is believed when errors are there as they should be.
func (d *Document) settled(begin time.Time) (time.Duration, error) {
	last, err := d.await(limit, func(p Publish) bool {
		if p.Version != nil {
			return *p.Version == d.version
		}
		return p.At.After(begin) && (p.Count > 0) == d.broken
	})
	return last.At.Sub(begin), err
}

// edit prepares the next key: it returns the frame and takes the text's new
// state for granted.
func (d *Document) edit() []byte {
	d.version++
	d.broken = !d.broken
	insert, end := d.key, d.column
	if !d.broken {
		insert, end = "", d.column+len(d.key)
	}
	change := map[string]any{"text": insert, "range": map[string]any{
		"start": map[string]any{"line": d.line, "character": d.column},
		"end":   map[string]any{"line": d.line, "character": end},
	}}
	if d.server.fullSync {
		change = map[string]any{"text": d.good[:d.at] + insert + d.good[d.at:]}
	}
	return message(map[string]any{
		"jsonrpc": "2.0", "method": "textDocument/didChange", "params": map[string]any{
			"textDocument":   map[string]any{"uri": d.uri, "version": d.version},
			"contentChanges": []any{change},
		},
	})
}

// note counts the results that are older than one that came before.
func (d *Document) note(p Publish) {
	switch {
	case p.Version == nil:
	case *p.Version < d.shown:
		d.stale++
	default:
		d.shown = *p.Version
	}
}

// Stale returns how many times the server published the diagnostics of an older
// text after those of a newer one.
func (d *Document) Stale() int { return d.stale }

// Press changes the document by one key and waits for nothing.
func (d *Document) Press() error { return d.server.write(d.edit()) }

// Ask sends a request about a place in the document, such as
// textDocument/hover, and returns the answer and how long it took.
func (d *Document) Ask(method string, line, column int) (json.RawMessage, time.Duration, error) {
	body := d.server.request(method, map[string]any{
		"textDocument": map[string]any{"uri": d.uri},
		"position":     map[string]any{"line": line, "character": column},
	})
	begin := time.Now()
	answer, err := d.server.send(body)
	return answer.result, answer.at.Sub(begin), err
}

var errSilent = errors.New("the expected diagnostics did not come")

func (d *Document) await(patience time.Duration, wanted func(Publish) bool) (Publish, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case p := <-d.server.publish:
			if p.URI != d.decoded {
				continue
			}
			d.note(p)
			if wanted(p) {
				return p, nil
			}
		case <-d.server.done:
			return Publish{}, fmt.Errorf("%s has ended: %w", d.server.command.Name, d.server.readErr)
		case <-timer.C:
			return Publish{}, fmt.Errorf("%s: %s, version %d: %w", d.server.command.Name, d.uri, d.version, errSilent)
		}
	}
}
