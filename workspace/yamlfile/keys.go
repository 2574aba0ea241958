package yamlfile

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// keyID tells keys apart as dbt does: by type and value, so that 1 and 0x1 are
// one key, 1 and "1" are two.
type keyID struct {
	kind Type
	text string
}

// idLimit bounds the text of a key that is itself a collection, in bytes. Longer
// ones, and those that hold themselves, are equal to nothing else.
const idLimit = 16 << 10

func (n *Node) id() keyID {
	n = n.Resolved()
	t := n.Type()
	if n.tagged() {
		t = Tagged
	}
	switch t {
	case String:
		return keyID{t, n.Value}
	case Null:
		return keyID{kind: t}
	case Bool:
		return keyID{t, strings.ToLower(n.Value)}
	case Int:
		if i, ok := parseInt(n.Value); ok {
			return keyID{t, i.String()}
		}
	case Float:
		if f, ok := parseFloat(n.Value); ok {
			if f == 0 {
				f = 0 // without a sign
			}
			return keyID{t, strconv.FormatUint(math.Float64bits(f), 16)}
		}
	case List, Map, Tagged:
		left := idLimit
		text := n.written(&left, 0)
		if left < 0 {
			text = strconv.Itoa(n.begin())
		}
		return keyID{t, text}
	}
	return keyID{t, n.Value}
}

// written returns a text that is the same for equal collections. It ends with
// left below zero when there is more than that many bytes, or too deep.
func (n *Node) written(left *int, depth int) string {
	n = n.Resolved()
	if depth > MaxDepth {
		*left = -1
	}
	if *left--; n == nil || *left < 0 {
		return ""
	}
	var parts []string
	switch n.Kind {
	case Sequence:
		for _, item := range n.Items {
			parts = append(parts, item.written(left, depth+1))
		}
	case Mapping:
		for _, p := range n.Pairs {
			parts = append(parts, p.Key.written(left, depth+1)+"="+p.Value.written(left, depth+1))
		}
		slices.Sort(parts)
	default:
		if n.tagged() {
			parts = []string{strconv.Itoa(int(n.Type())), n.Value}
			break
		}
		id := n.id()
		*left -= len(id.text)
		return strconv.Itoa(int(id.kind)) + strconv.Quote(id.text)
	}
	tag := ""
	if n.tagged() {
		tag = n.tag()
	}
	text := tag + strconv.Itoa(int(n.Kind)) + "(" + strings.Join(parts, ",") + ")"
	*left -= len(text)
	return text
}

// duplicates calls report for every key of a mapping that stands there twice.
func duplicates(n *Node, report func(first, again *Node)) {
	if len(n.Pairs) <= 16 && plainKeys(n.Pairs) {
		for i, p := range n.Pairs {
			for _, first := range n.Pairs[:i] {
				if first.Key.Value == p.Key.Value {
					report(first.Key, p.Key)
					break
				}
			}
		}
		return
	}
	seen := make(map[keyID]*Node, len(n.Pairs))
	for _, p := range n.Pairs {
		id := p.Key.id()
		if first := seen[id]; first != nil {
			report(first, p.Key)
			continue
		}
		seen[id] = p.Key
	}
}

// plainKeys reports whether all keys are texts that compare byte by byte.
func plainKeys(pairs []Pair) bool {
	for _, p := range pairs {
		if p.Key.Kind != Scalar || p.Key.Type() != String || p.Key.tagged() {
			return false
		}
	}
	return true
}
