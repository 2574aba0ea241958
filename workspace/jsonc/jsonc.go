// Package jsonc reads JSON with comments and trailing commas, as VS Code reads its
// own files, with the place of everything in it. Reading never fails: it goes on
// behind an error, which is kept.
package jsonc

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Kind is what a value is.
type Kind int

// The kinds of values.
const (
	Literal Kind = iota // a number, true, false, null
	String
	Array
	Object
)

// Value is one value, and where it stands.
type Value struct {
	Kind  Kind
	Span  text.Span
	Text  string // of a string, decoded; of a literal, as it stands
	Keys  []string
	Items []*Value // of an array or an object
	Heads []int    // of an object: where each key begins
	Comma int      // behind the comma after the last item, 0 without one
	Last  int      // where the last token or comment before the closing bracket ends

	places []int // of each byte of Text where they do not follow each other
}

// Get returns the value that keys lead to, nil without it. The last of equal
// keys counts.
func (v *Value) Get(keys ...string) *Value {
	for _, key := range keys {
		if v == nil || v.Kind != Object {
			return nil
		}
		var found *Value
		for i, k := range v.Keys {
			if k == key {
				found = v.Items[i]
			}
		}
		v = found
	}
	return v
}

// Strings returns all strings within a value.
func (v *Value) Strings() []string {
	switch {
	case v == nil:
		return nil
	case v.Kind == String:
		return []string{v.Text}
	}
	var all []string
	for _, item := range v.Items {
		all = append(all, item.Strings()...)
	}
	return all
}

// Place returns where a byte of Text stands.
func (v *Value) Place(i int) int {
	switch {
	case v.places != nil:
		return v.places[i]
	case v.Kind == String:
		return v.Span.Start + 1 + i
	}
	return v.Span.Start + i
}

// Document is a text that was read.
type Document struct {
	Text     string
	Root     *Value // nil where there is no value at all
	Comments int
	Err      error // the first one, and on which line it is; what was read up to there and behind it is in Root
}

// maxDepth bounds how deep values may be nested.
const maxDepth = 100

const byteOrderMark = "\ufeff"

// Parse reads a text.
func Parse(content string) *Document {
	r := &reader{text: content}
	r.pos = len(content) - len(strings.TrimPrefix(content, byteOrderMark))
	d := &Document{Text: content}
	if r.space() {
		d.Root = r.value(0)
		if r.space() {
			r.wanted("the end of the file")
		}
	} else {
		r.wanted("a value")
	}
	d.Comments, d.Err = r.comments, r.err
	return d
}

type reader struct {
	text     string
	pos      int
	end      int // of the last token or comment
	comments int
	err      error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// wanted keeps what was expected at the place that is reached.
func (r *reader) wanted(what string) {
	r.fail(fmt.Errorf("line %d: %s was expected", 1+strings.Count(r.text[:min(r.pos, len(r.text))], "\n"), what))
}

// take passes over a token.
func (r *reader) take(length int) {
	r.pos += length
	r.end = r.pos
}

// space passes over white space and comments, and reports whether anything
// follows.
func (r *reader) space() bool {
	for r.pos < len(r.text) {
		rest := r.text[r.pos:]
		switch {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			r.pos++
			continue
		case strings.HasPrefix(rest, "//"):
			line, _, _ := strings.Cut(rest, "\n")
			r.take(len(strings.TrimSuffix(line, "\r")))
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				r.wanted("the end of the comment")
				n = len(rest) - len("/**/")
			}
			r.take(n + len("/**/"))
		default:
			return true
		}
		r.comments++
	}
	return false
}

// value reads what begins here: not at the end.
func (r *reader) value(depth int) *Value {
	switch c := r.text[r.pos]; {
	case c == '"':
		return r.string()
	case (c == '[' || c == '{') && depth < maxDepth:
		return r.collection(depth)
	case c == '[' || c == '{':
		r.fail(fmt.Errorf("it is nested more than %d deep", maxDepth))
	}
	return r.literal()
}

func (r *reader) literal() *Value {
	n := len(r.text) - r.pos
	if i := strings.IndexAny(r.text[r.pos:], " \t\r\n,]}/:\"[{"); i >= 0 {
		n = max(i, 1)
	}
	v := &Value{Span: text.Span{Start: r.pos, End: r.pos + n}, Text: r.text[r.pos : r.pos+n]}
	if !json.Valid([]byte(v.Text)) {
		r.wanted("a value")
	}
	r.take(n)
	return v
}

func (r *reader) string() *Value {
	v := &Value{Kind: String, Span: text.Span{Start: r.pos}}
	decoded, places := Unescape(r.text, r.pos+1, '"')
	end := places[len(places)-1]
	v.Text = decoded
	if end-r.pos-1 != len(decoded) {
		v.places = places
	}
	switch {
	case end >= len(r.text) || r.text[end] != '"':
		r.wanted("a closing quote")
	case !json.Valid([]byte(r.text[r.pos : end+1])):
		r.wanted("a text")
	}
	r.take(min(end+1, len(r.text)) - r.pos)
	v.Span.End = r.pos
	return v
}

// collection reads an array or an object.
func (r *reader) collection(depth int) *Value {
	v := &Value{Kind: Array, Span: text.Span{Start: r.pos}}
	closing := byte(']')
	if r.text[r.pos] == '{' {
		v.Kind, closing = Object, '}'
	}
	r.take(1)
	for more := true; r.space(); {
		switch c := r.text[r.pos]; {
		case c == ']' || c == '}':
			if c != closing {
				r.wanted(string(closing))
			}
			v.Last = r.end
			r.take(1)
			v.Span.End = r.pos
			return v
		case c == ',' && !more:
			r.take(1)
			more, v.Comma = true, r.pos
		case c == ',' || c == ':':
			r.wanted("a value")
			r.take(1)
		default:
			if !more {
				r.wanted("a comma or " + string(closing))
			}
			r.item(v, depth)
			more, v.Comma = false, 0
		}
	}
	r.wanted(string(closing))
	v.Last, v.Span.End = r.end, r.pos
	return v
}

// item reads one value of an array, or one key and value of an object.
func (r *reader) item(v *Value, depth int) {
	if v.Kind != Object {
		v.Items = append(v.Items, r.value(depth+1))
		return
	}
	key := r.value(depth + 1)
	if key.Kind != String {
		r.wanted("a key in quotes")
	}
	if !r.space() || r.text[r.pos] != ':' {
		r.wanted("a colon")
		return
	}
	r.take(1)
	if !r.space() || strings.IndexByte(",]}", r.text[r.pos]) >= 0 {
		r.wanted("a value")
		return
	}
	v.Keys, v.Heads = append(v.Keys, key.Text), append(v.Heads, key.Span.Start)
	v.Items = append(v.Items, r.value(depth+1))
}
