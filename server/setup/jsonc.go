package setup

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// jsonKind is what a value of JSON is.
type jsonKind int

const (
	jsonOther jsonKind = iota // a number, true, false, null
	jsonString
	jsonArray
	jsonObject
)

// jsonValue is one value of JSON with comments, and where it stands.
type jsonValue struct {
	kind  jsonKind
	span  text.Span
	text  string // of a string, decoded
	keys  []string
	items []*jsonValue // of an array or an object
	heads []int        // of an object: where each key begins
	comma int          // behind the comma after the last item, 0 without one
	last  int          // where the last token or comment before the closing bracket ends
}

// get returns the value of a key of an object, nil without it. The last of
// several counts.
func (v *jsonValue) get(keys ...string) *jsonValue {
	for _, key := range keys {
		if v == nil || v.kind != jsonObject {
			return nil
		}
		var found *jsonValue
		for i, k := range v.keys {
			if k == key {
				found = v.items[i]
			}
		}
		v = found
	}
	return v
}

// strings returns all strings within a value.
func (v *jsonValue) strings() []string {
	switch {
	case v == nil:
		return nil
	case v.kind == jsonString:
		return []string{v.text}
	}
	var all []string
	for _, item := range v.items {
		all = append(all, item.strings()...)
	}
	return all
}

// document is a text of JSON with comments, as VS Code reads its own files:
// with // and /* */, and with commas before closing brackets.
type document struct {
	text     string
	root     *jsonValue
	comments int
}

// maxDepth bounds how deep values may be nested.
const maxDepth = 200

// parseJSONC reads a text. An error says on which line reading ended.
func parseJSONC(content string) (*document, error) {
	r := &jsonReader{text: content}
	r.pos = len(content) - len(strings.TrimPrefix(content, "\ufeff"))
	d := &document{text: content}
	r.space()
	root, err := r.value(0)
	if err == nil {
		r.space()
		if r.pos < len(content) {
			err = r.wrong("the end of the file")
		}
	}
	if err != nil {
		return nil, err
	}
	d.root, d.comments = root, r.comments
	return d, nil
}

type jsonReader struct {
	text     string
	pos      int
	end      int // of the last token or comment
	comments int
}

func (r *jsonReader) wrong(wanted string) error {
	return fmt.Errorf("line %d: %s was expected", 1+strings.Count(r.text[:r.pos], "\n"), wanted)
}

func (r *jsonReader) at(prefix string) bool { return strings.HasPrefix(r.text[r.pos:], prefix) }

// space skips white space and comments.
func (r *jsonReader) space() {
	for r.pos < len(r.text) {
		switch {
		case strings.IndexByte(" \t\r\n", r.text[r.pos]) >= 0:
			r.pos++
			continue
		case r.at("//"):
			n := strings.IndexByte(r.text[r.pos:], '\n')
			if n < 0 {
				n = len(r.text) - r.pos
			}
			n = len(strings.TrimSuffix(r.text[r.pos:r.pos+n], "\r"))
			r.pos += n
		case r.at("/*"):
			n := strings.Index(r.text[r.pos+2:], "*/")
			if n < 0 {
				return // an error of whoever comes next
			}
			r.pos += n + len("/**/")
		default:
			return
		}
		r.comments++
		r.end = r.pos
	}
}

func (r *jsonReader) value(depth int) (*jsonValue, error) {
	switch {
	case depth > maxDepth:
		return nil, fmt.Errorf("it is nested more than %d deep", maxDepth)
	case r.at(`"`):
		return r.string()
	case r.at("["), r.at("{"):
		return r.collection(depth)
	}
	n := len(r.text) - r.pos
	if i := strings.IndexAny(r.text[r.pos:], " \t\r\n,]}/:\"[{"); i >= 0 {
		n = i
	}
	v := &jsonValue{span: text.Span{Start: r.pos, End: r.pos + n}}
	if !json.Valid([]byte(r.text[r.pos : r.pos+n])) {
		return nil, r.wrong("a value")
	}
	r.pos += n
	r.end = r.pos
	return v, nil
}

func (r *jsonReader) string() (*jsonValue, error) {
	start := r.pos
	for i := start + 1; i < len(r.text) && r.text[i] != '\n'; i++ {
		switch r.text[i] {
		case '\\':
			i++
		case '"':
			v := &jsonValue{kind: jsonString, span: text.Span{Start: start, End: i + 1}}
			if err := json.Unmarshal([]byte(r.text[start:i+1]), &v.text); err != nil {
				return nil, r.wrong("a text")
			}
			r.pos = i + 1
			r.end = r.pos
			return v, nil
		}
	}
	return nil, r.wrong("a closing quote")
}

// collection reads an array or an object.
func (r *jsonReader) collection(depth int) (*jsonValue, error) {
	v := &jsonValue{kind: jsonArray, span: text.Span{Start: r.pos}}
	closing := "]"
	if r.at("{") {
		v.kind, closing = jsonObject, "}"
	}
	r.pos++
	r.end = r.pos
	for more := true; ; {
		r.space()
		if r.at(closing) {
			v.last = r.end
			r.pos++
			r.end, v.span.End = r.pos, r.pos
			return v, nil
		}
		if !more {
			return nil, r.wrong("a comma or " + closing)
		}
		if err := r.item(v, depth); err != nil {
			return nil, err
		}
		r.space()
		v.comma = 0
		if more = r.at(","); more {
			r.pos++
			r.end, v.comma = r.pos, r.pos
		}
	}
}

// item reads one value of an array, or one key and value of an object.
func (r *jsonReader) item(v *jsonValue, depth int) error {
	if v.kind == jsonObject {
		if !r.at(`"`) {
			return r.wrong("a key in quotes")
		}
		key, err := r.string()
		if err != nil {
			return err
		}
		v.keys, v.heads = append(v.keys, key.text), append(v.heads, key.span.Start)
		r.space()
		if !r.at(":") {
			return r.wrong("a colon")
		}
		r.pos++
		r.space()
	}
	value, err := r.value(depth + 1)
	if err != nil {
		return err
	}
	v.items = append(v.items, value)
	return nil
}

// member is something to be added: a value of an array, or of an object.
type member struct {
	key     string // "" in an array
	value   any    // string, []member of a list, object
	comment string // shown above it where there is room
}

// object is the value of a member that holds others.
type object []member

// list is the value of a member that is an array.
type list []string

// add returns the insertions that put members at the end of an array or object.
// What is on one line stays on one line, but for an empty one.
func (d *document) add(into *jsonValue, members []member, unit string, comments bool) []text.Edit {
	if len(members) == 0 {
		return nil
	}
	start, end := into.span.Start, into.span.End
	base := indentAt(d.text, start)
	switch {
	case len(into.items) == 0 && into.last == start+1: // nothing in it at all
		var out strings.Builder
		w := jsonWriter{out: &out, unit: unit, comments: comments}
		w.members(members, base+unit, "")
		if strings.Contains(d.text[into.last:end], "\n") {
			return []text.Edit{{Span: text.At(into.last), New: "\n" + strings.TrimSuffix(out.String(), "\n")}}
		}
		return []text.Edit{{Span: text.At(into.last), New: "\n" + out.String() + base}}
	case !strings.Contains(d.text[into.last:end], "\n"): // on one line, or its end is
		var out strings.Builder
		w := jsonWriter{out: &out, unit: unit}
		for i, m := range members {
			if i > 0 || len(into.items) > 0 && into.comma == 0 {
				out.WriteString(",")
			}
			if i > 0 || len(into.items) > 0 {
				out.WriteString(" ")
			}
			w.inline(m)
		}
		at := into.last
		if n := len(into.items); n > 0 {
			at = max(into.items[n-1].span.End, into.comma)
		}
		return []text.Edit{{Span: text.At(at), New: out.String()}}
	}
	indent := base + unit
	for i, item := range into.items {
		at := item.span.Start
		if into.kind == jsonObject {
			at = into.heads[i]
		}
		if first := lineStart(d.text, at); strings.TrimSpace(d.text[first:at]) == "" {
			indent = d.text[first:at]
			break
		}
	}
	var edits []text.Edit
	closing := ""
	if n := len(into.items); n > 0 && into.comma == 0 {
		edits = append(edits, text.Edit{Span: text.At(into.items[n-1].span.End), New: ","})
	} else if n > 0 {
		closing = "," // as they are used to
	}
	var out strings.Builder
	w := jsonWriter{out: &out, unit: unit, comments: comments}
	w.members(members, indent, closing)
	lines := "\n" + strings.TrimSuffix(out.String(), "\n")
	if n := len(into.items); n > 0 && comments && strings.Contains(d.text[max(into.items[n-1].span.End, into.comma):into.last], "\n") {
		lines = "\n" + lines // not as if the comments above were about it
	}
	if len(edits) == 1 && edits[0].Start == into.last { // two insertions at one place are one
		edits[0].New += lines
		return edits
	}
	return append(edits, text.Edit{Span: text.At(into.last), New: lines})
}

// lineStart is where the line of an offset begins.
func lineStart(s string, at int) int { return strings.LastIndexByte(s[:at], '\n') + 1 }

// indentAt returns the white space at the start of the line of an offset.
func indentAt(s string, at int) string {
	line := strings.TrimPrefix(s[lineStart(s, at):], "\ufeff")
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// unit returns by how much a document is indented: by as much as its first
// member is.
func (d *document) unit() string {
	if d.root.kind == jsonObject && len(d.root.heads) > 0 {
		at := d.root.heads[0]
		own := d.text[lineStart(d.text, at):at]
		base := indentAt(d.text, d.root.span.Start)
		if unit, ok := strings.CutPrefix(own, base); ok && unit != "" && strings.Trim(unit, " \t") == "" {
			return unit
		}
	}
	return "\t"
}

// jsonWriter writes members.
type jsonWriter struct {
	out      *strings.Builder
	unit     string
	comments bool
}

// members writes each on lines of its own; closing stands behind the last.
func (w *jsonWriter) members(all []member, indent, closing string) {
	for i, m := range all {
		if w.comments && m.comment != "" {
			for line := range strings.SplitSeq(m.comment, "\n") {
				w.out.WriteString(indent + "// " + line + "\n")
			}
		}
		w.out.WriteString(indent)
		w.key(m)
		end := ","
		if i == len(all)-1 {
			end = closing
		}
		w.value(m, indent)
		w.out.WriteString(end + "\n")
	}
}

func (w *jsonWriter) key(m member) {
	if m.key != "" {
		w.out.WriteString(quoteJSON(m.key) + ": ")
	}
}

func (w *jsonWriter) value(m member, indent string) {
	opening, closing, inner := "{", "}", []member(nil)
	switch v := m.value.(type) {
	case string:
		w.out.WriteString(quoteJSON(v))
		return
	case object:
		inner = v
	case list:
		opening, closing = "[", "]"
		for _, s := range v {
			inner = append(inner, member{value: s})
		}
	}
	w.out.WriteString(opening + "\n")
	w.members(inner, indent+w.unit, "")
	w.out.WriteString(indent + closing)
}

// inline writes a member without line breaks, and so without comments.
func (w *jsonWriter) inline(m member) {
	w.key(m)
	switch v := m.value.(type) {
	case string:
		w.out.WriteString(quoteJSON(v))
	case object:
		w.out.WriteString("{")
		for i, inner := range v {
			if i > 0 {
				w.out.WriteString(", ")
			}
			w.inline(inner)
		}
		w.out.WriteString("}")
	case list:
		w.out.WriteString("[")
		for i, s := range v {
			if i > 0 {
				w.out.WriteString(", ")
			}
			w.out.WriteString(quoteJSON(s))
		}
		w.out.WriteString("]")
	}
}

func quoteJSON(s string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil || !utf8.ValidString(s) {
		return `""`
	}
	return strings.TrimSuffix(out.String(), "\n")
}
