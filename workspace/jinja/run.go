package jinja

import "github.com/dbt-hybrid/dbt-hybrid/workspace/secret"

// Context is what a template can see when it is evaluated.
type Context struct {
	// Env looks a variable up. Nil means that none is known to exist or not:
	// then every outcome without a default is Missing.
	Env func(name string) (secret.Text, bool)
	// Secrets allows DBT_ENV_SECRET… names: they yield an opaque text.
	// Elsewhere they are Refused.
	Secrets bool
	// Execute is the value of `execute`: false for parse and list.
	Execute bool
	// Globals are the names whose values are known. They go before everything
	// that this package knows itself.
	Globals map[string]Value
	// Var looks up a project variable for var(). Nil: var() is Unknown unless
	// it stands in Globals.
	Var func(name string) (Var, bool)
	// Macro finds a macro of the project or a package; pkg is "" for the
	// project's own. Nil or a nil macro: the call's value is Unknown.
	Macro func(pkg, name string) *Macro
	// Adapter is the type of the connection, for adapter.dispatch.
	Adapter string
}

// Var is a project variable: a value, or a text that is rendered when it is read.
type Var struct {
	Value    Value
	Template *Template
}

// Result is what an evaluation found.
type Result struct {
	Value Value  // of a lone {{ expr }} its own, else the text; Unknown when not known
	Text  string // the rendered text, when Known; it may hold values of variables
	Known bool
	Uses  []Use
}

// Outcome is what one evaluation of env_var gave.
type Outcome int

// The outcomes of env_var.
const (
	Found     Outcome = iota // the variable exists
	Defaulted                // it does not, and the default was used
	Missing                  // it does not, and there is no default: the engine stops
	Refused                  // a blocked name: _DBT…, or a secret where none is allowed
	Dynamic                  // the name is not known
)

// Use is one evaluation of env_var.
type Use struct {
	Call     *Call
	Template *Template // the template that Call stands in
	In       *Macro    // the macro that Call stands in, nil outside
	Name     string
	Outcome  Outcome
	Certain  bool        // the engine surely evaluates it
	Via      *Invocation // the call in the evaluated template that leads there; nil when it stands there itself
	// Rendered is set for a call that stands in no file: in the value of a variable.
	Rendered bool
}

// Run evaluates t.
func (t *Template) Run(ctx *Context) Result { return Result{} }

// Run evaluates m with arguments by position.
func (m *Macro) Run(ctx *Context, args ...Value) Result { return Result{} }
