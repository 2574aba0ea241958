package dotenv

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Values returns what the engine would set, in the order of the file, up to the
// stop: the first line of a name wins, the process environment is never
// overwritten, references see the process environment and the earlier lines. A
// nil env is an empty environment.
func (f *File) Values(env Lookup) []Value {
	loaded := f.Entries[:len(f.Entries)-len(f.Stopped())]
	nul := strings.IndexByte(f.text, 0) >= 0
	values := make([]Value, 0, len(loaded))
	lookup := func(name string) string {
		if env != nil && name != "" {
			if value, ok := env(name); ok {
				return value.Reveal()
			}
		}
		if i, ok := f.First(name); ok && i < len(values) {
			return values[i].Text.Reveal()
		}
		return ""
	}
	for i := range loaded {
		e := &loaded[i]
		v := Value{Entry: e, Text: secret.New(f.evaluate(e, lookup))}
		if env != nil {
			_, v.Shadowed = env(e.Name)
		}
		v.Duplicate = f.FirstOf(i) < i
		v.Fatal = nul && v.Effective() && strings.IndexByte(v.Text.Reveal(), 0) >= 0
		if values = append(values, v); v.Fatal {
			break
		}
	}
	return values
}

// evaluate returns the value of an entry that dbt can read.
func (f *File) evaluate(e *Entry, lookup func(string) string) string {
	raw := f.text[e.Value.Start:e.Value.End]
	switch e.form {
	case enclosed:
		return raw[1 : len(raw)-1]
	case computed:
		out := &evaluation{lookup: lookup}
		a := assignment{value: e.Value.Start}
		a.scanValue(f.text, e.Value.End, out)
		return out.String()
	case verbatim, guessedForm:
	}
	return raw
}

// evaluation puts a value together.
type evaluation struct {
	strings.Builder
	lookup func(string) string
}

func (v *evaluation) text(piece string) { v.WriteString(piece) }

func (v *evaluation) ref(_, _ int, name string, _ bool) { v.WriteString(v.lookup(name)) }

// Refs returns the references in an entry's value, in order.
func (f *File) Refs(e *Entry) []Ref {
	if e.form != computed && e.form != guessedForm {
		return nil
	}
	out := &refs{}
	a := assignment{value: e.Value.Start}
	a.scanValue(f.text, e.Value.End, out)
	return out.found
}

// refs collects the references of a value.
type refs struct {
	found []Ref
}

func (*refs) text(string) {}

func (r *refs) ref(start, end int, name string, braces bool) {
	r.found = append(r.found, Ref{Span: text.Span{Start: start, End: end}, Name: name, Braces: braces})
}

// Swallows returns the entries that dbt loads and whose quote hides lines that
// look like assignments, once for each such quote.
func (f *File) Swallows() []Swallow {
	var found []Swallow
	for i := range f.Entries {
		e := &f.Entries[i]
		if e.Lost {
			break
		}
		if lineEnd(f.text, e.Line.Start) < e.Line.End {
			found = append(found, f.swallowedBy(e)...)
		}
	}
	return found
}

func (f *File) swallowedBy(e *Entry) []Swallow {
	var found []Swallow
	s := f.text[:e.Line.End]
	for i := e.Key.End; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"', '\'':
			end := closingQuote(s, i)
			if end < 0 { // in a comment that the first stage cut
				return found
			}
			if lines := lookalikes(s, i, end); len(lines) > 0 {
				found = append(found, Swallow{
					Entry: e, Quote: text.Span{Start: i, End: i + 1}, Lines: lines,
					InComment: !e.Comment.Empty() && i >= e.Comment.Start,
					Whole:     e.form == enclosed && i == e.Value.Start,
				})
			}
			i = end
		}
	}
	return found
}

// lookalikes returns the physical lines that begin between two quotes and look
// like assignments.
func lookalikes(s string, open, end int) []Entry {
	var found []Entry
	for i := lineEnd(s, open); i < end; i = lineEnd(s, i) {
		if e, ok := guess(s, i, lineEnd(s, i), false); ok && isKeyStart(e.Name[0]) {
			found = append(found, e)
		}
	}
	return found
}
