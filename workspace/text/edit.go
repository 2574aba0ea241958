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
