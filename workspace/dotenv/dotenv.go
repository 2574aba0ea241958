// Package dotenv reads a .env file as dbt v2 does: which lines it loads, with
// which values, and at which line it silently stops. It keeps every byte and
// every position, so that a file can be edited without touching anything else.
//
// The grammar is that of the crate dotenvy 0.15.7, which dbt v2 links. It has
// two stages that disagree about comments: the first joins physical lines into
// logical ones by counting quotes, the second takes a logical line apart.
package dotenv

import (
	"sync"
	"unsafe"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// File is a parsed .env file. It does not change after Parse and may be used by
// several goroutines.
type File struct {
	Content []byte
	// Entries are the assignments in the order of the file, those that dbt
	// never sees (Lost) included.
	Entries []Entry
	// Commented are assignments behind a comment sign: "# KEY=value".
	Commented []Entry
	// Stop is the place where dbt gives up reading, nil if it reads it all.
	Stop *Stop
	// Encoding is how the bytes are meant; dbt reads UTF-8 only.
	Encoding Encoding
	// CROnly says that lines end in a lone CR, which dbt takes for text.
	CROnly bool

	text   string // Content, for values and names to share
	valid  bool   // it is UTF-8
	loaded int    // how many of Entries stand above the stop
	odd    []int  // which of Entries are odd
	unread []int  // where the lines begin that dbt cannot read; the first is the stop's
	lines  func() *text.Lines
	names  *names

	commentedAs func() map[string][]int
}

// Entry is one assignment. A long file has many: where its parts are is kept as
// offsets in four bytes each, the name included (File.Name), so that all of them
// take less to go through, and the collector of garbage need not look into them.
type Entry struct {
	// Lost says that the entry stands at or below the Stop. Such entries are
	// read leniently: a line that dbt could read is read as dbt would, of any
	// other the name and the rest of its physical line are taken.
	Lost bool

	form form
	odd  bool // not NAME=value on one line that both stages read alike: references, escapes, lines that a quote joins, …

	line, lineEnd       int32
	key, keyEnd         int32
	value, valueEnd     int32
	comment, commentEnd int32 // both 0 if there is none
}

// Line is the logical line with its terminator; several physical lines if a quote
// spans them.
func (e *Entry) Line() text.Span { return span(e.line, e.lineEnd) }

// Key is where the name stands.
func (e *Entry) Key() text.Span { return span(e.key, e.keyEnd) }

// Value is the value as written, with its quotes; empty, where it would stand, if
// there is none.
func (e *Entry) Value() text.Span { return span(e.value, e.valueEnd) }

// Comment goes from the '#' to the end of what dbt ignores; the zero Span is none.
func (e *Entry) Comment() text.Span { return span(e.comment, e.commentEnd) }

func span(start, end int32) text.Span { return text.Span{Start: int(start), End: int(end)} }

func (e *Entry) setLine(s text.Span) { e.line, e.lineEnd = int32(s.Start), int32(s.End) }

func (e *Entry) setKey(start, end int) { e.key, e.keyEnd = int32(start), int32(end) }

func (e *Entry) setValue(s text.Span) { e.value, e.valueEnd = int32(s.Start), int32(s.End) }

func (e *Entry) setComment(s text.Span) { e.comment, e.commentEnd = int32(s.Start), int32(s.End) }

// Encoding is what the bytes of a file are meant to be.
type Encoding int

// The encodings told apart. Everything but UTF8 and UTF8BOM stops dbt.
const (
	UTF8    Encoding = iota
	UTF8BOM          // with a byte order mark, which dbt removes
	UTF16LE          // PowerShell 5's ">"
	UTF16BE
	OtherEncoding // bytes that are not UTF-8: Latin-1, Windows-1252, …
)

// Lookup asks the process environment for a variable.
type Lookup func(name string) (secret.Text, bool)

// Value is what one entry gives.
type Value struct {
	Entry *Entry
	Name  string
	// Text is the value of this line, also when it has no effect.
	Text secret.Text
	// Shadowed says that the process environment has the name, be it empty:
	// dbt never overwrites it.
	Shadowed bool
	// Duplicate says that an earlier line set the name: the first wins.
	Duplicate bool
	// Fatal says that dbt dies here with exit code 101, because the value has a
	// NUL byte. It is the last value then.
	Fatal bool
}

// Effective reports whether the line decides what dbt sees.
func (v Value) Effective() bool { return !v.Shadowed && !v.Duplicate && !v.Fatal }

// Ref is a reference to a variable inside a value: $NAME or ${NAME}.
type Ref struct {
	Span   text.Span // from the '$' to the name's end or the closing brace
	Name   string    // letters and digits only without braces; may be empty, as in "$(cmd)"; "NAME:-x" in "${NAME:-x}"
	Braces bool
}

// Swallow is an assignment whose quote runs over the end of its line.
type Swallow struct {
	Entry     *Entry
	Quote     text.Span // the quote that opens
	InComment bool      // the quote stands in what reads like a trailing comment
	Whole     bool      // the value is one quoted text from its first byte to its last, as people write on purpose
	Lines     []Entry   // the lines inside that look like assignments; never empty
}

// Parse reads content, which must not change afterwards and has less than 2 GiB.
// It never fails and takes linear time.
func Parse(content []byte) *File {
	f := newFile(content)
	f.parse()
	return f
}

func newFile(content []byte) *File {
	f := &File{Content: content, text: unsafe.String(unsafe.SliceData(content), len(content)), names: &names{}}
	f.lines = sync.OnceValue(func() *text.Lines { return text.NewLines(content) })
	f.commentedAs = sync.OnceValue(f.findCommented)
	return f
}

// CommentedAs returns which of Commented have a name.
func (f *File) CommentedAs(name string) []int { return f.commentedAs()[name] }

func (f *File) findCommented() map[string][]int {
	found := make(map[string][]int, len(f.Commented))
	for i := range f.Commented {
		name := f.Name(&f.Commented[i])
		found[name] = append(found[name], i)
	}
	return found
}

// Name returns the name of one of the file's own entries.
func (f *File) Name(e *Entry) string { return f.text[e.key:e.keyEnd] }

// Lines returns the line index of the content, made at the first call.
func (f *File) Lines() *text.Lines { return f.lines() }

// EntryAt returns which of Entries has an offset in its lines.
func (f *File) EntryAt(offset int) (i int, ok bool) {
	i = startAt(f.Entries, offset+1) - 1
	return i, i >= 0 && offset < f.Entries[i].Line().End
}

// Odd returns which of Entries may hold a reference, an escape or a line break:
// the few that are not NAME=value as it stands. The others hold none.
func (f *File) Odd() []int { return f.odd }

// Stopped returns the lost entries: those at and below the stop.
func (f *File) Stopped() []Entry { return f.Entries[f.loaded:] }
