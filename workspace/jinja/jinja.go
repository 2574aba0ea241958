// Package jinja reads the Jinja of dbt: it finds the calls of env_var, ref and
// macros that the engine would evaluate, with their exact places, and it
// evaluates templates abstractly, with every value that is not known left open.
//
// The dialect is the one of dbt v2, which uses a fork of minijinja. Parsing
// never fails: what cannot be read is reported as a Problem, and the rest of
// the text is read all the same.
package jinja

import (
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Template is one parsed text. It never changes after Parse and may be used by
// several goroutines at once.
type Template struct {
	Source      string
	Calls       []*Call       // env_var(...), in order of their place
	Refs        []*Ref        // ref(...), in order of their place
	Invocations []*Invocation // every other call of a name, in order of their place
	Macros      []*Macro      // in order of their place; the last of one name counts
	Problems    []Problem
	Disabled    bool // config(enabled=false) stands in it, where dbt passes in any case

	body []node
}

// Call is one env_var(...) that the engine evaluates when it gets there.
type Call struct {
	Token  text.Span // the word env_var
	Span   text.Span // from the word to the closing parenthesis
	NameAt text.Span // between the quotes of the name; empty where that is not one literal
	Name   string    // what the name says, also when it is put together of literals; "" when Dynamic

	Dynamic     bool   // the name is not a literal text, or there is none
	Default     bool   // has a default, and it is not the literal none
	Conditional bool   // in a branch, a loop's body, `a if c else b`, or on the right of and/or
	Guarded     bool   // a condition around it, or its own expression, calls the same name with a default
	Execute     bool   // under {% if execute %}: not evaluated by parse and list
	Hook        bool   // inside text handed to pre_hook= or post_hook= in config(...)
	Dead        bool   // after config(enabled=false): the engine never gets there
	Macro       string // the macro around it (test_x for a generic test x), "" outside
	NoText      bool   // the name is a literal that is no text, or there is none: the engine stops
	Altered     bool   // a filter, a comparison, an index or a method works on its result
	Enables     bool   // stands in enabled= of config(...)

	DefaultAt text.Span // the default's expression; empty when there is none
}

// Invokes reports whether a template calls something by a name.
func (t *Template) Invokes(name string) bool {
	return slices.ContainsFunc(t.Invocations, func(i *Invocation) bool { return i.Package == "" && i.Name == name })
}

// Ref is one ref(...).
type Ref struct {
	Token     text.Span // the word ref
	Span      text.Span // from the word to the closing parenthesis
	PackageAt text.Span // between the quotes; empty for a ref of one argument
	ModelAt   text.Span // between the quotes; empty when not a literal
	Package   string
	Model     string
	Dynamic   bool // a name is not a literal text
	Dead      bool // after config(enabled=false)
	Hook      bool // inside text handed to a hook
	Macro     string

	Conditional bool // in a branch or a loop, or only under execute
}

// Invocation is a call of anything by a name, or by a name with a package.
type Invocation struct {
	Token   text.Span // the name, without the package
	Span    text.Span // from the package or name to the closing parenthesis
	Package string    // pkg in pkg.name(...), "" without one
	Name    string
	First   string    // the first argument where it is a literal text: var('x'), adapter.dispatch('x')
	FirstAt text.Span // between its quotes; empty where it is not a literal
	Dead    bool      // after config(enabled=false)
	Macro   string    // the macro around it
}

// Macro is a macro, generic test, materialization or test block.
type Macro struct {
	Name     string    // as it is called: test_x for a generic test x, materialization_x_default for a materialization
	Kind     string    // "macro", "test", "materialization", "snapshot", "docs"
	NameAt   text.Span // the name as it is written
	Span     text.Span // from {% to the end block's %}
	Body     text.Span // between the two
	Params   []Param
	Template *Template // the template it stands in

	body []node
}

// Param is a parameter of a macro.
type Param struct {
	Name    string
	At      text.Span
	Default expr // nil when it must be given
}

// Problem is something in a template that the engine refuses to read.
type Problem struct {
	Span    text.Span
	Message string
}
