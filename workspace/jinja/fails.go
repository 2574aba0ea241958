package jinja

import "strings"

// What the engine refuses while it renders (asked of 2.0.0-alpha.4). Only what
// is certain is here: a text that may fail is Unknown and nothing more.

// filters are the filters of the engine, tests its tests. bareFilters are missing
// in profiles.yml.
const (
	filters = " abs attr batch bool capitalize d default dictsort e escape first float format groupby indent int items join" +
		" last length count lines list lower map max min pprint reject rejectattr replace reverse round safe select selectattr" +
		" slice sort split string sum title tojson trim unique upper urlencode as_text as_bool as_native as_number is_list "
	fullFilters = " filesizeformat random truncate wordcount wordwrap pluralize datetimeformat dateformat timeformat "
	tests       = " boolean defined divisibleby endingwith eq equalto escaped even false filter float ge gt greaterthan in int" +
		" integer iterable le lessthan lower lt mapping ne none number odd safe sameas sequence startingwith string test true" +
		" undefined upper "
	fullTests = " callable "
	// bareNames are what profiles.yml knows besides the template's own names.
	bareNames = " dbt_version debug dict diff_of_two_dicts env_var exceptions fromjson fromyaml local_md5 log namespace print" +
		" range render set set_strict tojson toyaml try_or_compiler_error zip zip_strict "
	textMethods = " capitalize casefold center count endswith expandtabs find format format_map index isalnum isalpha" +
		" isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip" +
		" maketrans partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines" +
		" startswith strip swapcase title translate upper zfill "
	listMethods = " append clear copy count extend index insert pop remove sort "
)

func listed(words, name string) bool { return strings.Contains(words, " "+name+" ") }

// fail notes that the engine surely fails here, if it gets to the value that is
// being rendered. What the files themselves say is nobody's value.
func (in *interp) fail() {
	if in.rounds > 0 && in.unsure == in.base {
		in.failed = true
	}
}

// knowsFilter reports whether the engine has a filter, in profiles.yml or elsewhere.
func (in *interp) knowsFilter(name string) bool {
	return listed(filters, name) || listed(fullFilters, name) && !in.ctx.Bare
}

func (in *interp) knowsTest(name string) bool {
	return listed(tests, name) || listed(fullTests, name) && !in.ctx.Bare
}

// opaque reports whether dbt gives a name a value that this package does not know.
func (in *interp) opaque(name string) bool {
	if in.ctx.Bare {
		return listed(bareNames, name)
	}
	return reserved(name)
}

// opens checks that something can be looked for in v: an attribute, an item.
func (in *interp) opens(v Value) (ok bool) {
	if v.kind == KindUndefined && in.ctx.Strict {
		in.fail()
		return false
	}
	return true
}

// failsToCall reports whether a value surely has no method of a name, and notes
// that. In profiles.yml most methods are missing.
func (in *interp) failsToCall(v Value, name string) bool {
	switch {
	case v.kind == KindUndefined:
		return !in.opens(v)
	case v.kind == KindString && !in.ctx.Bare && listed(textMethods, name),
		v.kind == KindList && listed(listMethods, name) && (!in.ctx.Bare || name != "count" && name != "index"),
		v.kind == KindMap && (!in.ctx.Bare || !listed(" get items keys values ", name)),
		v.kind != KindString && v.kind != KindList && v.kind != KindMap:
		return false
	}
	in.fail()
	return true
}

// failingSign notes a sign in front of what is no number.
func (in *interp) failingSign(o op, v Value) {
	if o != opNot && (v.kind == KindUndefined || v.kind == KindString) {
		in.fail()
	}
}

// failing notes an operation that surely fails. l and r are known.
func (in *interp) failing(o op, l, r Value) {
	if !l.known() || !r.known() {
		return
	}
	switch number := func(v Value) bool { return v.kind == KindInt || v.kind == KindFloat }; o {
	case opAdd, opSub:
		if number(l) && r.kind == KindString || l.kind == KindString && (number(r) || o == opSub && r.kind == KindString) {
			in.fail()
		}
		if number(r) && l.kind == KindUndefined || number(l) && r.kind == KindUndefined {
			in.opens(Undefined())
		}
	case opMul:
		if l.kind == KindString && r.kind == KindString {
			in.fail()
		}
	case opMod, opFloorDiv:
		if l.kind == KindInt && r.kind == KindInt && r.int == 0 {
			in.fail()
		}
	case opIn:
		if number(r) {
			in.fail()
		}
	}
}
