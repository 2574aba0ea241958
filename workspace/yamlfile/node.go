package yamlfile

import (
	"iter"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// NodeKind is what a node is.
type NodeKind int

// The kinds of nodes.
const (
	Scalar NodeKind = iota
	Mapping
	Sequence
	Alias
)

// Style is how a scalar or a collection is written.
type Style int

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
	Kind  NodeKind
	Style Style
	// Span is the node without its tag and anchor: a scalar with its quotes, a
	// block scalar from its `|` or `>` to the end of its last line, a block
	// collection from its first key or dash to the end of its last value.
	Span   text.Span
	Value  string // decoded text of a scalar
	Tag    string // as written, "" without one
	Anchor string // its name; of an alias, the name it points to
	Target *Node  // of an alias
	Pairs  []Pair
	Items  []*Node
}

// Pair is one entry of a mapping.
type Pair struct {
	Key, Value *Node
}

// Resolved follows aliases.
func (n *Node) Resolved() *Node { return n }

// Pair returns the pair of a key that stands in the mapping itself or is
// merged into it.
func (n *Node) Pair(key string) (Pair, bool) { return Pair{}, false }

// Get returns the value of a key, resolved; nil without it.
func (n *Node) Get(key string) *Node { return nil }

// Path follows keys downwards; nil where one is missing.
func (n *Node) Path(keys ...string) *Node { return nil }

// All yields the pairs of a mapping as dbt sees them: its own, then those of
// merge keys that it does not have itself.
func (n *Node) All() iter.Seq[Pair] { return func(func(Pair) bool) {} }

// Text returns the decoded text of a scalar, of whatever type.
func (n *Node) Text() (string, bool) { return "", false }

// Type returns the type that dbt v2 gives the value.
func (n *Node) Type() Type { return Null }

// IsNull reports whether there is no value: nil, an empty one, null or ~.
func (n *Node) IsNull() bool { return n.Type() == Null }

// Source returns the offset in the file of byte i of a scalar's Value. For an
// escape it is the escape's start, for folded line breaks the place where the
// break stands. i == len(Value) gives the end of the text, before a closing
// quote.
func (n *Node) Source(i int) int { return n.Span.Start }

// Walk calls visit for every scalar value of the file once, keys excluded and
// aliases not followed, with the keys and [indexes] that lead to it. The path
// is only valid during the call. visit returns false to end the walk.
func (f *File) Walk(visit func(path []string, n *Node) bool) {}
