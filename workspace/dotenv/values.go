package dotenv

import (
	"iter"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Values is what the engine would set, in the order of the file, up to the stop:
// the first line of a name wins, the process environment is never overwritten,
// references see the process environment and the earlier lines.
type Values struct {
	file     *File
	env      Lookup
	n        int
	fatal    int           // the value that dbt dies of, -1 without one
	computed []secret.Text // by entry, of those that are put together; nil where none is
}

// Values evaluates a file. A nil env is an empty environment.
func (f *File) Values(env Lookup) *Values {
	v := &Values{file: f, env: env, fatal: -1}
	out := &evaluation{lookup: v.lookup}
	for _, i := range f.odd {
		if v.n = i; i >= f.loaded {
			break
		}
		if e := &f.Entries[i]; e.form == computed {
			if v.computed == nil {
				v.computed = make([]secret.Text, f.loaded)
			}
			v.computed[i] = secret.New(f.evaluate(e, out))
		}
	}
	v.n = f.loaded
	if strings.IndexByte(f.text, 0) >= 0 {
		v.findFatal()
	}
	return v
}

// findFatal ends the values at the first that has a NUL byte and counts.
func (v *Values) findFatal() {
	for i, value := range v.All() {
		if value.Effective() && strings.IndexByte(value.Text.Reveal(), 0) >= 0 {
			v.fatal, v.n = i, i+1
			return
		}
	}
}

// lookup gives a reference its value: that of a line that is evaluated already.
func (v *Values) lookup(name string) string {
	if v.env != nil && name != "" {
		if value, ok := v.env(name); ok {
			return value.Reveal()
		}
	}
	if i, ok := v.file.First(name); ok && i < v.n {
		return v.text(i).Reveal()
	}
	return ""
}

func (v *Values) text(i int) secret.Text {
	e := &v.file.Entries[i]
	if e.form == computed {
		return v.computed[i]
	}
	return secret.New(v.file.plain(e))
}

// Len returns how many entries give a value: the first ones of the file.
func (v *Values) Len() int { return v.n }

// At returns the value of the i-th entry.
func (v *Values) At(i int) Value {
	e := &v.file.Entries[i]
	value := Value{Entry: e, Name: v.file.Name(e), Text: v.text(i), Duplicate: v.file.FirstOf(i) < i, Fatal: i == v.fatal}
	if v.env != nil {
		_, value.Shadowed = v.env(value.Name)
	}
	return value
}

// Empty reports whether the i-th entry gives the empty text.
func (v *Values) Empty(i int) bool {
	switch e := &v.file.Entries[i]; e.form {
	case computed:
		return v.computed[i].Empty()
	case enclosed:
		return e.valueEnd-e.value == int32(len(`""`))
	default:
		return e.valueEnd == e.value
	}
}

// All gives the values in their order.
func (v *Values) All() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		for i := range v.n {
			if !yield(i, v.At(i)) {
				return
			}
		}
	}
}

// Keeps reports whether dbt gives every variable of the file the same value after edits.
// More variables may have one.
func (f *File) Keeps(edits []text.Edit) bool {
	content, err := text.Apply(f.Content, edits)
	if err != nil {
		return false
	}
	after := Parse(content)
	values := after.Values(nil)
	for _, was := range f.Values(nil).All() {
		if !was.Effective() {
			continue
		}
		i, ok := after.First(was.Name)
		if !ok || i >= values.Len() || values.text(i) != was.Text {
			return false
		}
	}
	return true
}

// Written returns the value of an entry as it is written, with its quotes.
func (f *File) Written(e *Entry) string { return f.text[e.Value().Start:e.Value().End] }

// plain returns the value of an entry that has no reference and no escape.
func (f *File) plain(e *Entry) string {
	if e.form == enclosed {
		return f.text[e.Value().Start+1 : e.Value().End-1]
	}
	return f.text[e.Value().Start:e.Value().End]
}

// evaluate returns the value of an entry that has a reference or an escape.
func (f *File) evaluate(e *Entry, out *evaluation) string {
	start := out.Len()
	a := assignment{value: e.Value().Start}
	a.scanValue(f.text, e.Value().End, out)
	return out.String()[start:]
}

// evaluation puts values together, one behind the other in one text.
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
	a := assignment{value: e.Value().Start}
	a.scanValue(f.text, e.Value().End, out)
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
	for _, i := range f.odd {
		e := &f.Entries[i]
		if e.Lost {
			break
		}
		if lineEnd(f.text, e.Line().Start) < e.Line().End {
			found = append(found, f.swallowedBy(e)...)
		}
	}
	return found
}

func (f *File) swallowedBy(e *Entry) []Swallow {
	var found []Swallow
	s := f.text[:e.Line().End]
	for i := e.Key().End; i < len(s); i++ {
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
					InComment: !e.Comment().Empty() && i >= e.Comment().Start,
					Whole:     e.form == enclosed && i == e.Value().Start,
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
		if e, ok := guess(s, i, lineEnd(s, i), false); ok && isKeyStart(s[e.key]) {
			found = append(found, e)
		}
	}
	return found
}
