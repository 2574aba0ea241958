// Package text holds positions in a file's text: byte spans, the line index
// that turns them into what people and editors count, and edits.
//
// Everything inside the program counts bytes. Only this package converts.
package text

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// Span is a half-open range of byte offsets in a file's content.
type Span struct {
	Start, End int
}

// At returns the empty span at an offset.
func At(offset int) Span { return Span{offset, offset} }

// Len returns the number of bytes in s.
func (s Span) Len() int { return s.End - s.Start }

// Empty reports whether s holds no byte.
func (s Span) Empty() bool { return s.End <= s.Start }

// Contains reports whether offset lies in s or at its end.
func (s Span) Contains(offset int) bool { return s.Start <= offset && offset <= s.End }

// Overlaps reports whether s and t share a byte, or touch where one is empty.
func (s Span) Overlaps(t Span) bool {
	if s.Empty() || t.Empty() {
		return s.Start <= t.End && t.Start <= s.End
	}
	return s.Start < t.End && t.Start < s.End
}

// Shift returns s moved by n bytes.
func (s Span) Shift(n int) Span { return Span{s.Start + n, s.End + n} }

// Of returns the bytes of content that s covers, clipped to what is there.
func (s Span) Of(content []byte) []byte {
	start := min(max(s.Start, 0), len(content))
	return content[start:min(max(s.End, start), len(content))]
}

// Position is a place as compilers print it: line and byte column, from 1.
type Position struct {
	Line, Column int
}

// String formats p as line:column.
func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// Encoding is what a character of an LSP position is (LSP 3.17,
// PositionEncodingKind).
type Encoding int

// The encodings of LSP. UTF16 is the protocol's default.
const (
	UTF16 Encoding = iota
	UTF8
	UTF32
)

// Lines is the line index of one content. A line ends after LF, CRLF or a lone
// CR, as in LSP. The zero value is the index of an empty text. It may be used by
// several goroutines.
type Lines struct {
	content []byte
	growing sync.Mutex
	found   atomic.Pointer[lineIndex]
}

// lineIndex says where the lines of the beginning of a content begin.
type lineIndex struct {
	starts []int // starts[0] == 0
	end    int   // how much of the content was looked through
}

// leastIndexed is how many bytes are looked through at once, if there are so many.
const leastIndexed = 16 << 10

// NewLines returns the index of content, which must not change. It is made as far
// as it is asked for: what is shown of a long file stands together, mostly.
func NewLines(content []byte) *Lines { return &Lines{content: content} }

// Edited returns the index of a content that an edit made of that of l, and what
// both have in common. What was found out about the lines before and behind the
// edit is taken over.
func (l *Lines) Edited(content []byte, common Common) *Lines {
	edited := NewLines(content)
	if x := l.found.Load(); x != nil {
		edited.found.Store(x.edited(content, common.Head, len(l.content)-common.Tail, len(content)-common.Tail))
	}
	return edited
}

// Content returns what l is the index of.
func (l *Lines) Content() []byte { return l.content }

// edited returns the index of a content in which what stood from start to before
// stands from start to after. Whether a line begins at an offset follows from the
// bytes on both sides of it.
func (x *lineIndex) edited(content []byte, start, before, after int) *lineIndex {
	if x.end < before {
		end := min(x.end, max(start-1, 0))
		kept := sort.SearchInts(x.starts, end+1)
		return &lineIndex{x.starts[:kept:kept], end}
	}
	head := max(sort.SearchInts(x.starts, start), 1) // the first line begins at 0 whatever stands there
	starts := append(make([]int, 0, len(x.starts)+1), x.starts[:head]...)
	for i := max(start-1, 0); i < after; i++ {
		if endsLine(content, i) {
			starts = append(starts, i+1)
		}
	}
	for _, start := range x.starts[sort.SearchInts(x.starts, before+1):] {
		starts = append(starts, start+after-before)
	}
	return &lineIndex{starts, x.end + after - before}
}

// endsLine reports whether a line ends with the byte at an offset.
func endsLine(content []byte, at int) bool {
	c := content[at]
	return c == '\n' || c == '\r' && (at+1 == len(content) || content[at+1] != '\n')
}

// until returns where lines begin, as far as reaches has enough of it.
func (l *Lines) until(reaches func(*lineIndex) bool) []int {
	if x := l.found.Load(); x != nil && (x.end == len(l.content) || reaches(x)) {
		return x.starts
	}
	l.growing.Lock()
	defer l.growing.Unlock()
	x := l.found.Load()
	if x == nil {
		x = &lineIndex{starts: []int{0}}
	}
	for x.end < len(l.content) && !reaches(x) {
		x = x.grown(l.content)
	}
	l.found.Store(x)
	return x.starts
}

// index returns where all lines begin.
func (l *Lines) index() []int { return l.until(func(*lineIndex) bool { return false }) }

// grown returns the index of a content that reaches about twice as far. The old
// one stays as it is, and shares its starts.
func (x *lineIndex) grown(content []byte) *lineIndex {
	end := min(max(2*x.end, leastIndexed), len(content))
	part := content[x.end:end]
	starts := slices.Grow(x.starts, bytes.Count(part, []byte{'\n'}))
	if bytes.IndexByte(part, '\r') < 0 { // nearly always
		for at := x.end; ; {
			next := bytes.IndexByte(content[at:end], '\n')
			if next < 0 {
				return &lineIndex{starts, end}
			}
			at += next + 1
			starts = append(starts, at)
		}
	}
	for i := x.end; i < end; i++ {
		if endsLine(content, i) {
			starts = append(starts, i+1)
		}
	}
	return &lineIndex{starts, end}
}

// Count returns the number of lines; an empty text has one.
func (l *Lines) Count() int { return len(l.index()) }

// LineOf returns the line, from 0, that holds offset.
func (l *Lines) LineOf(offset int) int {
	starts := l.until(func(x *lineIndex) bool { return x.end >= offset })
	return max(sort.SearchInts(starts, offset+1)-1, 0)
}

// upTo returns where lines begin, the n-th and the one after it included, if
// they are there.
func (l *Lines) upTo(n int) []int {
	return l.until(func(x *lineIndex) bool { return n+1 < len(x.starts) })
}

// Line returns the span of line n, from 0, without its terminator. A line that
// does not exist gives an empty span at the nearest end of the text.
func (l *Lines) Line(n int) Span {
	starts := l.upTo(n)
	if n < 0 {
		return Span{}
	}
	if n >= len(starts) {
		return At(len(l.content))
	}
	start, end := starts[n], len(l.content)
	if n+1 < len(starts) {
		end = starts[n+1]
	}
	for end > start && (l.content[end-1] == '\n' || l.content[end-1] == '\r') {
		end--
	}
	return Span{start, end}
}

// LineWithEnd returns the span of line n, from 0, with its terminator.
func (l *Lines) LineWithEnd(n int) Span {
	span := l.Line(n)
	if starts := l.upTo(n); n >= 0 && n+1 < len(starts) {
		span.End = starts[n+1]
	} else {
		span.End = len(l.content)
	}
	return span
}

// Position returns the line and byte column, both from 1, of an offset.
func (l *Lines) Position(offset int) Position {
	offset = min(max(offset, 0), len(l.content))
	n := l.LineOf(offset)
	return Position{n + 1, offset - l.start(n) + 1}
}

// Offset returns the byte offset of p, clipped to the line.
func (l *Lines) Offset(p Position) int {
	line := l.Line(p.Line - 1)
	return min(line.Start+max(p.Column-1, 0), line.End)
}

// Encoded returns the line and the character, both from 0, of an offset in the
// encoding that a client asked for.
func (l *Lines) Encoded(offset int, enc Encoding) (line, character uint32) {
	offset = min(max(offset, 0), len(l.content))
	n := l.LineOf(offset)
	return uint32(n), uint32(units(l.content[l.start(n):offset], enc))
}

// Decoded is the inverse of Encoded. A character beyond the line's end is the
// line's end, as LSP says; a line beyond the text is the text's end.
func (l *Lines) Decoded(line, character uint32, enc Encoding) int {
	if int64(line) >= int64(len(l.upTo(int(line)))) {
		return len(l.content)
	}
	span := l.Line(int(line))
	rest := l.content[span.Start:span.End]
	for at, left := span.Start, int64(character); ; {
		if left <= 0 || len(rest) == 0 {
			return at
		}
		r, size := utf8.DecodeRune(rest)
		left -= int64(width(r, size, enc))
		if left < 0 { // inside a character: its beginning
			return at
		}
		at, rest = at+size, rest[size:]
	}
}

func (l *Lines) start(n int) int {
	return l.until(func(x *lineIndex) bool { return n < len(x.starts) })[n]
}

func units(b []byte, enc Encoding) int {
	if enc == UTF8 {
		return len(b)
	}
	total := 0
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			total, b = total+1, b[1:]
			continue
		}
		r, size := utf8.DecodeRune(b)
		total, b = total+width(r, size, enc), b[size:]
	}
	return total
}

func width(r rune, size int, enc Encoding) int {
	switch {
	case enc == UTF8:
		return size
	case enc == UTF16 && r > 0xFFFF:
		return 2
	}
	return 1
}
