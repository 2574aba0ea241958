package jinja

import "fmt"

// Value is a value of Jinja, or Unknown. It may hold the value of a variable,
// so printing it in any way gives a mask; the accessors give its content.
// The zero Value is Unknown.
type Value struct {
	kind Kind
	text string
	num  float64
	int  int64
	list []Value
	dict *dict
	fn   func(args []Value) Value
}

// Kind is the type of a Value.
type Kind int

// The kinds of values.
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

type dict struct {
	keys   []Value
	values []Value
}

// Unknown is a value that is not known.
func Unknown() Value { return Value{} }

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
func List(items ...Value) Value { return Value{kind: KindList, list: items} }

// Map makes a mapping with the keys in the order of their pairs: key, value, key, value.
func Map(pairs ...Value) Value {
	d := &dict{}
	for i := 0; i+1 < len(pairs); i += 2 {
		d.keys, d.values = append(d.keys, pairs[i]), append(d.values, pairs[i+1])
	}
	return Value{kind: KindMap, dict: d}
}

// Func makes a function of positional arguments.
func Func(f func(args []Value) Value) Value { return Value{kind: KindFunc, fn: f} }

// Kind returns the type of v.
func (v Value) Kind() Kind { return v.kind }

// Text returns the content of a string.
func (v Value) Text() (string, bool) { return v.text, v.kind == KindString }

// Bool returns a boolean's value.
func (v Value) Bool() (value, ok bool) { return v.int != 0, v.kind == KindBool }

// String returns a mask: a value may come from a variable.
func (v Value) String() string { return "***" }

// Format writes a mask for every verb.
func (v Value) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("***")) }

// truth reports whether a condition holds for v, and whether that is known.
func (v Value) truth() (truth, known bool) {
	switch v.kind {
	case KindUnknown:
		return false, false
	case KindBool, KindInt:
		return v.int != 0, true
	case KindFloat:
		return v.num != 0, true
	case KindString:
		return v.text != "", true
	case KindList:
		return len(v.list) > 0, true
	case KindMap:
		return len(v.dict.keys) > 0, true
	case KindFunc:
		return true, true
	}
	return false, true
}
