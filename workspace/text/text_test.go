package text_test

import (
	"math/rand/v2"
	"slices"
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

// TestEditedLines holds the index that is made of the one before an edit, which
// is known as far as somebody asked, against that of the whole content.
func TestEditedLines(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for seed := range 200 {
		signs := "\r\n\r\nab"
		if seed%2 > 0 {
			signs = "abcdefgh\n" // so that most edits stay within a line
		}
		piece := func(most int) []byte {
			b := make([]byte, random.IntN(most))
			for i := range b {
				b[i] = signs[random.IntN(len(signs))]
			}
			return b
		}
		content := piece(20)
		if seed%20 < 2 {
			content = piece(60_000)
		}
		lines := text.NewLines(content)
		for range 30 {
			lines.LineOf(random.IntN(len(content) + 1))
			start := random.IntN(len(content) + 1)
			end := start + random.IntN(min(len(content)-start, 4)+1)
			edited := slices.Concat(content[:start], piece(4), content[end:])
			common := text.Shared(content, edited)
			common.Head -= random.IntN(min(common.Head, 3) + 1) // as the range of an edit says it
			common.Tail -= random.IntN(min(common.Tail, 3) + 1)
			next := lines.Edited(edited, common)
			if random.IntN(2) == 0 { // another one that goes on from there
				lines.Edited(edited, common).Count()
			}
			lines, content = next, edited
			if at := random.IntN(len(content) + 1); len(content) < 100 && lines.Position(at) != plain(string(content), at) {
				t.Fatalf("%q: offset %d is %s, want %s", content, at, lines.Position(at), plain(string(content), at))
			}
		}
		if got, want := spans(lines), spans(text.NewLines(content)); !slices.Equal(got, want) {
			t.Fatalf("a text of %d bytes: lines %v, want %v", len(content), got, want)
		}
	}
}

func spans(lines *text.Lines) []text.Span {
	all := make([]text.Span, lines.Count())
	for i := range all {
		all[i] = lines.LineWithEnd(i)
	}
	return all
}
