package jinja

import "github.com/dbt-hybrid/dbt-hybrid/workspace/text"

// expr is one of the expression types below.
type expr interface{ where() text.Span }

// at is the place of an expression.
type at text.Span

func (a at) where() text.Span { return text.Span(a) }

type (
	constExpr struct {
		at
		value Value
		lit   *literal // set for a text: where its bytes come from
		hook  *Template
	}
	nameExpr struct {
		at
		id string
	}
	unaryExpr struct {
		at
		op op
		x  expr
	}
	binaryExpr struct {
		at
		op   op
		l, r expr
	}
	ifExpr struct {
		at
		cond, yes, no expr // no is nil without an else
	}
	filterExpr struct {
		at
		name string
		x    expr // nil at the head of a chain in {% filter %} and {% set x | f %}
		args []arg
	}
	testExpr struct {
		at
		name string
		x    expr
		args []arg
	}
	attrExpr struct {
		at
		x      expr
		name   string
		nameAt text.Span
	}
	itemExpr struct {
		at
		x, key expr
	}
	sliceExpr struct {
		at
		x, start, stop, step expr
	}
	callExpr struct {
		at
		fn   expr
		args []arg
		env  *Call
		ref  *Ref
		inv  *Invocation
	}
	listExpr struct {
		at
		items []expr
		tuple bool // written with parentheses or only commas
	}
	mapExpr struct {
		at
		keys, values []expr
	}
	// brokenExpr holds what could be read of an expression with a mistake.
	brokenExpr struct {
		at
		parts []expr
	}
)

// arg is an argument of a call, filter or test.
type arg struct {
	name  string // of a keyword argument
	x     expr
	splat int // 1 for *x, 2 for **x
}

// op is an operator.
type op int

const (
	opOr op = iota
	opAnd
	opNot
	opEq
	opNe
	opLt
	opLe
	opGt
	opGe
	opIn
	opAdd
	opSub
	opConcat
	opMul
	opDiv
	opFloorDiv
	opMod
	opPow
	opNeg
	opPos
)

// node is one of the statement types below.
type node interface{ isNode() }

type (
	textNode   struct{ text string }
	outputNode struct {
		x      expr
		opened int // where {{ stands
	}
	ifNode struct {
		branches []branch // the last has a nil condition when it is an else
	}
	branch struct {
		cond expr
		body []node
	}
	forNode struct {
		target     expr
		iter       expr
		filter     expr
		body, more []node // more is the else body
		recursive  bool
	}
	setNode struct {
		target, value expr
	}
	setBlockNode struct {
		target, filter expr
		body           []node
	}
	withNode struct {
		targets, values []expr
		body            []node
	}
	filterNode struct {
		filter expr
		body   []node
	}
	callNode struct {
		call   expr
		params []Param
		body   []node
	}
	doNode    struct{ x expr }
	groupNode struct {
		xs   []expr // evaluated first: the value of autoescape, the name of an include
		body []node
		sets []string // names that are given a value nobody knows: imports
		text bool     // it yields a text that is not known
	}
	macroNode struct{ m *Macro }
	jumpNode  struct{ loop loopJump }
)

type loopJump int

const (
	jumpBreak loopJump = iota
	jumpContinue
)

func (textNode) isNode()      {}
func (*outputNode) isNode()   {}
func (*ifNode) isNode()       {}
func (*forNode) isNode()      {}
func (*setNode) isNode()      {}
func (*setBlockNode) isNode() {}
func (*withNode) isNode()     {}
func (*filterNode) isNode()   {}
func (*callNode) isNode()     {}
func (*doNode) isNode()       {}
func (*groupNode) isNode()    {}
func (*macroNode) isNode()    {}
func (*jumpNode) isNode()     {}
