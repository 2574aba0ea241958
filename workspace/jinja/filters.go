package jinja

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// filter applies a filter (minijinja/src/filters.rs, dbt-jinja-filters of dbt).
// What the engine refuses is Unknown, as is a filter that is not known here.
func (in *interp) filter(name string, v Value, c *callArgs) Value {
	if !in.knowsFilter(name) {
		in.fail()
		return Unknown()
	}
	if c.open || !v.known() {
		return Unknown()
	}
	for _, a := range append(slices.Clip(c.args), c.values...) {
		if !a.known() {
			return Unknown()
		}
	}
	switch name {
	case "as_native":
		return v
	case "as_text":
		return asText(v)
	case "as_bool":
		return asBool(v)
	case "as_number":
		return asNumber(v)
	case "int":
		return toInt(v, c)
	case "float":
		return toFloat(v)
	case "string":
		if v.kind == KindString {
			return v
		}
		return shown(v, func(s string) string { return s })
	case "bool":
		truth, known := v.truth()
		if !known {
			return Unknown()
		}
		return Bool(truth)
	case "default", "d":
		return fallback(v, c)
	case "tojson":
		return toJSON(v)
	case "abs", "round":
		return rounding(name, v, c)
	case "length", "count":
		return length(v)
	case "list", "items":
		return in.toList(name, v)
	case "first", "last", "reverse", "sum", "min", "max", "unique", "sort":
		return in.listFilter(name, v, c)
	case "join":
		return joinFilter(v, c)
	case "is_list":
		return Bool(v.kind == KindList)
	}
	return textFilter(in, name, v, c)
}

// shown applies f to what {{ v }} prints.
func shown(v Value, f func(string) string) Value {
	s, ok := show(v)
	if !ok {
		return Unknown()
	}
	return limited(f(s))
}

func textFilter(in *interp, name string, v Value, c *callArgs) Value {
	s, ok := show(v)
	if !ok || len(c.keys) > 0 {
		return Unknown()
	}
	args := make([]string, len(c.args))
	for i, a := range c.args {
		if args[i], ok = show(a); !ok {
			return Unknown()
		}
	}
	switch {
	case name == "upper" && len(args) == 0:
		return String(upper(s))
	case name == "lower" && len(args) == 0:
		return String(strings.ToLower(s))
	case name == "title" && len(args) == 0:
		return String(title(s))
	case name == "capitalize" && len(args) == 0:
		return String(capitalize(s))
	case name == "trim" && len(args) == 0:
		return String(strings.TrimFunc(s, unicode.IsSpace))
	case name == "trim" && len(args) == 1:
		return String(strings.Trim(s, args[0]))
	case name == "replace" && len(args) == 2:
		if len(s)*(len(args[1])+1) > maxText {
			return Unknown()
		}
		return String(strings.ReplaceAll(s, args[0], args[1]))
	case name == "split" && len(args) <= 1:
		return in.split(s, args)
	case name == "lines" && len(args) == 0:
		return in.texts(strings.Split(strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n"))
	}
	return Unknown()
}

// upper is Go's but for the letters whose upper case is several.
func upper(s string) string {
	return strings.ToUpper(strings.ReplaceAll(s, "ß", "SS"))
}

func title(s string) string {
	first := true
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r < 0x80 && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			first = true
			return r
		}
		if first {
			first = false
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, s)
}

func capitalize(s string) string {
	for i := range s {
		if i > 0 {
			return upper(s[:i]) + strings.ToLower(s[i:])
		}
	}
	return upper(s)
}

func (in *interp) texts(parts []string) Value {
	l := &list{level: in.unsure}
	if len(parts) > maxLoop {
		l.unknown = true
		return Value{kind: KindList, list: l}
	}
	for _, p := range parts {
		l.items = append(l.items, String(p))
	}
	return Value{kind: KindList, list: l}
}

func (in *interp) split(s string, args []string) Value {
	switch {
	case len(args) == 0:
		return in.texts(strings.Fields(s))
	case args[0] == "":
		return Unknown()
	}
	return in.texts(strings.Split(s, args[0]))
}

func asText(v Value) Value {
	switch v.kind {
	case KindString:
		return v
	case KindNone:
		return String("")
	case KindBool, KindInt, KindFloat:
		return shown(v, func(s string) string { return s })
	}
	return Unknown()
}

// asBool follows 2.0.0-alpha.4: these four spellings are booleans, other texts
// stay texts.
func asBool(v Value) Value {
	switch v.kind {
	case KindNone:
		return Bool(false)
	case KindString:
		switch v.text {
		case "true", "True":
			return Bool(true)
		case "false", "False":
			return Bool(false)
		}
		return v
	case KindUndefined, KindBool, KindInt, KindFloat, KindList, KindMap:
		return v
	}
	return Unknown()
}

func asNumber(v Value) Value {
	switch v.kind {
	case KindUndefined, KindBool, KindInt, KindFloat:
		return v
	case KindNone:
		return Int(0)
	case KindString:
		if n, err := strconv.ParseInt(v.text, 10, 32); err == nil {
			return Int(n)
		}
		return v
	}
	return Unknown()
}

func toInt(v Value, c *callArgs) Value {
	if len(c.args) > 1 || len(c.keys) > 1 || len(c.keys) == 1 && c.keys[0] != "default" {
		return Unknown()
	}
	otherwise, given := c.get(0, "default")
	if !given {
		otherwise = Int(0)
	} else if otherwise.kind != KindInt {
		return Unknown()
	}
	switch v.kind {
	case KindNone:
		return otherwise
	case KindBool:
		return Int(v.int)
	case KindInt:
		return v
	case KindFloat:
		return truncate(v.num)
	case KindString:
		return parseInt(v.text, otherwise)
	case KindList, KindMap:
		return otherwise
	}
	return Unknown()
}

func parseInt(s string, otherwise Value) Value {
	s = strings.ToLower(strings.TrimFunc(s, unicode.IsSpace))
	base := 10
	if len(s) > 1 && s[0] == '0' {
		switch s[1] {
		case 'b':
			base, s = 2, s[2:]
		case 'o':
			base, s = 8, s[2:]
		case 'x':
			base, s = 16, s[2:]
		}
	}
	n, err := strconv.ParseInt(s, base, 64)
	switch {
	case err == nil:
		return Int(n)
	case isRange(err):
		return Unknown()
	}
	if f, ok := parseFloat(s); ok {
		return truncate(f)
	}
	return otherwise
}

// truncate makes an integer of a float; one that is none is 0, as in Rust.
func truncate(f float64) Value {
	switch {
	case math.IsNaN(f):
		return Int(0)
	case math.Abs(f) >= 1<<62:
		return Unknown()
	}
	return Int(int64(f))
}

// parseFloat reads what Rust's parse::<f64> reads.
func parseFloat(s string) (float64, bool) {
	if strings.ContainsAny(s, "_xXpP") {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || isRange(err)
}

func toFloat(v Value) Value {
	switch v.kind {
	case KindUndefined, KindNone:
		return Float(0)
	case KindString:
		if f, ok := parseFloat(v.text); ok {
			return Float(f)
		}
	case KindBool, KindInt:
		return Float(float64(v.int))
	case KindFloat:
		return v
	}
	return Unknown()
}

func fallback(v Value, c *callArgs) Value {
	use := v.kind == KindUndefined
	if force, ok := c.get(1, "boolean"); ok {
		if truth, _ := force.truth(); truth {
			truth, _ := v.truth()
			use = !truth
		}
	}
	if !use {
		return v
	}
	if other, ok := c.get(0, "default_value"); ok {
		return other
	}
	return String("")
}

func rounding(name string, v Value, c *callArgs) Value {
	switch {
	case v.kind == KindInt && name == "round":
		return v
	case v.kind == KindInt && v.int != math.MinInt64:
		return Int(max(v.int, -v.int))
	case v.kind == KindFloat && name == "abs":
		return Float(math.Abs(v.num))
	case v.kind != KindFloat || len(c.keys) > 0 || len(c.args) > 1:
		return Unknown()
	}
	scale := 1.0
	if len(c.args) == 1 {
		if c.args[0].kind != KindInt || c.args[0].int < 0 || c.args[0].int > 20 {
			return Unknown()
		}
		scale = math.Pow(10, float64(c.args[0].int))
	}
	return Float(math.Round(scale*v.num) / scale)
}

func length(v Value) Value {
	switch v.kind {
	case KindUndefined, KindNone:
		return Int(0)
	case KindString:
		return Int(int64(len([]rune(v.text))))
	case KindList:
		return Int(int64(len(v.list.items)))
	case KindMap:
		return Int(int64(len(v.dict.keys)))
	}
	return Unknown()
}

func (in *interp) toList(name string, v Value) Value {
	if name == "items" {
		if v.kind != KindMap {
			return Unknown()
		}
		return in.items(v.dict)
	}
	items, known := iterate(v)
	if !known || len(items) > maxLoop {
		return Unknown()
	}
	return Value{kind: KindList, list: &list{items: slices.Clone(items), level: in.unsure}}
}

func (in *interp) items(d *dict) Value {
	l := &list{level: in.unsure}
	for i, key := range d.keys {
		l.items = append(l.items, Value{kind: KindList, list: &list{items: []Value{key, d.values[i]}, tuple: true}})
	}
	return Value{kind: KindList, list: l}
}

func (in *interp) listFilter(name string, v Value, c *callArgs) Value {
	items, known := iterate(v)
	if !known || len(c.args) > 0 || len(c.keys) > 0 || v.kind == KindMap && name == "reverse" || len(items) > maxLoop {
		return Unknown()
	}
	made := func(items []Value) Value {
		return Value{kind: KindList, list: &list{items: items, level: in.unsure}}
	}
	if v.kind == KindUndefined && name == "reverse" {
		return v
	}
	switch name {
	case "first", "last":
		switch {
		case len(items) == 0:
			return Undefined()
		case name == "first":
			return items[0]
		}
		return items[len(items)-1]
	case "reverse":
		back := slices.Clone(items)
		slices.Reverse(back)
		if v.kind != KindString {
			return made(back)
		}
		var b strings.Builder
		for _, r := range back {
			b.WriteString(r.text)
		}
		return String(b.String())
	case "sum":
		total := Int(0)
		for _, item := range items {
			total = arithmetic(opAdd, total, item)
		}
		return total
	case "unique":
		var once []Value
		for _, item := range items {
			if found := among(once, item); found.kind == KindUnknown {
				return Unknown()
			} else if found.int == 0 {
				once = append(once, item)
			}
		}
		return made(once)
	case "sort":
		return sorted(items, made)
	}
	return extreme(items, name == "max")
}

// sorted sorts numbers, or texts without a look at their case.
func sorted(items []Value, made func([]Value) Value) Value {
	known := true
	result := slices.Clone(items)
	slices.SortStableFunc(result, func(a, b Value) int {
		if a.kind == KindString && b.kind == KindString {
			return strings.Compare(strings.ToLower(a.text), strings.ToLower(b.text))
		}
		order, ok := compareValues(a, b)
		known = known && ok
		return order
	})
	if !known {
		return Unknown()
	}
	return made(result)
}

func extreme(items []Value, largest bool) Value {
	best := Undefined()
	for i, item := range items {
		if i == 0 {
			best = item
			continue
		}
		order, known := compareValues(item, best)
		if !known {
			return Unknown()
		}
		if largest && order >= 0 || !largest && order < 0 {
			best = item
		}
	}
	return best
}

func joinFilter(v Value, c *callArgs) Value {
	if len(c.keys) > 0 || len(c.args) > 1 {
		return Unknown()
	}
	between := ""
	if len(c.args) == 1 {
		s, ok := show(c.args[0])
		if !ok {
			return Unknown()
		}
		between = s
	}
	if v.kind == KindNone {
		return String("")
	}
	items, known := iterate(v)
	if !known {
		return Unknown()
	}
	var b strings.Builder
	for _, item := range items {
		s, ok := show(item)
		if !ok || b.Len() > maxText {
			return Unknown()
		}
		if b.Len() > 0 { // as the engine: an empty first item gets no separator
			b.WriteString(between)
		}
		b.WriteString(s)
	}
	return limited(b.String())
}

// toJSON writes JSON as Python does, with a space after colon and comma.
func toJSON(v Value) Value {
	var b strings.Builder
	if !writeJSON(&b, v, 0) {
		return Unknown()
	}
	return String(b.String())
}

func writeJSON(b *strings.Builder, v Value, depth int) bool {
	if depth > maxShow || b.Len() > maxText || !v.known() {
		return false
	}
	switch v.kind {
	case KindNone:
		b.WriteString("null")
	case KindBool:
		b.WriteString(strconv.FormatBool(v.int != 0))
	case KindInt:
		b.WriteString(strconv.FormatInt(v.int, 10))
	case KindFloat:
		return false
	case KindString:
		return writeJSONText(b, v.text)
	case KindList:
		b.WriteByte('[')
		for i, item := range v.list.items {
			if i > 0 {
				b.WriteString(", ")
			}
			if !writeJSON(b, item, depth+1) {
				return false
			}
		}
		b.WriteByte(']')
	case KindMap:
		b.WriteByte('{')
		for i, key := range v.dict.keys {
			if i > 0 {
				b.WriteString(", ")
			}
			if key.kind != KindString || !writeJSONText(b, key.text) {
				return false
			}
			b.WriteString(": ")
			if !writeJSON(b, v.dict.values[i], depth+1) {
				return false
			}
		}
		b.WriteByte('}')
	default:
		return false
	}
	return true
}

// writeJSONText writes a text as JSON that is safe inside HTML, as Jinja does.
func writeJSONText(b *strings.Builder, s string) bool {
	out, err := json.Marshal(s)
	if err != nil || strings.ContainsAny(s, "\u2028\u2029\b\f\x7f") {
		return false
	}
	b.WriteString(strings.ReplaceAll(string(out), "'", `\u0027`))
	return true
}

// format evaluates 'text %s' % value for %s and %d without flags.
func format(s string, v Value) Value {
	args := []Value{v}
	if v.kind == KindList {
		args = v.list.items
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i == len(s) {
			return Unknown()
		}
		if s[i] == '%' {
			b.WriteByte('%')
			continue
		}
		if len(args) == 0 || s[i] != 's' && (s[i] != 'd' || args[0].kind != KindInt) {
			return Unknown()
		}
		part, ok := show(args[0])
		if !ok {
			return Unknown()
		}
		b.WriteString(part)
		args = args[1:]
	}
	if len(args) > 0 {
		return Unknown()
	}
	return limited(b.String())
}

// rangeOf evaluates range(stop) and range(start, stop, step).
func rangeOf(c *callArgs) Value {
	if c.open || len(c.keys) > 0 || len(c.args) == 0 || len(c.args) > 3 {
		return Unknown()
	}
	bounds := []int64{0, 0, 1}
	for i, a := range c.args {
		if a.kind != KindInt {
			return Unknown()
		}
		bounds[i] = a.int
	}
	if len(c.args) == 1 {
		bounds[0], bounds[1] = 0, bounds[0]
	}
	if bounds[2] <= 0 || bounds[1]-bounds[0] > maxLoop*bounds[2] {
		return Unknown()
	}
	var items []Value
	for i := bounds[0]; i < bounds[1]; i += bounds[2] {
		items = append(items, Int(i))
	}
	return List(items...)
}

func (in *interp) newDict(c *callArgs, namespace bool) Value {
	d := &dict{namespace: namespace, level: in.unsure, unknown: c.open}
	if len(c.args) == 1 {
		if c.args[0].kind != KindMap {
			return Unknown()
		}
		for i, key := range c.args[0].dict.keys {
			d.set(key, c.args[0].dict.values[i])
		}
		d.unknown = d.unknown || c.args[0].dict.unknown
	}
	for i, key := range c.keys {
		d.set(String(key), c.values[i])
	}
	return Value{kind: KindMap, dict: d}
}
