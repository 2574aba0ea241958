package text_test

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// plain finds the line and column of an offset byte by byte.
func plain(content string, offset int) text.Position {
	at := text.Position{Line: 1, Column: 1}
	for i := range offset {
		at.Column++
		if c := content[i]; c == '\n' || c == '\r' && !strings.HasPrefix(content[i+1:], "\n") {
			at.Line, at.Column = at.Line+1, 1
		}
	}
	return at
}

// TestLinesInAnyOrder asks for places all over a file that is long enough to be
// looked through in several pieces, from several goroutines.
func TestLinesInAnyOrder(t *testing.T) {
	for _, end := range []string{"\n", "\r\n", "\r"} {
		random := rand.New(rand.NewPCG(1, uint64(len(end))))
		var b strings.Builder
		for b.Len() < 100_000 {
			b.WriteString(strings.Repeat("x", random.IntN(60)) + end)
		}
		content := b.String() + "the end"
		lines := text.NewLines([]byte(content))
		var all sync.WaitGroup
		for range 4 {
			offsets := []int{random.IntN(1000), random.IntN(len(content)), len(content), 0}
			all.Go(func() {
				for _, offset := range offsets {
					got, want := lines.Position(offset), plain(content, offset)
					if got != want {
						t.Errorf("line end %q: offset %d is %s, want %s", end, offset, got, want)
					}
					if back := lines.Offset(want); back != offset && content[offset:offset+1] != "\n" {
						t.Errorf("line end %q: %s is offset %d, want %d", end, want, back, offset)
					}
				}
			})
		}
		all.Wait()
		if got, want := lines.Count(), plain(content, len(content)).Line; got != want {
			t.Errorf("line end %q: %d lines, want %d", end, got, want)
		}
		if got, want := lines.Line(lines.Count()-1), (text.Span{Start: len(content) - 7, End: len(content)}); got != want {
			t.Errorf("line end %q: the last line is %v, want %v", end, got, want)
		}
	}
}
