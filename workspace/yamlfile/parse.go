package yamlfile

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// parser builds nodes from tokens by the rules of libyaml's parser. After an
// error every function returns what it has, so that the tree up to there
// remains.
type parser struct {
	*scanner
	source  *source
	depth   int
	nodes   []Node  // what is left of the last block of nodes
	block   int     // the size of that block
	pairs   []Pair  // what is left of the last block of pairs
	items   []*Node // the same of items
	anchors map[string]*Node
	tags    map[string]string
	aliases bool
	linked  bool // an anchor, an alias or a tag was met
	events  int  // what dbt counts aliases against

	// rest, if set, is asked at every key of the outermost mapping whether it has
	// all that follows there.
	rest func(n *Node, at int) bool
}

// source is what all nodes of one file share.
type source struct {
	text string
}

// allocate returns a node that is to be filled in.
func (p *parser) allocate() *Node {
	if len(p.nodes) == 0 {
		p.block = min(max(2*p.block, 4), 128)
		p.nodes = make([]Node, p.block)
	}
	n := &p.nodes[0]
	p.nodes = p.nodes[1:]
	return n
}

func (p *parser) node(kind NodeKind, style Style, start, end int) *Node {
	n := p.allocate()
	n.Kind, n.Style, n.Span, n.source, n.body = kind, style, text.Span{Start: start, End: end}, p.source, -1
	p.events++
	return n
}

// next takes the next token.
func (p *parser) next() token {
	t := p.peek()
	p.skip()
	return t
}

func (p *parser) empty(at int) *Node {
	n := p.node(Scalar, Plain, at, at)
	n.body = int32(at)
	return n
}

// refuse sets an error of the parser at a token.
func (p *parser) refuse(context string, contextAt int, problem string, at int) {
	if p.err == nil {
		p.err = &syntaxError{problem: problem, at: at, context: context, contextAt: contextAt}
	}
}

// document parses the first document and what follows it, which must be
// nothing. Its root is nil when there is none.
func (p *parser) document() *Node {
	var root *Node
	switch t := p.peek(); t.kind {
	case tokStreamEnd, tokError:
		return nil
	case tokVersion, tokTagDirective, tokDocumentStart:
		if !p.directives() {
			return nil
		}
		if t = p.peek(); t.kind != tokDocumentStart {
			p.refuse("", 0, "did not find expected <document start>", t.start)
			return nil
		}
		p.skip()
		switch t = p.peek(); t.kind {
		case tokVersion, tokTagDirective, tokDocumentStart, tokDocumentEnd, tokStreamEnd, tokError:
		default:
			root = p.value(true, false)
		}
	default:
		root = p.value(true, false)
	}
	p.endOfDocument()
	return root
}

func (p *parser) endOfDocument() {
	ended := false
	for p.peek().kind == tokDocumentEnd {
		ended = true
		p.skip()
	}
	switch t := p.peek(); t.kind {
	case tokStreamEnd, tokError:
	case tokDocumentStart, tokVersion, tokTagDirective:
		p.secondDocument(t.start)
	default:
		if ended {
			p.secondDocument(t.start)
		} else {
			p.refuse("", 0, "did not find expected <document start>", t.start)
		}
	}
}

func (p *parser) secondDocument(at int) {
	if p.err == nil {
		p.err = &syntaxError{problem: "a second document begins here; dbt reads files of one document only", at: at, kind: Documents}
	}
}

// directives reads %YAML and %TAG lines.
func (p *parser) directives() bool {
	version := false
	for {
		t := p.peek()
		switch t.kind {
		case tokVersion:
			if version {
				p.refuse("", 0, "found duplicate %YAML directive", t.start)
			} else if t.value != "1.1" && t.value != "1.2" {
				p.refuse("", 0, "found incompatible YAML document", t.start)
			}
			version = true
		case tokTagDirective:
			if _, ok := p.tags[t.value]; ok {
				p.refuse("", 0, "found duplicate %TAG directive", t.start)
			}
			if p.tags == nil {
				p.tags = map[string]string{}
			}
			p.tags[t.value] = t.suffix
		default:
			return p.err == nil
		}
		if p.err != nil {
			return false
		}
		p.skip()
	}
}

// value parses one node. block allows block collections; indentless allows a
// sequence whose dashes stand no deeper than their key.
func (p *parser) value(block, indentless bool) *Node {
	t := p.peek()
	if t.kind == tokAlias {
		n := p.node(Alias, Plain, t.start, t.end)
		n.properties = &properties{start: t.start, anchor: t.value, target: p.anchors[t.value]}
		p.aliases, p.linked = true, true
		if n.properties.target == nil {
			p.refuse("", 0, "unknown anchor", t.start)
		}
		p.skip()
		return n
	}
	anchor, tag, start, end := p.properties()
	t = p.peek()
	var n *Node
	switch {
	case indentless && t.kind == tokBlockEntry:
		n = p.node(Sequence, Block, t.start, t.end)
		p.register(n, anchor, tag)
		p.nested(n, (*parser).indentlessSequence)
	case t.kind == tokScalar:
		n = p.scalar(t)
		p.register(n, anchor, tag)
		p.skip()
	case t.kind == tokFlowSequence:
		n = p.node(Sequence, Flow, t.start, t.end)
		p.register(n, anchor, tag)
		p.nested(n, (*parser).flowSequence)
	case t.kind == tokFlowMapping:
		n = p.node(Mapping, Flow, t.start, t.end)
		p.register(n, anchor, tag)
		p.nested(n, (*parser).flowMapping)
	case block && t.kind == tokBlockSequence:
		n = p.node(Sequence, Block, t.start, t.end)
		p.register(n, anchor, tag)
		p.nested(n, (*parser).blockSequence)
	case block && t.kind == tokBlockMapping:
		n = p.node(Mapping, Block, t.start, t.end)
		p.register(n, anchor, tag)
		p.nested(n, (*parser).blockMapping)
	case anchor != "" || tag != "":
		n = p.empty(end)
		p.register(n, anchor, tag)
	case t.kind == tokError:
		n = p.empty(t.start)
	default:
		context := "while parsing a flow node"
		if block {
			context = "while parsing a block node"
		}
		p.refuse(context, start, "did not find expected node content", t.start)
		n = p.empty(t.start)
	}
	if n.properties == nil && start != n.Span.Start {
		n.properties = &properties{}
	}
	if n.properties != nil {
		n.properties.start = start
	}
	return n
}

func (p *parser) scalar(t token) *Node {
	n := p.node(Scalar, t.style, t.start, t.end)
	n.Value, n.body, n.indent, n.inFlow = t.value, int32(t.body), int32(t.indent), t.inFlow
	return n
}

// properties reads an anchor and a tag, in either order.
func (p *parser) properties() (anchor, tag string, start, end int) {
	start = p.peek().start
	end = start
	for range 2 {
		t := p.peek()
		switch {
		case t.kind == tokAnchor && anchor == "":
			anchor = t.value
		case t.kind == tokTag && tag == "":
			tag = p.tagName(t, start)
		default:
			return anchor, tag, start, end
		}
		end, p.linked = t.end, true
		p.skip()
	}
	return anchor, tag, start, end
}

// tagName resolves a tag's handle.
func (p *parser) tagName(t token, start int) string {
	prefix, declared := p.tags[t.value]
	switch {
	case t.value == "":
		return t.suffix
	case declared:
		return prefix + t.suffix
	case t.value == "!":
		return "!" + t.suffix
	case t.value == "!!":
		return coreTag + t.suffix
	}
	p.refuse("while parsing a node", start, "found undefined tag handle", t.start)
	return "!"
}

const coreTag = "tag:yaml.org,2002:"

func (p *parser) register(n *Node, anchor, tag string) {
	if tag == "" && anchor == "" {
		return
	}
	n.properties = &properties{tag: tag, anchor: anchor}
	if anchor == "" {
		return
	}
	if first := p.anchors[anchor]; first != nil {
		if p.err == nil {
			p.err = &syntaxError{problem: "found duplicate anchor", at: n.Span.Start, context: "which is defined already", contextAt: first.Span.Start}
		}
		return
	}
	if p.anchors == nil {
		p.anchors = map[string]*Node{}
	}
	p.anchors[anchor] = n
}

// nested parses what is inside a collection, to the depth that dbt can take.
func (p *parser) nested(n *Node, inside func(*parser, *Node)) {
	if p.depth == MaxDepth {
		if p.err == nil {
			p.err = &syntaxError{problem: tooDeep, at: n.Span.Start, kind: Depth}
		}
		return
	}
	p.depth++
	inside(p, n)
	p.depth--
	p.events++
}

const tooDeep = "nested too deeply: dbt reads 128 levels"

func (n *Node) extend(to *Node) { n.Span.End = max(n.Span.End, to.Span.End) }

func (p *parser) blockSequence(n *Node) {
	start := p.next().start
	for {
		t := p.peek()
		switch t.kind {
		case tokBlockEntry:
			p.entry(n, false)
		case tokBlockEnd:
			p.skip()
			return
		default:
			p.refuse("while parsing a block collection", start, "did not find expected '-' indicator", t.start)
			return
		}
	}
}

func (p *parser) indentlessSequence(n *Node) {
	for p.peek().kind == tokBlockEntry {
		p.entry(n, true)
	}
}

// entry parses a dash and its item.
func (p *parser) entry(n *Node, indentless bool) {
	end := p.next().end
	n.Span.End = end
	kind := p.peek().kind
	var item *Node
	if kind == tokBlockEntry || kind == tokBlockEnd || indentless && (kind == tokKey || kind == tokValue) {
		item = p.empty(end)
	} else {
		item = p.value(true, false)
	}
	n.Items = append(n.Items, item)
	n.extend(item)
}

func (p *parser) blockMapping(n *Node) { p.blockPairs(n, p.next().start) }

// blockPairs parses the pairs of a block mapping that begins at start.
func (p *parser) blockPairs(n *Node, start int) {
	for {
		t := p.peek()
		var pair Pair
		switch t.kind {
		case tokKey:
			if p.depth == 1 && p.rest != nil && p.rest(n, t.start) {
				continue
			}
			pair.Key = p.blockPart(t.end)
		case tokBlockEnd:
			p.skip()
			return
		case tokError:
			if key := p.halfKey(); key != nil {
				n.pair(Pair{key, p.empty(key.Span.End)})
			}
			return
		default:
			p.refuse("while parsing a block mapping", start, "did not find expected key", t.start)
			return
		}
		if t = p.peek(); t.kind == tokValue {
			n.Span.End = max(n.Span.End, t.end)
			pair.Value = p.blockPart(t.end)
		} else {
			pair.Value = p.empty(pair.Key.Span.End)
		}
		n.pair(pair)
	}
}

// halfKey returns the key whose missing colon is the error, for a file that is
// being typed.
func (p *parser) halfKey() *Node {
	if p.err.problem != missingColon || p.head == len(p.tokens) || p.tokens[p.head].kind != tokScalar {
		return nil
	}
	t := p.tokens[p.head]
	p.head++
	return p.scalar(t)
}

// blockPart parses what follows a key or value indicator in a block mapping.
func (p *parser) blockPart(end int) *Node {
	p.skip()
	switch p.peek().kind {
	case tokKey, tokValue, tokBlockEnd:
		return p.empty(end)
	}
	return p.value(true, true)
}

func (n *Node) pair(pair Pair) {
	n.Pairs = append(n.Pairs, pair)
	n.extend(pair.Key)
	n.extend(pair.Value)
}

// flowItems parses up to the closing bracket, item by item.
func (p *parser) flowItems(n *Node, end tokenKind, context, missing string, item func(token)) {
	start := p.next().start
	for first := true; ; first = false {
		t := p.peek()
		if t.kind != end && !first {
			if t.kind != tokFlowEntry {
				p.refuse(context, start, missing, t.start)
				return
			}
			n.Span.End = t.end
			p.skip()
			t = p.peek()
		}
		switch t.kind {
		case end:
			n.Span.End = t.end
			p.skip()
			return
		case tokError:
			return
		}
		item(t)
	}
}

func (p *parser) flowSequence(n *Node) {
	p.flowItems(n, tokFlowSequenceEnd, "while parsing a flow sequence", "did not find expected ',' or ']'", func(t token) {
		var item *Node
		if t.kind == tokKey {
			item = p.node(Mapping, Flow, t.start, t.end)
			p.nested(item, (*parser).flowPair)
		} else {
			item = p.value(false, false)
		}
		n.Items = append(n.Items, item)
		n.extend(item)
	})
}

// flowPair parses `key: value` that stands in a sequence without braces.
func (p *parser) flowPair(n *Node) {
	p.skip()
	var pair Pair
	switch t := p.peek(); t.kind {
	case tokValue, tokFlowEntry, tokFlowSequenceEnd:
		// libyaml swallows the token here.
		p.skip()
		pair.Key = p.empty(t.end)
	default:
		pair.Key = p.value(false, false)
	}
	pair.Value = p.flowValue(pair.Key, tokFlowSequenceEnd)
	n.pair(pair)
}

func (p *parser) flowMapping(n *Node) {
	p.flowItems(n, tokFlowMappingEnd, "while parsing a flow mapping", "did not find expected ',' or '}'", func(t token) {
		var pair Pair
		if t.kind != tokKey {
			pair.Key = p.value(false, false)
			pair.Value = p.empty(pair.Key.Span.End)
			n.pair(pair)
			return
		}
		p.skip()
		switch next := p.peek(); next.kind {
		case tokValue, tokFlowEntry, tokFlowMappingEnd:
			pair.Key = p.empty(next.start)
		default:
			pair.Key = p.value(false, false)
		}
		pair.Value = p.flowValue(pair.Key, tokFlowMappingEnd)
		n.pair(pair)
	})
}

// flowValue parses the colon and the value behind a key in brackets.
func (p *parser) flowValue(key *Node, end tokenKind) *Node {
	t := p.peek()
	if t.kind != tokValue {
		return p.empty(key.Span.End)
	}
	p.skip()
	switch p.peek().kind {
	case tokFlowEntry, end, tokError:
		return p.empty(t.end)
	}
	return p.value(false, false)
}
