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

	// Those of starts from one on are where the lines began before an edit, which
	// has moved them: to write them anew at every key would cost more than all else.
	moved, by int
}

// count is how many lines are known to begin.
func (x *lineIndex) count() int { return len(x.starts) }

// start returns where a line begins that is known.
func (x *lineIndex) start(n int) int {
	if n >= x.moved {
		return x.starts[n] + x.by
	}
	return x.starts[n]
}

// from returns the first line that begins at an offset or behind it.
func (x *lineIndex) from(offset int) int {
	return sort.Search(len(x.starts), func(n int) bool { return x.start(n) >= offset })
}

// settled returns the index with all lines where they are.
func (x *lineIndex) settled() *lineIndex {
	if x.by == 0 {
		return x
	}
	starts := slices.Clone(x.starts)
	for i := x.moved; i < len(starts); i++ {
		starts[i] += x.by
	}
	return &lineIndex{starts: starts, end: x.end}
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
		x = x.settled()
		end := min(x.end, max(start-1, 0))
		kept := x.from(end + 1)
		return &lineIndex{starts: x.starts[:kept:kept], end: end}
	}
	head, behind := max(x.from(start), 1), x.from(before+1) // the first line begins at 0 whatever stands there
	var within []int
	for i := max(start-1, 0); i < after; i++ {
		if endsLine(content, i) {
			within = append(within, i+1)
		}
	}
	if moved := x.move(head, behind, within, after-before); moved != nil {
		return moved
	}
	x = x.settled()
	starts := append(make([]int, 0, len(x.starts)+1), x.starts[:head]...)
	starts = append(starts, within...)
	for _, start := range x.starts[max(behind, head):] {
		starts = append(starts, start+after-before)
	}
	return &lineIndex{starts: starts, end: x.end + after - before}
}

// move returns the index after an edit within the lines from head to behind, if
// they begin where they did; nil if not, or if other lines are moved already.
func (x *lineIndex) move(head, behind int, within []int, by int) *lineIndex {
	if x.by != 0 && x.moved != behind || len(within) != behind-head {
		return nil
	}
	for i, start := range within {
		if x.start(head+i) != start {
			return nil
		}
	}
	return &lineIndex{starts: slices.Clip(x.starts), end: x.end + by, moved: behind, by: x.by + by}
}

// endsLine reports whether a line ends with the byte at an offset.
func endsLine(content []byte, at int) bool {
	c := content[at]
	return c == '\n' || c == '\r' && (at+1 == len(content) || content[at+1] != '\n')
}

// until returns where lines begin, as far as reaches has enough of it.
func (l *Lines) until(reaches func(*lineIndex) bool) *lineIndex {
	if x := l.found.Load(); x != nil && (x.end == len(l.content) || reaches(x)) {
		return x
	}
	l.growing.Lock()
	defer l.growing.Unlock()
	x := l.found.Load()
	if x == nil {
		x = &lineIndex{starts: []int{0}}
	}
	for x.end < len(l.content) && !reaches(x) {
		x = x.settled().grown(l.content)
	}
	l.found.Store(x)
	return x
}

// index returns where all lines begin.
func (l *Lines) index() *lineIndex { return l.until(func(*lineIndex) bool { return false }) }

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
				return &lineIndex{starts: starts, end: end}
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
	return &lineIndex{starts: starts, end: end}
}

// Count returns the number of lines; an empty text has one.
func (l *Lines) Count() int { return l.index().count() }

// LineOf returns the line, from 0, that holds offset.
func (l *Lines) LineOf(offset int) int {
	x := l.until(func(x *lineIndex) bool { return x.end >= offset })
	return max(x.from(offset+1)-1, 0)
}

// upTo returns where lines begin, the n-th and the one after it included, if
// they are there.
func (l *Lines) upTo(n int) *lineIndex {
	return l.until(func(x *lineIndex) bool { return n+1 < x.count() })
}

// Line returns the span of line n, from 0, without its terminator. A line that
// does not exist gives an empty span at the nearest end of the text.
func (l *Lines) Line(n int) Span {
	x := l.upTo(n)
	if n < 0 {
		return Span{}
	}
	if n >= x.count() {
		return At(len(l.content))
	}
	start, end := x.start(n), len(l.content)
	if n+1 < x.count() {
		end = x.start(n + 1)
	}
	for end > start && (l.content[end-1] == '\n' || l.content[end-1] == '\r') {
		end--
	}
	return Span{start, end}
}

// LineWithEnd returns the span of line n, from 0, with its terminator.
func (l *Lines) LineWithEnd(n int) Span {
	span := l.Line(n)
	if x := l.upTo(n); n >= 0 && n+1 < x.count() {
		span.End = x.start(n + 1)
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
	if int64(line) >= int64(l.upTo(int(line)).count()) {
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
	return l.until(func(x *lineIndex) bool { return n < x.count() }).start(n)
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
