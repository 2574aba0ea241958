package yamlfile

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Update reads a content that an edit made of that of another file. The result
// is that of Parse. Of a file that is one mapping, the entries that the edit does
// not reach are taken over, so that a key in a long file costs little more than
// its entry.
func Update(before *File, content []byte) *File {
	base := before.base
	switch {
	case base == nil || len(content) > MaxSize:
		return Parse(content)
	case bytes.Equal(base.Content, content): // the edit is undone
		return base
	}
	if f := update(base, content); f != nil {
		return f
	}
	f := Parse(content)
	if len(f.Problems) > 0 {
		f.base = base
	}
	return f
}

// becomeBase makes a file one whose parts can be taken over: they mean the same
// wherever they stand, and nothing is wrong with them.
func (f *File) becomeBase(p parsed) {
	if len(f.Problems) == 0 && p.root != nil && p.root.Kind == Mapping && p.root.Style == Block &&
		beginsLine(f.src, p.root.Span.Start) && movable(p) {
		f.base = f
	}
}

// movable reports whether what was parsed refers to nothing outside of it, and
// was read as it would be elsewhere.
func movable(p parsed) bool { return !p.linked && p.tags == nil && len(p.jinja) == 0 }

func beginsLine(src string, at int) bool { return at == 0 || src[at-1] == '\n' }

// An edit is what makes the text of one file that of another.
type edit struct {
	base  *File
	src   string
	same  int // length of what both begin with, in bytes
	tail  int // length of what both end with
	delta int // how far the tail has moved
}

// update returns nil where only Parse can tell.
func update(base *File, content []byte) *File {
	start, end := extent(content)
	e := edit{base: base, src: asText(content[:end]), delta: end - len(base.src)}
	common := text.Shared(base.Content[:len(base.src)], content[:end])
	e.same, e.tail = common.Head, common.Tail
	if e.hasBadCharacter(start) {
		return nil
	}
	p := newParser(e.src, start)
	moved := 0 // pairs at the end that were taken over
	p.rest = func(root *Node, at int) bool {
		rest := e.rest(at)
		p.take(root, rest, e.delta)
		moved = len(rest)
		return moved > 0
	}
	var root *Node
	kept := e.kept()
	if kept > 0 {
		root = p.resume(base.Root, kept)
	} else {
		root = p.document()
	}
	if !movable(parsed{parser: p}) {
		return nil
	}
	f := &File{Content: content, Lines: text.NewLines(content), src: e.src, base: base}
	result := newParsed(p, root)
	if p.err != nil {
		f.broken, f.Partial = true, result.root
		f.Problems = []Problem{f.describe(e.src, p.err)}
		return f
	}
	f.Root = result.root
	if f.Root == nil || f.Root.Kind != Mapping || f.Root.Style != Block {
		return nil
	}
	c := checker{file: f, src: f.src, merges: true}
	c.duplicates(f.Root)
	c.pairs(f.Root.Pairs[kept : len(f.Root.Pairs)-moved])
	f.sortProblems()
	f.becomeBase(result)
	return f
}

// hasBadCharacter looks where the edit is; the rest was fine before.
func (e *edit) hasBadCharacter(start int) bool {
	from := max(start, strings.LastIndexByte(e.src[:e.same], '\n')+1)
	to := len(e.src) - e.tail
	if end := strings.IndexByte(e.src[to:], '\n'); end >= 0 {
		to += end
	} else {
		to = len(e.src)
	}
	_, message := badCharacter(e.src[:to], from)
	return message != ""
}

// kept returns how many pairs of the outermost mapping stand before the edit. The
// parser looks ahead to the colon of the key that follows them: its line has to
// be as it was.
func (e *edit) kept() int {
	pairs := e.base.Root.Pairs
	next, _ := slices.BinarySearchFunc(pairs, e.same, func(p Pair, at int) int { return cmp.Compare(p.Key.Span.Start, at) })
	for next--; next > 0; next-- {
		at := pairs[next].Key.Span.Start
		if beginsLine(e.base.src, at) && strings.IndexByte(e.src[at:e.same], '\n') >= 0 {
			return next
		}
	}
	return 0
}

// rest returns the pairs from a place behind the edit on, none if none began
// there. That a key of the outermost mapping begins the line is all that the
// parser knows then and there.
func (e *edit) rest(at int) []Pair {
	pairs, was := e.base.Root.Pairs, at-e.delta
	if was < len(e.base.src)-e.tail {
		return nil
	}
	i, found := slices.BinarySearchFunc(pairs, was, func(p Pair, at int) int { return cmp.Compare(p.Key.Span.Start, at) })
	if !found || !beginsLine(e.src, at) || !beginsLine(e.base.src, was) {
		return nil
	}
	return pairs[i:]
}

// resume parses on behind the pairs that are kept of a mapping, as the parser
// does when it meets the next key.
func (p *parser) resume(old *Node, kept int) *Node {
	next := old.Pairs[kept].Key.Span.Start
	p.pos, p.line, p.indent, p.indents = next, next, 0, []int{-1}
	root := p.node(Mapping, Block, old.Span.Start, old.Span.Start)
	root.Pairs = make([]Pair, 0, len(old.Pairs)+1)
	p.addMoved(root, old.Pairs[:kept], 0)
	p.nested(root, func(p *parser, root *Node) { p.blockPairs(root, root.Span.Start) })
	p.endOfDocument()
	return root
}

// take adds the pairs that make up the rest of the text to a mapping.
func (p *parser) take(root *Node, rest []Pair, delta int) {
	if len(rest) == 0 {
		return
	}
	p.addMoved(root, rest, delta)
	p.tokens, p.head, p.keys[0] = p.tokens[:0], 0, simpleKey{}
	p.pos, p.line = len(p.src), len(p.src)
}

func (p *parser) addMoved(root *Node, pairs []Pair, delta int) {
	for _, pair := range pairs {
		root.pair(Pair{p.moved(pair.Key, delta), p.moved(pair.Value, delta)})
	}
}

// moved copies a node to where it stands now. Its text is cut from the new
// content: the old one would be kept in memory.
func (p *parser) moved(old *Node, delta int) *Node {
	n := p.allocate()
	*n = *old
	n.Span, n.source = old.Span.Shift(delta), p.source
	if n.body >= 0 {
		n.body += int32(delta)
		n.Value = p.src[n.body:][:len(n.Value)]
	}
	if len(old.Pairs) > 0 {
		n.Pairs, p.pairs = cut(p.pairs, len(old.Pairs))
		for i, pair := range old.Pairs {
			n.Pairs[i] = Pair{p.moved(pair.Key, delta), p.moved(pair.Value, delta)}
		}
	}
	if len(old.Items) > 0 {
		n.Items, p.items = cut(p.items, len(old.Items))
		for i, item := range old.Items {
			n.Items[i] = p.moved(item, delta)
		}
	}
	return n
}

// cut takes n elements from what is left of a block of them, or of a new one. To
// allocate them for each of the many small collections of a file takes longer than
// to copy what is in them.
func cut[T any](left []T, n int) (some, rest []T) {
	const block = 128
	if n > len(left) {
		left = make([]T, max(n, block))
	}
	return left[:n:n], left[n:]
}
