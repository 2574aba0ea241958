package yamlfile

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// NodeKind is what a node is.
type NodeKind uint8

// The kinds of nodes.
const (
	Scalar NodeKind = iota
	Mapping
	Sequence
	Alias
)

// Style is how a scalar or a collection is written.
type Style uint8

// The styles. Plain is also the style of a missing value (`key:`).
const (
	Plain Style = iota
	Single
	Double
	Literal
	Folded
	Block // collections
	Flow  // collections in brackets
)

// Node is one value or key. All methods are safe on a nil node.
type Node struct {
	Kind   NodeKind
	Style  Style
	inFlow bool  // the scalar stands in brackets
	indent int32 // of the block around a scalar
	body   int32 // where Value stands in the source as it is, or -1
	// Span is the node without its tag and anchor: a scalar with its quotes, a
	// block scalar from its `|` or `>` to the end of its last line, a block
	// collection from its first key or dash to the end of its last value.
	Span  text.Span
	Value string // decoded text of a scalar
	Pairs []Pair
	Items []*Node

	source     *source
	properties *properties // nil for nearly all nodes
}

// properties are what stands before a node or, of an alias, what it names.
type properties struct {
	start  int    // of the tag or anchor
	tag    string // resolved: "!x", "tag:yaml.org,2002:int"; "" without one
	anchor string // its name; of an alias, the name it points to
	target *Node  // of an alias; it may hold the alias
}

// tag returns the resolved tag of a node, "" without one.
func (n *Node) tag() string {
	if n.properties == nil {
		return ""
	}
	return n.properties.tag
}

// begin is where a node begins with its tag and anchor.
func (n *Node) begin() int {
	if n.properties != nil {
		return n.properties.start
	}
	return n.Span.Start
}

// Pair is one entry of a mapping.
type Pair struct {
	Key, Value *Node
}

// Resolved follows an alias.
func (n *Node) Resolved() *Node {
	// The target of an alias is never an alias: YAML has no anchors on them.
	if n != nil && n.Kind == Alias {
		return n.properties.target
	}
	return n
}

// Pair returns the pair of a key that stands in the mapping itself or is
// merged into it.
func (n *Node) Pair(key string) (Pair, bool) {
	for p := range n.All() {
		if p.has(key) {
			return p, true
		}
	}
	return Pair{}, false
}

// has reports whether a text is the key of a pair.
func (p Pair) has(key string) bool {
	k := p.Key.Resolved()
	return k != nil && k.Kind == Scalar && k.Value == key && k.Type() == String && !k.tagged()
}

// Get returns the value of a key, resolved; nil without it.
func (n *Node) Get(key string) *Node {
	p, _ := n.Pair(key)
	return p.Value.Resolved()
}

// Last is Get for a file in which a key may stand twice: the last one counts.
func (n *Node) Last(key string) *Node {
	if n = n.Resolved(); n == nil {
		return nil
	}
	for _, p := range slices.Backward(n.Pairs) {
		if p.has(key) {
			return p.Value.Resolved()
		}
	}
	return n.Get(key)
}

// Sequence returns the items of a list; none of anything else.
func (n *Node) Sequence() []*Node {
	if n = n.Resolved(); n == nil || n.Kind != Sequence {
		return nil
	}
	return n.Items
}

// Path follows keys downwards; nil where one is missing.
func (n *Node) Path(keys ...string) *Node {
	n = n.Resolved()
	for _, key := range keys {
		n = n.Get(key)
	}
	return n
}

// All yields the pairs of a mapping as dbt sees them: its own, then those of
// merge keys that it does not have itself.
func (n *Node) All() iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		n = n.Resolved()
		if n == nil || n.Kind != Mapping {
			return
		}
		var merge *Node
		for _, p := range n.Pairs {
			if isMerge(p.Key) {
				merge = p.Value.Resolved()
			} else if !yield(p) {
				return
			}
		}
		if merge == nil {
			return
		}
		seen := map[keyID]bool{}
		for _, p := range n.Pairs {
			seen[p.Key.id()] = true
		}
		for steps := 0; merge != nil && steps < mergeSteps; steps++ {
			var next *Node
			for _, p := range merge.merged() {
				if isMerge(p.Key) {
					if next == nil {
						next = p.Value.Resolved()
					}
				} else if id := p.Key.id(); !seen[id] {
					seen[id] = true
					if !yield(p) {
						return
					}
				}
			}
			merge = next
		}
	}
}

// mergeSteps bounds how far All follows mappings that merge mappings.
const mergeSteps = 1000

// merged returns the pairs of a mapping, or of all mappings of a list. Of the
// merges among them dbt keeps the first and applies it last.
func (n *Node) merged() []Pair {
	if n.Kind != Sequence {
		return n.Pairs
	}
	var pairs []Pair
	for _, item := range n.Items {
		if item = item.Resolved(); item != nil {
			pairs = append(pairs, item.Pairs...)
		}
	}
	return pairs
}

// isMerge reports whether a key is <<, which dbt takes for a merge in quotes too.
func isMerge(key *Node) bool {
	key = key.Resolved()
	return key != nil && key.Kind == Scalar && key.Value == "<<" && key.Type() == String && !key.tagged()
}

// Text returns the decoded text of a scalar, of whatever type.
func (n *Node) Text() (string, bool) {
	if n = n.Resolved(); n == nil || n.Kind != Scalar {
		return "", false
	}
	return n.Value, true
}

// Type returns the type that dbt v2 gives the value.
func (n *Node) Type() Type {
	n = n.Resolved()
	switch {
	case n == nil:
		return Null
	case n.tagged() && n.Kind == Scalar:
		if n.Style != Plain {
			return String
		}
		if t := plainType(n.Value); t != Null {
			return t
		}
		return Tagged
	case n.Kind == Mapping:
		return Map
	case n.Kind == Sequence:
		return List
	}
	switch n.tag() {
	case "":
		if n.Style == Plain {
			return plainType(n.Value)
		}
	case coreTag + "null":
		return Null
	case coreTag + "bool":
		return Bool
	case coreTag + "int":
		return Int
	case coreTag + "float":
		return Float
	}
	return String
}

// tagged reports whether a value has a tag of its own.
func (n *Node) tagged() bool { return n != nil && strings.HasPrefix(n.tag(), "!") }

// IsNull reports whether there is no value: nil, an empty one, null or ~.
func (n *Node) IsNull() bool { return n.Type() == Null }

// SourceMap says where the bytes of a scalar's Value stand in the file.
type SourceMap struct {
	text   *sourceMap
	offset int
	length int
}

// SourceMap returns the map of a scalar. It costs a scan of the scalar; Source
// makes one for every call.
func (n *Node) SourceMap() SourceMap {
	switch {
	case n == nil:
		return SourceMap{}
	case n.Kind != Scalar || n.body >= 0:
		return SourceMap{offset: max(int(n.body), 0), length: len(n.Value)}
	}
	s := newScanner(n.source.text, 0)
	s.pos, s.indent = n.Span.Start, int(n.indent)
	for s.line = s.pos; s.line > 0 && !s.breakOrEnd(s.line-1); {
		s.line--
	}
	if n.inFlow {
		s.flow = 1
	}
	m := &sourceMap{}
	end := 0
	switch n.Style {
	case Single:
		t, _ := s.scanSingle(m)
		end = t.end - 1
	case Double:
		t, _ := s.scanDouble(m)
		end = t.end - 1
	case Literal, Folded:
		t, _ := s.scanBlock(m)
		end = t.end
	default:
		t, _ := s.scanPlain(m)
		end = t.end
	}
	if n.Value != "" {
		end = max(end, m.at(len(n.Value)-1))
	}
	return SourceMap{text: m, offset: end, length: len(n.Value)}
}

// At returns the offset in the file of decoded byte i. For an escape it is the
// escape's start, for a folded line break the break itself. The text's length
// gives the end of the text, before a closing quote.
func (m SourceMap) At(i int) int {
	if m.text == nil {
		return m.offset + min(max(i, 0), m.length)
	}
	if i >= m.length {
		return m.offset
	}
	return m.text.at(max(i, 0))
}

// Source returns the offset in the file of byte i of a scalar's Value; see
// SourceMap.At.
func (n *Node) Source(i int) int { return n.SourceMap().At(i) }

// Walk calls visit for every scalar value of the file once, keys excluded and
// aliases not followed, with the keys and [indexes] that lead to it. The path
// is only valid during the call. visit returns false to end the walk. In a
// broken file it walks over what could be read.
func (f *File) Walk(visit func(path []string, n *Node) bool) {
	root := f.Root
	if root == nil {
		root = f.Partial
	}
	walk(root, make([]string, 0, 16), visit)
}

func walk(n *Node, path []string, visit func([]string, *Node) bool) bool {
	if n == nil {
		return true
	}
	switch n.Kind {
	case Scalar:
		return visit(path, n)
	case Mapping:
		for _, p := range n.Pairs {
			key, _ := p.Key.Text()
			if !walk(p.Value, append(path, key), visit) {
				return false
			}
		}
	case Sequence:
		for i, item := range n.Items {
			if !walk(item, append(path, "["+strconv.Itoa(i)+"]"), visit) {
				return false
			}
		}
	}
	return true
}
