package text

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// Edit replaces the bytes of a span by other text.
type Edit struct {
	Span
	New string
}

// Apply returns content with all edits made at once: every span counts in the
// content as given. Insertions at one place keep their order. Edits that
// overlap, or that lie outside the content, are an error and change nothing.
func Apply(content []byte, edits []Edit) ([]byte, error) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	var out bytes.Buffer
	at := 0
	for _, e := range sorted {
		if e.Start < at || e.End < e.Start || e.End > len(content) {
			return nil, fmt.Errorf("edit of bytes %d to %d overlaps another or leaves the text of %d bytes", e.Start, e.End, len(content))
		}
		out.Write(content[at:e.Start])
		out.WriteString(e.New)
		at = e.End
	}
	out.Write(content[at:])
	return out.Bytes(), nil
}

// LineEnding returns the terminator that most of a text's first lines use: LF,
// or CRLF when the first line ends so.
func LineEnding(content []byte) string {
	if i := bytes.IndexByte(content, '\n'); i > 0 && content[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// Common is what two contents have in common: so many bytes at their beginning
// and, of what is left, at their end.
type Common struct {
	Head, Tail int
}

// Shared returns what two contents have in common.
func Shared(a, b []byte) Common {
	head := commonPrefix(a, b)
	return Common{head, commonSuffix(a[head:], b[head:])}
}

// block is how many bytes are compared at once: the standard library compares
// blocks with the processor's wide registers, but does not say where they differ.
const block = 1024

func commonPrefix(a, b []byte) int {
	n, i := min(len(a), len(b)), 0
	for i+block <= n && bytes.Equal(a[i:i+block], b[i:i+block]) {
		i += block
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

func commonSuffix(a, b []byte) int {
	n, i := min(len(a), len(b)), 0
	for i+block <= n && bytes.Equal(a[len(a)-i-block:len(a)-i], b[len(b)-i-block:len(b)-i]) {
		i += block
	}
	for i < n && a[len(a)-1-i] == b[len(b)-1-i] {
		i++
	}
	return i
}
