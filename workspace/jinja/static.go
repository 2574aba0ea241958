package jinja

// constText returns the content of a literal text.
func constText(x expr) (string, *literal) {
	if c, ok := x.(*constExpr); ok && c.lit != nil {
		return c.lit.value, c.lit
	}
	return "", nil
}

// foldText returns the text that an expression of literals makes: 'A' ~ '_B'.
func foldText(x expr) (string, bool) {
	switch x := x.(type) {
	case *constExpr:
		return x.value.text, x.lit != nil
	case *binaryExpr:
		if x.op == opConcat || x.op == opAdd {
			l, ok := foldText(x.l)
			if r, also := foldText(x.r); ok && also {
				return l + r, true
			}
		}
	}
	return "", false
}

// verdict is what a condition is without knowing any value.
type verdict int

const (
	isOpen verdict = iota
	isTrue
	isFalse
	ifExecute     // false while execute is
	unlessExecute // true while execute is not
)

// constant judges a literal as a condition.
func constant(v Value) verdict {
	switch truth, known := v.truth(); {
	case !known:
		return isOpen
	case truth:
		return isTrue
	}
	return isFalse
}

func negate(v verdict) verdict {
	switch v {
	case isTrue:
		return isFalse
	case isFalse:
		return isTrue
	case ifExecute:
		return unlessExecute
	case unlessExecute:
		return ifExecute
	}
	return v
}

func both(l, r verdict) verdict {
	switch {
	case l == isFalse || r == isFalse:
		return isFalse
	case l == ifExecute || r == ifExecute:
		return ifExecute
	case l == isTrue:
		return r
	case r == isTrue || l == r:
		return l
	}
	return isOpen
}

// children calls visit for every expression right below x.
func children(x expr, visit func(expr)) {
	each := func(xs ...expr) {
		for _, x := range xs {
			if x != nil {
				visit(x)
			}
		}
	}
	switch x := x.(type) {
	case *unaryExpr:
		each(x.x)
	case *binaryExpr:
		each(x.l, x.r)
	case *ifExpr:
		each(x.cond, x.yes, x.no)
	case *filterExpr:
		each(x.x)
		for _, a := range x.args {
			each(a.x)
		}
	case *testExpr:
		each(x.x)
		for _, a := range x.args {
			each(a.x)
		}
	case *attrExpr:
		each(x.x)
	case *itemExpr:
		each(x.x, x.key)
	case *sliceExpr:
		each(x.x, x.start, x.stop, x.step)
	case *callExpr:
		each(x.fn)
		for _, a := range x.args {
			each(a.x)
		}
	case *listExpr:
		each(x.items...)
	case *mapExpr:
		for i := range x.keys {
			each(x.keys[i], x.values[i])
		}
	case *brokenExpr:
		each(x.parts...)
	}
}
