package setup

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jsonc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

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

// addMembers returns the insertions that put members at the end of an array or
// object. A file without comments stays without: whoever reads it may know no others.
// What is on one line stays on one line, but for an empty one.
func addMembers(d *jsonc.Document, into *jsonc.Value, members []member) []text.Edit {
	if len(members) == 0 {
		return nil
	}
	unit, comments := indentOf(d), d.Comments > 0
	start, end := into.Span.Start, into.Span.End
	base := indentAt(d.Text, start)
	switch {
	case len(into.Items) == 0 && into.Last == start+1: // nothing in it at all
		var out strings.Builder
		w := jsonWriter{out: &out, unit: unit, comments: comments}
		w.members(members, base+unit, "")
		if strings.Contains(d.Text[into.Last:end], "\n") {
			return []text.Edit{{Span: text.At(into.Last), New: "\n" + strings.TrimSuffix(out.String(), "\n")}}
		}
		return []text.Edit{{Span: text.At(into.Last), New: "\n" + out.String() + base}}
	case !strings.Contains(d.Text[into.Last:end], "\n"): // on one line, or its end is
		var out strings.Builder
		w := jsonWriter{out: &out, unit: unit}
		for i, m := range members {
			if i > 0 || len(into.Items) > 0 && into.Comma == 0 {
				out.WriteString(",")
			}
			if i > 0 || len(into.Items) > 0 {
				out.WriteString(" ")
			}
			w.inline(m)
		}
		at := into.Last
		if n := len(into.Items); n > 0 {
			at = max(into.Items[n-1].Span.End, into.Comma)
		}
		return []text.Edit{{Span: text.At(at), New: out.String()}}
	}
	indent := base + unit
	for i, item := range into.Items {
		at := item.Span.Start
		if into.Kind == jsonc.Object {
			at = into.Heads[i]
		}
		if first := lineStart(d.Text, at); strings.TrimSpace(d.Text[first:at]) == "" {
			indent = d.Text[first:at]
			break
		}
	}
	var edits []text.Edit
	closing := ""
	if n := len(into.Items); n > 0 && into.Comma == 0 {
		edits = append(edits, text.Edit{Span: text.At(into.Items[n-1].Span.End), New: ","})
	} else if n > 0 {
		closing = "," // as they are used to
	}
	var out strings.Builder
	w := jsonWriter{out: &out, unit: unit, comments: comments}
	w.members(members, indent, closing)
	lines := "\n" + strings.TrimSuffix(out.String(), "\n")
	if n := len(into.Items); n > 0 && comments && strings.Contains(d.Text[max(into.Items[n-1].Span.End, into.Comma):into.Last], "\n") {
		lines = "\n" + lines // not as if the comments above were about it
	}
	if len(edits) == 1 && edits[0].Start == into.Last { // two insertions at one place are one
		edits[0].New += lines
		return edits
	}
	return append(edits, text.Edit{Span: text.At(into.Last), New: lines})
}

// lineStart is where the line of an offset begins.
func lineStart(s string, at int) int { return strings.LastIndexByte(s[:at], '\n') + 1 }

// indentAt returns the white space at the start of the line of an offset.
func indentAt(s string, at int) string {
	line := strings.TrimPrefix(s[lineStart(s, at):], "\ufeff")
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// indentOf returns by how much a document is indented: by as much as its first
// member is.
func indentOf(d *jsonc.Document) string {
	if d.Root.Kind == jsonc.Object && len(d.Root.Heads) > 0 {
		at := d.Root.Heads[0]
		own := d.Text[lineStart(d.Text, at):at]
		base := indentAt(d.Text, d.Root.Span.Start)
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
