package jinja

import (
	"slices"
	"strings"
	"unicode"
)

// test evaluates `v is name(...)`.
func (in *interp) test(name string, v Value, c *callArgs) Value {
	if !in.knowsTest(name) {
		in.fail()
		return Unknown()
	}
	if v.kind == KindUnknown || c.open {
		return Unknown()
	}
	if holds, known := typeTest(name, v); known {
		return Bool(holds)
	}
	if !v.known() {
		return Unknown()
	}
	if len(c.args) == 1 && len(c.keys) == 0 {
		return compareTest(name, v, c.args[0])
	}
	if len(c.args) > 0 || len(c.keys) > 0 {
		return Unknown()
	}
	switch name {
	case "odd", "even":
		if v.kind == KindInt {
			return Bool((v.int%2 != 0) == (name == "odd"))
		}
	case "lower", "upper":
		if v.kind == KindString {
			is := unicode.IsLower
			if name == "upper" {
				is = unicode.IsUpper
			}
			return Bool(strings.IndexFunc(v.text, func(r rune) bool { return !is(r) }) < 0)
		}
	}
	return Unknown()
}

// typeTest evaluates the tests that ask for a value's type.
func typeTest(name string, v Value) (holds, known bool) {
	if v.kind == KindFunc && name != "defined" && name != "undefined" && name != "none" {
		return false, false
	}
	switch name {
	case "defined":
		return v.kind != KindUndefined, true
	case "undefined":
		return v.kind == KindUndefined, true
	case "none":
		return v.kind == KindNone, true
	case "boolean":
		return v.kind == KindBool, true
	case "number":
		return v.kind == KindInt || v.kind == KindFloat, true
	case "integer", "int":
		return v.kind == KindInt, true
	case "float":
		return v.kind == KindFloat, true
	case "string":
		return v.kind == KindString, true
	case "sequence":
		return v.kind == KindList || v.kind == KindUndefined, true
	case "iterable":
		return v.kind == KindList || v.kind == KindUndefined || v.kind == KindMap || v.kind == KindString, v.kind != KindString
	case "mapping":
		return v.kind == KindMap, true
	case "true":
		return v.kind == KindBool && v.int != 0, true
	case "false":
		return v.kind == KindBool && v.int == 0, true
	}
	return false, false
}

func compareTest(name string, v, other Value) Value {
	switch name {
	case "eq", "equalto":
		return binary(opEq, v, other)
	case "ne":
		return binary(opNe, v, other)
	case "lt", "lessthan":
		return binary(opLt, v, other)
	case "le":
		return binary(opLe, v, other)
	case "gt", "greaterthan":
		return binary(opGt, v, other)
	case "ge":
		return binary(opGe, v, other)
	case "in":
		return contains(other, v)
	case "divisibleby":
		if v.kind == KindInt && other.kind == KindInt && other.int != 0 {
			return Bool(v.int%other.int == 0)
		}
	case "startingwith", "endingwith":
		if v.kind == KindString && other.kind == KindString {
			if name == "startingwith" {
				return Bool(strings.HasPrefix(v.text, other.text))
			}
			return Bool(strings.HasSuffix(v.text, other.text))
		}
	}
	return Unknown()
}

// method calls a method of a value (minijinja-contrib/src/pycompat.rs of dbt).
func (in *interp) method(v Value, name string, c *callArgs) Value {
	if !v.known() || c.open || in.stopped {
		in.escape(c)
		return Unknown()
	}
	if in.failsToCall(v, name) {
		return Unknown()
	}
	switch v.kind {
	case KindString:
		return in.textMethod(v.text, name, c)
	case KindList:
		return in.listMethod(v.list, name, c)
	case KindMap:
		return in.dictMethod(v.dict, name, c)
	}
	return Unknown()
}

// escape forgets the lists and mappings handed to something that may change
// them.
func (in *interp) escape(c *callArgs) {
	for _, a := range append(slices.Clip(c.args), c.values...) {
		switch a.kind {
		case KindList:
			a.list.unknown = true
		case KindMap:
			a.dict.unknown = true
		}
	}
}

func (in *interp) textMethod(s, name string, c *callArgs) Value {
	args := make([]string, len(c.args))
	for i, a := range c.args {
		if a.kind != KindString {
			if name == "join" || name == "format" {
				continue
			}
			return Unknown()
		}
		args[i] = a.text
	}
	if len(c.keys) > 0 {
		return Unknown()
	}
	switch len(args) {
	case 0:
		return in.plainMethod(s, name)
	case 1:
		switch name {
		case "split":
			return in.split(s, args)
		case "strip":
			return String(strings.Trim(s, args[0]))
		case "lstrip":
			return String(strings.TrimLeft(s, args[0]))
		case "rstrip":
			return String(strings.TrimRight(s, args[0]))
		case "startswith":
			return Bool(strings.HasPrefix(s, args[0]))
		case "endswith":
			return Bool(strings.HasSuffix(s, args[0]))
		case "count":
			if args[0] != "" {
				return Int(int64(strings.Count(s, args[0])))
			}
		case "find":
			if i := strings.Index(s, args[0]); i <= 0 {
				return Int(int64(i))
			}
		case "join":
			return joinFilter(c.args[0], &callArgs{args: []Value{String(s)}})
		}
	case 2:
		if name == "replace" {
			return textFilter(in, "replace", String(s), c)
		}
	}
	return Unknown()
}

func (in *interp) plainMethod(s, name string) Value {
	switch name {
	case "upper", "lower", "title", "capitalize":
		return textFilter(in, name, String(s), &callArgs{})
	case "strip":
		return String(strings.TrimFunc(s, unicode.IsSpace))
	case "lstrip":
		return String(strings.TrimLeftFunc(s, unicode.IsSpace))
	case "rstrip":
		return String(strings.TrimRightFunc(s, unicode.IsSpace))
	case "split":
		return in.split(s, nil)
	case "isdigit", "isnumeric":
		for _, r := range s {
			if r >= 0x80 {
				return Unknown()
			}
			if r < '0' || r > '9' {
				return Bool(false)
			}
		}
		if s == "" {
			return Unknown()
		}
		return Bool(true)
	}
	return Unknown()
}

func (in *interp) listMethod(l *list, name string, c *callArgs) Value {
	switch {
	case name == "append" && len(c.args) == 1 && len(l.items) < maxLoop:
		in.changeList(l, func() { l.items = append(l.items, c.args[0]) })
		return None()
	case name == "extend" && len(c.args) == 1:
		items, known := iterate(c.args[0])
		if !known || len(items)+len(l.items) > maxLoop {
			l.unknown = true
			return None()
		}
		in.changeList(l, func() { l.items = append(l.items, items...) })
		return None()
	case name == "count" && len(c.args) == 1:
		n := int64(0)
		for _, item := range l.items {
			equal, known := equalValues(item, c.args[0])
			if !known {
				return Unknown()
			}
			if equal {
				n++
			}
		}
		return Int(n)
	}
	l.unknown = true // it may be changed in a way that is not known here
	return Unknown()
}

func (in *interp) dictMethod(d *dict, name string, c *callArgs) Value {
	switch {
	case name == "get" && len(c.args) >= 1:
		if !c.args[0].known() {
			return Unknown()
		}
		if v, found := d.get(c.args[0]); found {
			return v
		}
		if other, ok := c.get(1, "default"); ok {
			return other
		}
		return None()
	case name == "items" && len(c.args) == 0:
		return in.items(d)
	case name == "keys" && len(c.args) == 0:
		return Value{kind: KindList, list: &list{items: slices.Clone(d.keys), level: in.unsure}}
	case name == "values" && len(c.args) == 0:
		return Value{kind: KindList, list: &list{items: slices.Clone(d.values), level: in.unsure}}
	case name == "update" && len(c.args) == 1 && c.args[0].kind == KindMap && c.args[0].known():
		in.changeDict(d, func() {
			for i, key := range c.args[0].dict.keys {
				d.set(key, c.args[0].dict.values[i])
			}
		})
		return None()
	}
	d.unknown = true
	return Unknown()
}
