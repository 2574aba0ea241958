package report

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// StatusEnv is what dbt makes of .env.
type StatusEnv struct {
	File      string      `json:"file"`
	Found     bool        `json:"found"`
	StopsAt   *StatusStop `json:"stopsAt"`
	Variables int         `json:"variables"`
	Lost      []string    `json:"lost"`
}

// StatusStop is the place at which dbt stops reading .env.
type StatusStop struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Reason string `json:"reason"`
}

// StatusVariable is one name that a call or an environment file mentions.
type StatusVariable struct {
	Name      string       `json:"name"`
	Required  bool         `json:"required"`
	State     string       `json:"state"`
	Source    *string      `json:"source"`
	Line      *int         `json:"line"`
	Secret    bool         `json:"secret"`
	Value     *string      `json:"value"`
	InExample bool         `json:"inExample"`
	Calls     []StatusCall `json:"calls"`
}

// StatusCall is one env_var(…).
type StatusCall struct {
	File        string `json:"file"`
	Line        int    `json:"line"`
	Column      int    `json:"column"`
	Default     bool   `json:"default"`
	Conditional bool   `json:"conditional"`
	Scope       string `json:"scope"`
}

func (b statusBuilder) env() StatusEnv {
	out := StatusEnv{File: shorten(b.cwd, b.EnvFile.Path), Found: b.EnvFile.Exists(), Lost: []string{}}
	if !out.Found {
		return out
	}
	file := b.EnvFile.Dotenv()
	if file.Stop != nil {
		at := file.Lines().Position(file.Stop.At.Start)
		out.StopsAt = &StatusStop{at.Line, at.Column, file.Stop.Reason.Message()}
	}
	for _, v := range b.Project.Variables {
		switch {
		case v.State == workspace.Lost:
			out.Lost = append(out.Lost, v.Name)
		case v.Source == workspace.FromEnvFile || v.State == workspace.Shadowed:
			out.Variables++
		}
	}
	return out
}

func (b statusBuilder) variable(v *workspace.Variable) StatusVariable {
	out := StatusVariable{
		Name: v.Name, Required: v.Need == workspace.NeedParse, State: string(v.State), Source: optional(string(v.Source)),
		Secret: v.Secret, InExample: v.Example != nil, Calls: []StatusCall{},
	}
	if value, ok := b.Env.Lookup(v.Name); ok {
		shown := secret.Mask
		if b.reveal {
			shown = value.Reveal()
		}
		out.Value = &shown
	}
	if entry := lineOf(b.Project, v); entry != nil {
		line := b.EnvFile.Lines().Position(entry.Key.Start).Line
		out.Line = &line
	}
	for _, c := range v.Calls {
		if c.Package == "" && !c.Derived {
			out.Calls = append(out.Calls, b.call(c))
		}
	}
	return out
}

// lineOf returns the line of .env that defines a variable: the one that counts,
// or else the first that is lost.
func lineOf(p *workspace.Project, v *workspace.Variable) *dotenv.Entry {
	if entry, ok := p.Env.Entry(v.Name); ok {
		return entry
	}
	return p.FirstEntry(v)
}

func (b statusBuilder) call(c *workspace.Call) StatusCall {
	at := c.File.Lines().Position(c.Token.Start)
	return StatusCall{b.Rel(c.File.Path), at.Line, at.Column, c.Default, c.Conditional, c.Scope}
}

func (b statusBuilder) variablesNode(out StatusProject) Node {
	env := out.Env
	node := Node{Key: "variables", Label: "variables", Value: plural(env.Variables, "variable"), Mark: MarkOK, From: b.whole(b.EnvFile.Path)}
	switch {
	case !env.Found:
		node.Value, node.Mark, node.From = "no "+env.File, MarkOff, nil
	case env.StopsAt != nil:
		node.Value, node.Mark = fmt.Sprintf("dbt stops at line %d and loses %d", env.StopsAt.Line, len(env.Lost)), MarkError
	}
	for i, v := range out.Variables {
		if len(v.Calls) > 0 {
			node.Children = append(node.Children, b.variableNode(b.Project.Variables[i], v))
		}
	}
	return node
}

func (b statusBuilder) variableNode(v *workspace.Variable, out StatusVariable) Node {
	node := Node{Key: out.Name, Label: out.Name, Value: out.State, Mark: MarkOK}
	switch {
	case out.Value != nil && v.State != workspace.Empty:
		node.Value = "= " + *out.Value
	case v.State == workspace.Missing && !out.Required:
		node.Value, node.Mark = "missing, not required", MarkOff
	case out.Required && (v.State == workspace.Missing || v.State == workspace.Lost):
		node.Mark = MarkError
	}
	switch {
	case out.Line != nil && v.Source == workspace.FromEnvFile:
		node.From = &Place{fmt.Sprintf("%s:%d", shorten(b.cwd, b.EnvFile.Path), *out.Line), b.EnvFile.Path, *out.Line, 1}
	case out.Source != nil:
		node.From = &Place{Text: *out.Source}
	}
	return node
}
