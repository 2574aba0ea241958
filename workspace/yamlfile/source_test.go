package yamlfile

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// piece is a part of a scalar: how it is written, what it decodes to, and for
// every decoded byte its place within what is written.
type piece struct {
	source, text string
	at           []int
}

// straight is a piece that stands for itself.
func straight(s string) piece {
	p := piece{source: s, text: s}
	for i := range len(s) {
		p.at = append(p.at, i)
	}
	return p
}

// escapeOf is a piece whose bytes all come from its start.
func escapeOf(source, text string) piece {
	return piece{source, text, make([]int, len(text))}
}

// fold is one line break that reads as a blank, or several that read as one less.
func fold(t *rapid.T, ending, indent string) piece {
	count := rapid.IntRange(1, 3).Draw(t, "breaks")
	blank := rapid.SampledFrom([]string{"", " ", "  "}).Draw(t, "trailing")
	p := piece{source: blank}
	for i := range count {
		if i > 0 || count == 1 {
			p.at = append(p.at, len(p.source))
		}
		p.source += ending
		if i < count-1 {
			p.source += rapid.SampledFrom([]string{"", " "}).Draw(t, "blank line")
		}
	}
	p.source += indent
	p.text = strings.Repeat("\n", count-1)
	if count == 1 {
		p.text = " "
	}
	return p
}

func word(t *rapid.T) piece {
	return straight(rapid.SampledFrom([]string{
		"a", "env_var", "é", "日本", "\U0001F600", "x:y", "a#b", "1", "{{", "}}", "it", "p%q", "-", "?z", "=", "\u00a0",
	}).Draw(t, "word"))
}

// quotedPieces draws a text in quotes; the special ones are one style's own.
func quotedPieces(t *rapid.T, ending, indent string, special []piece) []piece {
	pieces := []piece{word(t)}
	for range rapid.IntRange(0, 6).Draw(t, "pieces") {
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			pieces = append(pieces, straight(rapid.SampledFrom([]string{" ", "  ", "\t"}).Draw(t, "white")), word(t))
		case 1:
			pieces = append(pieces, fold(t, ending, indent), word(t))
		case 2:
			if len(special) > 0 {
				pieces = append(pieces, rapid.SampledFrom(special).Draw(t, "special"))
			}
		default:
			pieces = append(pieces, word(t))
		}
	}
	return pieces
}

func wrap(open string, pieces []piece, closing string) []piece {
	return append(append([]piece{{source: open}}, pieces...), piece{source: closing})
}

// blockPieces draws a block scalar: header, lines, chomping.
func blockPieces(t *rapid.T, ending, indent string, folded bool) []piece {
	chomp := rapid.SampledFrom([]string{"", "-", "+"}).Draw(t, "chomp")
	indicator := rapid.SampledFrom([]string{"", "2"}).Draw(t, "indicator")
	header := map[bool]string{true: ">", false: "|"}[folded]
	pieces := []piece{{source: header + indicator + chomp + rapid.SampledFrom([]string{"", " ", " # c"}).Draw(t, "comment") + ending}}
	n := rapid.IntRange(1, 5).Draw(t, "lines")
	for i := range n {
		line := word(t)
		pieces = append(pieces, piece{source: indent}, line)
		switch {
		case i == n-1:
		case folded:
			// Lines are words, never blank and never indented more, so they fold.
			pieces = append(pieces, fold2(t, ending))
		default:
			for range rapid.IntRange(1, 3).Draw(t, "breaks") {
				pieces = append(pieces, escapeOf(ending, "\n"))
			}
		}
	}
	trailing := rapid.IntRange(0, 2).Draw(t, "trailing")
	for i := range trailing + 1 {
		p := piece{source: ending}
		if chomp == "+" || chomp == "" && i == 0 {
			p = escapeOf(ending, "\n")
		}
		pieces = append(pieces, p)
	}
	return pieces
}

// fold2 is fold for block scalars, where blanks at the end of a line stay.
func fold2(t *rapid.T, ending string) piece {
	count := rapid.IntRange(1, 3).Draw(t, "breaks")
	p := piece{text: " ", at: []int{0}, source: strings.Repeat(ending, count)}
	if count > 1 {
		p.text, p.at = strings.Repeat("\n", count-1), nil
		for i := 1; i < count; i++ {
			p.at = append(p.at, i*len(ending))
		}
	}
	return p
}

func scalarPieces(t *rapid.T, s Style, ending, indent string) []piece {
	switch s {
	case Single:
		return wrap("'", quotedPieces(t, ending, indent, []piece{escapeOf("''", "'"), straight(`"`), straight(`\`)}), "'")
	case Double:
		return wrap(`"`, quotedPieces(t, ending, indent, []piece{
			escapeOf(`\n`, "\n"), escapeOf(`\"`, `"`), escapeOf(`\\`, `\`), escapeOf(`\u00e9`, "é"), escapeOf(`\x41`, "A"),
			escapeOf(`\U0001F600`, "\U0001F600"), escapeOf(`\L`, "\u2028"), straight("'"), {"\\" + ending + indent + "x", "x", []int{1 + len(ending) + len(indent)}},
		}), `"`)
	case Literal, Folded:
		return blockPieces(t, ending, indent, s == Folded)
	}
	pieces := []piece{straight(rapid.SampledFrom([]string{"a", "é", "-x", "_", "日"}).Draw(t, "first"))}
	for range rapid.IntRange(0, 5).Draw(t, "pieces") {
		next := straight(rapid.SampledFrom([]string{"b", "é", "x:y", "a#b", "'", "\"", "\\n", "日本"}).Draw(t, "word"))
		if rapid.Bool().Draw(t, "fold") {
			pieces = append(pieces, fold(t, ending, indent), next)
		} else {
			pieces = append(pieces, straight(rapid.SampledFrom([]string{"", " ", "  ", "\t"}).Draw(t, "white")), next)
		}
	}
	// A plain scalar has no white space but between words, as fold and the
	// above draw it; "#" must not follow a blank, which they keep.
	return pieces
}

// surroundings are texts around a scalar, with the indentation of its further
// lines and the path to it.
func surroundings(s Style) [][3]string {
	block := [][3]string{
		{"k: ", "\nz: 1\n", "  "}, {"k:\n  j: ", "\n  z: 1\n", "    "}, {"- ", "\n- z\n", "  "}, {"k:\n- - ", "\n- z\n", "    "},
		{"k: &a ", "\nz: *a\n", "  "}, {"k: !!str ", "\nz: 1\n", "  "}, {"\ufeffé: ", "\nz: 1\n", "  "}, {"? a\n: ", "\n? z\n", "  "},
	}
	if s == Literal || s == Folded {
		return block
	}
	return append(block, [][3]string{
		{"k: [", "]\n", "  "}, {"k: [z, ", ", z]\n", " "}, {"k: {j: ", "}\n", "  "}, {"k: {z: 1, j: ", ", x: 1}\n", "   "}, {"[[", "]]\n", " "},
	}...)
}

func TestSourceIsExact(t *testing.T) {
	for _, s := range []Style{Plain, Single, Double, Literal, Folded} {
		t.Run(fmt.Sprint(s), rapid.MakeCheck(func(t *rapid.T) {
			around := rapid.SampledFrom(surroundings(s)).Draw(t, "around")
			ending := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "ending")
			indent := around[2]
			if s != Literal && s != Folded && rapid.Bool().Draw(t, "more") {
				indent += " "
			}
			pieces := scalarPieces(t, s, ending, indent)
			before := strings.ReplaceAll(around[0], "\n", ending)
			after := strings.ReplaceAll(around[1], "\n", ending)
			if s == Literal || s == Folded {
				after = strings.TrimPrefix(after, ending)
			}
			checkPieces(t, before, pieces, after, s)
		}))
	}
}

func checkPieces(t *rapid.T, before string, pieces []piece, after string, s Style) {
	content, value := before, ""
	var want []int
	for _, p := range pieces {
		for _, at := range p.at {
			want = append(want, len(content)+at)
		}
		content += p.source
		value += p.text
	}
	content += after
	f := Parse([]byte(content))
	if f.Broken() {
		t.Fatalf("%q: %v", content, f.Problems)
	}
	var found *Node
	f.Walk(func(_ []string, n *Node) bool {
		if n.Span.Start >= len(before) && found == nil {
			found = n
		}
		return true
	})
	if found == nil || found.Value != value || found.Style != s {
		t.Fatalf("%q: want %q, got %s", content, value, outline(f.Root))
	}
	if found.Span.Start != len(before) {
		t.Fatalf("%q: starts at %d, not %d", content, found.Span.Start, len(before))
	}
	m := found.SourceMap()
	for i, at := range want {
		if got := m.At(i); got != at || found.Source(i) != at {
			t.Fatalf("%q: byte %d of %q stands at %d, not %d", content, i, value, got, at)
		}
	}
}

// checkSource holds every decoded byte of a file against the byte of the file
// that it is said to come from.
func checkSource(t *testing.T, f *File) {
	t.Helper()
	f.Walk(func(_ []string, n *Node) bool {
		m, last := n.SourceMap(), n.Span.Start
		for i := range len(n.Value) {
			at := m.At(i)
			if at < last || at >= len(f.Content) {
				t.Fatalf("%q: byte %d of %q: %d after %d", f.Content, i, n.Value, at, last)
			}
			last = at
			if !comesFrom(n, i, f.Content[at:]) {
				t.Fatalf("%q: byte %d of %q does not stand at %d", f.Content, i, n.Value, at)
			}
		}
		if end := m.At(len(n.Value)); end < last || end > len(f.Content) {
			t.Fatalf("%q: %q ends at %d after %d", f.Content, n.Value, end, last)
		}
		return true
	})
}

func comesFrom(n *Node, i int, source []byte) bool {
	c, s := n.Value[i], source[0]
	isBreak := s == '\n' || s == '\r' || s == 0xC2 || s == 0xE2
	switch {
	case n.Style == Double && s == '\\':
		return true
	case c == ' ' && isBreak, c == '\n' && isBreak:
		return true
	case c == '\'' && n.Style == Single:
		return s == '\'' && source[1] == '\''
	}
	return c == s
}
