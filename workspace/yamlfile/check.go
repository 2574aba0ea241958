package yamlfile

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// check finds what is wrong with a tree that was read to its end. Merge keys
// mean nothing in a value that is parsed again.
func (f *File) check(p parsed, merges bool) {
	if p.aliases {
		e := expansion{limit: (p.events + 1) * 100, known: map[*Node]size{}}
		if _, ok := e.measure(p.root, 0); !ok {
			f.broken = true
			f.Partial, f.Root = f.Root, nil
			f.add(Depth, e.at.Span, e.message)
			return
		}
	}
	c := checker{file: f, src: p.source.text, jinja: len(p.jinja) > 0, merges: merges}
	c.node(p.root)
}

func (f *File) add(kind ProblemKind, span text.Span, message string) {
	f.Problems = append(f.Problems, Problem{Kind: kind, Span: span, At: span.Start, Message: message})
}

type checker struct {
	file   *File
	src    string
	jinja  bool
	merges bool
}

func (c *checker) node(n *Node) {
	if n == nil {
		return
	}
	switch n.Kind {
	case Scalar:
		c.scalar(n)
	case Sequence:
		for _, item := range n.Items {
			c.node(item)
		}
	case Mapping:
		if c.jinja && isUnquoted(c.src, n) {
			c.file.Problems = append(c.file.Problems, unquoted(c.src, n.Span))
			return
		}
		c.duplicates(n)
		c.pairs(n.Pairs)
	}
}

func (c *checker) duplicates(n *Node) {
	duplicates(n, func(first, again *Node) {
		c.file.Problems = append(c.file.Problems, Problem{
			Kind:    DuplicateKey,
			Span:    again.Span,
			At:      again.Span.Start,
			Message: "this key stands twice in one mapping",
			Related: first.Span,
		})
	})
}

func (c *checker) pairs(pairs []Pair) {
	for _, p := range pairs {
		c.node(p.Key)
		if c.merges && isMerge(p.Key) {
			c.merge(p.Value)
		}
		c.node(p.Value)
	}
}

// merge checks the value of a merge key.
func (c *checker) merge(value *Node) {
	switch target := value.Resolved(); {
	case target.tagged():
		c.file.add(BadValue, value.Span, "a value with a tag cannot be merged")
	case target.Type() == Map:
	case target.Type() == List:
		for _, item := range target.Items {
			if item.Type() != Map || item.Resolved().tagged() {
				c.file.add(BadValue, item.Span, "only a mapping can be merged")
			}
		}
	default:
		c.file.add(BadValue, value.Span, "only a mapping, or a list of mappings, can be merged")
	}
}

// scalar checks that a value has the type that it or its tag claims.
func (c *checker) scalar(n *Node) {
	message := ""
	switch n.tag() {
	case "":
		if n.Style == Plain && len(n.Value) > 18 && plainType(n.Value) == Int {
			if i, ok := parseInt(n.Value); ok && !representable(i) {
				message = "a whole number of more than 64 bits"
			}
		}
	case coreTag + "int":
		if i, ok := parseInt(n.Value); !ok || !representable(i) {
			message = "the tag wants an integer"
		}
	case coreTag + "float":
		if _, ok := parseFloat(n.Value); !ok {
			message = "the tag wants a float"
		}
	case coreTag + "bool":
		if plainType(n.Value) != Bool {
			message = "the tag wants a boolean"
		}
	case coreTag + "null":
		if plainType(n.Value) != Null || n.Value == "" {
			message = "the tag wants null"
		}
	}
	if message != "" {
		c.file.add(BadValue, n.Span, message)
	}
}

// expansion measures what a tree becomes when all aliases are followed, as dbt
// does: it refuses more than MaxDepth levels, and more than 100 aliases followed
// for every node written.
type expansion struct {
	limit   int
	known   map[*Node]size
	at      *Node
	message string
}

type size struct {
	height, jumps int
	open          bool // still being measured
}

func (e *expansion) refuse(n *Node, message string) (size, bool) {
	e.at, e.message = n, message
	return size{}, false
}

func (e *expansion) measure(n *Node, depth int) (size, bool) {
	if n == nil || n.Kind == Scalar {
		return size{}, true
	}
	if n.Kind == Alias {
		return e.alias(n, depth)
	}
	total := size{height: 1}
	if depth == MaxDepth {
		return e.refuse(n, tooDeep)
	}
	child := func(c *Node) bool {
		s, ok := e.measure(c, depth+1)
		total.height = max(total.height, s.height+1)
		total.jumps += s.jumps
		if ok && total.jumps > e.limit {
			_, ok = e.refuse(c, "aliases repeat too much (repetition limit exceeded)")
		}
		return ok
	}
	for _, item := range n.Items {
		if !child(item) {
			return total, false
		}
	}
	for _, p := range n.Pairs {
		if !child(p.Key) || !child(p.Value) {
			return total, false
		}
	}
	return total, true
}

func (e *expansion) alias(n *Node, depth int) (size, bool) {
	s, found := e.known[n.properties.target]
	if s.open {
		return e.refuse(n, "an alias inside the anchor that it names")
	}
	if !found {
		e.known[n.properties.target] = size{open: true}
		var ok bool
		if s, ok = e.measure(n.properties.target, depth); !ok {
			return s, false
		}
		e.known[n.properties.target] = s
	}
	if depth+s.height > MaxDepth {
		return e.refuse(n, tooDeep)
	}
	s.jumps++
	return s, true
}

// isUnquoted reports whether a mapping is what YAML makes of {{ … }}.
func isUnquoted(src string, n *Node) bool {
	if n.Style != Flow || len(n.Pairs) != 1 || !n.Pairs[0].Value.Span.Empty() {
		return false
	}
	key := n.Pairs[0].Key
	return key.Kind == Mapping && key.Style == Flow && key.Span.Start == n.Span.Start+1 && key.Span.End == n.Span.End-1 &&
		strings.HasSuffix(src[:n.Span.End], "}}")
}
