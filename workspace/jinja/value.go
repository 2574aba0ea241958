package jinja

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// Value is a value of Jinja, or Unknown. It may hold the value of a variable,
// so printing it in any way gives a mask; the accessors give its content.
// The zero Value is Unknown.
type Value struct {
	kind Kind
	text string
	num  float64
	int  int64
	list *list
	dict *dict
	fn   func(in *interp, c *callArgs) Value
}

// Kind is the type of a Value.
type Kind int

// The kinds of values, in the order in which the engine sorts them.
const (
	KindUnknown Kind = iota
	KindUndefined
	KindNone
	KindBool
	KindInt
	KindFloat
	KindString
	KindList
	KindMap
	KindFunc
)

// list and dict are changed in place by methods such as append. One that was
// changed where it is not sure that the engine gets there is not known anymore.
type list struct {
	items   []Value
	tuple   bool
	level   int // how unsure the place is where it was made
	unknown bool
}

type dict struct {
	keys      []Value
	values    []Value
	namespace bool
	level     int
	unknown   bool
}

// Unknown is a value that is not known.
func Unknown() Value { return Value{} }

// Undefined is the value of a name that does not exist.
func Undefined() Value { return Value{kind: KindUndefined} }

// None is Jinja's none.
func None() Value { return Value{kind: KindNone} }

// Bool makes a boolean.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, int: 1}
	}
	return Value{kind: KindBool}
}

// Int makes an integer.
func Int(i int64) Value { return Value{kind: KindInt, int: i} }

// Float makes a floating point number.
func Float(f float64) Value { return Value{kind: KindFloat, num: f} }

// String makes a text.
func String(s string) Value { return Value{kind: KindString, text: s} }

// List makes a list.
func List(items ...Value) Value { return Value{kind: KindList, list: &list{items: items}} }

// Map makes a mapping with the keys in the order of their pairs: key, value, key, value.
func Map(pairs ...Value) Value {
	d := &dict{}
	for i := 0; i+1 < len(pairs); i += 2 {
		d.set(pairs[i], pairs[i+1])
	}
	return Value{kind: KindMap, dict: d}
}

// Func makes a function of positional arguments. It is not called with
// arguments that are not all known by position: the result is Unknown then.
func Func(f func(args []Value) Value) Value {
	return Value{kind: KindFunc, fn: func(_ *interp, c *callArgs) Value {
		if c.open || len(c.keys) > 0 {
			return Unknown()
		}
		return f(c.args)
	}}
}

// Kind returns the type of v.
func (v Value) Kind() Kind { return v.kind }

// Text returns the content of a string.
func (v Value) Text() (string, bool) { return v.text, v.kind == KindString }

// Bool returns a boolean's value.
func (v Value) Bool() (value, ok bool) { return v.int != 0, v.kind == KindBool }

// Int returns an integer's value.
func (v Value) Int() (int64, bool) { return v.int, v.kind == KindInt }

// Float returns a floating point number's value.
func (v Value) Float() (float64, bool) { return v.num, v.kind == KindFloat }

// Items returns the values of a list.
func (v Value) Items() ([]Value, bool) {
	if v.kind != KindList || v.list.unknown {
		return nil, false
	}
	return v.list.items, true
}

// Pairs returns the keys and values of a mapping in their order.
func (v Value) Pairs() (keys, values []Value, ok bool) {
	if v.kind != KindMap || v.dict.unknown {
		return nil, nil, false
	}
	return v.dict.keys, v.dict.values, true
}

// String returns a mask: a value may come from a variable.
func (v Value) String() string { return secret.Mask }

// GoString returns a mask.
func (v Value) GoString() string { return secret.Mask }

// Format writes a mask for every verb.
func (v Value) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(secret.Mask)) }

// MarshalText returns a mask.
func (v Value) MarshalText() ([]byte, error) { return []byte(secret.Mask), nil }

// known reports whether v itself, not what it holds, is known.
func (v Value) known() bool {
	switch v.kind {
	case KindUnknown:
		return false
	case KindList:
		return !v.list.unknown
	case KindMap:
		return !v.dict.unknown
	}
	return true
}

// truth reports whether a condition holds for v, and whether that is known.
func (v Value) truth() (truth, known bool) {
	if !v.known() {
		return false, false
	}
	switch v.kind {
	case KindBool, KindInt:
		return v.int != 0, true
	case KindFloat:
		return v.num != 0, true
	case KindString:
		return v.text != "", true
	case KindList:
		return len(v.list.items) > 0, true
	case KindMap:
		return len(v.dict.keys) > 0, true
	case KindFunc:
		return true, true
	}
	return false, true
}

func (d *dict) find(key Value) int {
	for i := range d.keys {
		k := &d.keys[i]
		if k.kind == KindString && key.kind == KindString { // nearly always
			if k.text == key.text {
				return i
			}
			continue
		}
		if equal, known := equalValues(*k, key); known && equal {
			return i
		}
	}
	return -1
}

func (d *dict) get(key Value) (Value, bool) {
	if i := d.find(key); i >= 0 {
		return d.values[i], true
	}
	return Undefined(), false
}

// set puts a value into d. Lists and maps as keys are not followed: they can
// hold d itself.
func (d *dict) set(key, value Value) {
	if !key.known() || key.kind == KindList || key.kind == KindMap {
		d.unknown = true
		return
	}
	if i := d.find(key); i >= 0 {
		d.values[i] = value
		return
	}
	d.keys, d.values = append(d.keys, key), append(d.values, value)
}

// maxShow is how deeply a value is printed and compared; a list can hold itself.
const maxShow = 20

// maxParts is how many parts of two values are compared: a list that holds
// another one twice, twenty times over, has a million.
const maxParts = 10_000

// show prints v as {{ v }} does.
func show(v Value) (string, bool) {
	if v.kind == KindString {
		return v.text, true
	}
	var b strings.Builder
	ok := write(&b, v, 0)
	return b.String(), ok
}

func write(b *strings.Builder, v Value, depth int) bool {
	if depth > maxShow || b.Len() > maxText || !v.known() {
		return false
	}
	switch v.kind {
	case KindUndefined:
		return depth == 0
	case KindNone:
		b.WriteString("None")
	case KindBool:
		if v.int != 0 {
			b.WriteString("True")
		} else {
			b.WriteString("False")
		}
	case KindInt:
		b.WriteString(strconv.FormatInt(v.int, 10))
	case KindFloat:
		b.WriteString(showFloat(v.num))
	case KindString:
		quote := `'`
		if strings.Contains(v.text, quote) {
			quote = `"`
			if strings.Contains(v.text, quote) {
				return false
			}
		}
		b.WriteString(quote + v.text + quote)
	case KindList:
		return writeList(b, v.list, depth)
	case KindMap:
		return !v.dict.namespace && writeMap(b, v.dict, depth)
	default:
		return false
	}
	return true
}

func writeList(b *strings.Builder, l *list, depth int) bool {
	open, end := "[", "]"
	if l.tuple {
		open, end = "(", ")"
		if len(l.items) == 1 {
			end = ",)"
		}
	}
	b.WriteString(open)
	for i, item := range l.items {
		if i > 0 {
			b.WriteString(", ")
		}
		if !write(b, item, depth+1) {
			return false
		}
	}
	b.WriteString(end)
	return true
}

func writeMap(b *strings.Builder, d *dict, depth int) bool {
	b.WriteString("{")
	for i, key := range d.keys {
		if i > 0 {
			b.WriteString(", ")
		}
		if !write(b, key, depth+1) {
			return false
		}
		b.WriteString(": ")
		if !write(b, d.values[i], depth+1) {
			return false
		}
	}
	b.WriteString("}")
	return true
}

func showFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// number returns a value as an integer or a float; booleans count as integers.
func (v Value) number() (i int64, f float64, isFloat, ok bool) {
	switch v.kind {
	case KindBool, KindInt:
		return v.int, float64(v.int), false, true
	case KindFloat:
		return 0, v.num, true, true
	}
	return 0, 0, false, false
}

// equalValues compares as `==` does.
func equalValues(a, b Value) (equal, known bool) {
	return (&comparison{room: maxParts}).equal(a, b, 0)
}

// comparison is one use of `==`; room is how many more parts it may look at.
type comparison struct{ room int }

func (c *comparison) equal(a, b Value, depth int) (equal, known bool) {
	c.room--
	if !a.known() || !b.known() || depth > maxShow || c.room < 0 {
		return false, false
	}
	ai, af, aFloat, aNumber := a.number()
	bi, bf, bFloat, bNumber := b.number()
	switch {
	case aNumber && bNumber:
		if aFloat || bFloat {
			return af == bf, true
		}
		return ai == bi, true
	case a.kind != b.kind:
		return false, a.kind != KindFunc && b.kind != KindFunc
	case a.kind == KindString:
		return a.text == b.text, true
	case a.kind == KindList:
		return c.equalLists(a.list, b.list, depth)
	case a.kind == KindMap:
		return c.equalMaps(a.dict, b.dict, depth)
	case a.kind == KindFunc:
		return false, false
	}
	return true, true
}

func (c *comparison) equalLists(a, b *list, depth int) (equal, known bool) {
	if len(a.items) != len(b.items) {
		return false, true
	}
	for i := range a.items {
		if equal, known := c.equal(a.items[i], b.items[i], depth+1); !equal || !known {
			return false, known
		}
	}
	return true, true
}

func (c *comparison) equalMaps(a, b *dict, depth int) (equal, known bool) {
	if len(a.keys) != len(b.keys) {
		return false, true
	}
	for i, key := range a.keys {
		value, found := b.get(key)
		if !found {
			return false, true
		}
		if equal, known := c.equal(a.values[i], value, depth+1); !equal || !known {
			return false, known
		}
	}
	return true, true
}

// compareValues orders two values as `<` does: by type, then by content.
func compareValues(a, b Value) (order int, known bool) {
	if !a.known() || !b.known() {
		return 0, false
	}
	ai, af, aFloat, aNumber := a.number()
	bi, bf, bFloat, bNumber := b.number()
	switch {
	case a.kind == KindBool != (b.kind == KindBool):
		return compareKinds(a, b)
	case aNumber && bNumber:
		if aFloat || bFloat {
			return compare(af, bf), !math.IsNaN(af) && !math.IsNaN(bf)
		}
		return compare(ai, bi), true
	case a.kind != b.kind:
		return compareKinds(a, b)
	case a.kind == KindString:
		return strings.Compare(a.text, b.text), true
	case a.kind == KindUndefined || a.kind == KindNone:
		return 0, true
	}
	return 0, false
}

// compareKinds orders values of the simple types by their type.
func compareKinds(a, b Value) (order int, known bool) {
	if a.kind >= KindList || b.kind >= KindList {
		return 0, false
	}
	return compare(a.kind, b.kind), true
}

func compare[T int64 | float64 | Kind](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// join is the value of something that is either a or b.
func join(a, b Value) Value {
	switch {
	case a.kind == KindList && b.kind == KindList && a.list == b.list,
		a.kind == KindMap && b.kind == KindMap && a.dict == b.dict:
		return a
	case a.kind >= KindList || a.kind != b.kind:
		return Unknown()
	}
	if equal, known := equalValues(a, b); equal && known {
		return a
	}
	return Unknown()
}
