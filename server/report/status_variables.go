package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/server/words"
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
	out := StatusEnv{File: b.short(b.EnvFile.Path), Found: b.EnvFile.Exists(), Lost: []string{}}
	if !out.Found {
		return out
	}
	file := b.EnvFile.Dotenv()
	if file.Stop != nil {
		at := file.Lines().Position(file.Stop.At.Start)
		out.StopsAt = &StatusStop{at.Line, at.Column, file.Stop.Reason.Message()}
	}
	for i := range b.Project.Variables {
		v := &b.Project.Variables[i]
		switch {
		case b.State(v) == workspace.Lost:
			out.Lost = append(out.Lost, v.Name)
		case b.Source(v) == workspace.FromEnvFile || b.State(v) == workspace.Shadowed:
			out.Variables++
		}
	}
	slices.Sort(out.Lost)
	return out
}

func (b statusBuilder) variable(v *workspace.Variable) StatusVariable {
	out := StatusVariable{
		Name: v.Name, Required: v.Need == workspace.NeedParse, State: b.State(v).String(), Source: words.Known(b.Source(v).String()),
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
		line := b.EnvFile.Lines().Position(entry.Key().Start).Line
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
	return StatusCall{b.Rel(c.File.Path), at.Line, at.Column, c.Default, c.Conditional, b.scope(c.Scope)}
}

// scope is that of a call. The name of a target that a variable gives is masked
// where the profile has no such target.
func (b statusBuilder) scope(scope string) string {
	target := b.targetName(chosen{Profile: b.Profile})
	if rest, ok := strings.CutSuffix(scope, "/"+b.Profile.Target); ok && target != nil && *target == secret.Mask && strings.HasPrefix(scope, "profiles:") {
		return rest + "/" + secret.Mask
	}
	return scope
}

func (b statusBuilder) variablesNode(out StatusProject) Node {
	env := out.Env
	node := Node{Key: "variables", Label: "variables", Mark: MarkOK, From: b.whole(b.EnvFile.Path)}
	var lacking []string
	promised := false // one of them is in the example
	for _, v := range out.Variables {
		if len(v.Calls) == 0 {
			continue
		}
		child := b.variableNode(b.Project.Variable(v.Name), v)
		if child.Mark == MarkError && v.State != workspace.Lost.String() {
			lacking = append(lacking, v.Name)
			promised = promised || v.InExample
		}
		node.Children = append(node.Children, child)
	}
	switch {
	case !env.Found:
		node.Value, node.From = "no .env", nil
		if why := b.EnvFile.Unreadable(); why != "" {
			node.Value = ".env is not read: " + why
		}
		if len(lacking) == 0 {
			node.Mark = MarkOff
		}
	case env.StopsAt != nil:
		node.Value, node.Mark = fmt.Sprintf("dbt stops at line %d of .env and loses %d", env.StopsAt.Line, len(env.Lost)), MarkError
		node.From = b.envPlace(env.StopsAt.Line, env.StopsAt.Column)
	default:
		node.Value = words.Plural(env.Variables, "variable") + " in .env"
	}
	if len(lacking) > 0 {
		node.Mark = MarkError
		node.Value += fmt.Sprintf(", %d missing", len(lacking))
	}
	switch {
	case b.EnvFile.Absent() && promised:
		node.Actions = []Action{{
			Title: "Create .env from " + b.Example.Name(), Command: CreateEnv, Arguments: []any{b.Root}, Typed: b.fixing("env-absent"),
		}}
	case env.StopsAt != nil:
		node.Actions = readAbout("env-parse", "Read how the line is to be written")
	case len(lacking) > 0:
		add := Action{Title: "Add the missing variables to .env", Command: AddVariables, Arguments: []any{b.Root}, Typed: b.fixing("env-missing")}
		if b.commented(lacking) {
			add.Title, add.Typed = "Uncomment the missing variables in .env, and write their values", ""
		}
		node.Actions = []Action{add}
	}
	if git := b.gitNode(); git != nil {
		node.Children = append([]Node{*git}, node.Children...)
	}
	for _, child := range node.Children {
		if child.Mark == MarkError || child.Mark == MarkWarning {
			node.Mark = worse(node.Mark, child.Mark)
		}
	}
	return node
}

// commented reports whether all of some variables stand in .env, as comments.
func (b statusBuilder) commented(names []string) bool {
	return b.EnvFile.Exists() && !slices.ContainsFunc(names, func(name string) bool {
		return len(b.EnvFile.Dotenv().CommentedAs(name)) == 0
	})
}

// fixing is the command line that makes the changes for the findings of rules in
// the project.
func (b statusBuilder) fixing(rules string) string {
	line := "dbt-hybrid check --fix --unsafe-fixes --select " + rules
	if root := near(b.Project, b.cwd, b.Root); root != "." {
		line += " " + quoted(root)
	}
	return line
}

// gitNode says whether git keeps its hands off .env; nil where there is nothing
// to say.
func (b statusBuilder) gitNode() *Node {
	path := b.EnvFile.Path
	if !b.EnvFile.Exists() || b.Git.Root == "" {
		return nil
	}
	node := &Node{Key: "git", Label: "git", Value: "ignores .env", Mark: MarkOK}
	if b.GitIgnore.Exists() {
		node.From = b.whole(b.GitIgnore.Path)
	}
	switch {
	case b.Git.Tracked(path):
		node.Value, node.Mark = "holds .env, with its values", MarkError
		node.Actions = []Action{{Title: "Take .env out of git", Shell: "git rm --cached " + quoted(near(b.Project, b.cwd, path))}}
	case !b.Git.Ignored(path):
		node.Value, node.Mark = "would take .env", MarkWarning
		node.Actions = []Action{{Title: "Apply all safe fixes: one adds .env to .gitignore", Command: FixAll, Typed: "dbt-hybrid check --fix"}}
	}
	return node
}

// quoted is a path as a word of a command line.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t'\"$&();<>|*?`\\") {
		return `"` + path + `"`
	}
	return path
}

func (b statusBuilder) variableNode(v *workspace.Variable, out StatusVariable) Node {
	node := Node{Key: out.Name, Label: out.Name, Value: out.State, Mark: MarkOK}
	switch {
	case b.State(v) == workspace.Lost && out.Required:
		node.Value, node.Mark = "lost, and every command needs it", MarkError
	case b.State(v) == workspace.Lost:
		node.Value, node.Mark = "lost", MarkWarning
	case b.State(v) == workspace.Missing && v.System():
		node.Value = "of the system"
	case b.State(v) == workspace.Missing:
		node.Value, node.Mark = missingValue(v)
		if supplier := b.Supplier(v.Name); supplier != nil && node.Mark != MarkOff {
			node.Value, node.Mark = "only in what "+b.short(supplier.Path)+" starts", MarkWarning
		}
	case out.Value != nil && b.reveal && b.State(v) != workspace.Empty:
		node.Value = "= " + *out.Value
	case b.State(v) == workspace.Shadowed:
		node.Value = "set; the line of .env has no effect"
	}
	switch {
	case out.Line != nil && (b.Source(v) == workspace.FromEnvFile || b.State(v) == workspace.Lost):
		node.From = b.envPlace(*out.Line, 1)
	case out.Source != nil:
		node.From = &Place{Text: *out.Source}
	default:
		node.From = b.callPlace(v)
	}
	return node
}

// missingValue says what comes of a variable that nothing sets.
func missingValue(v *workspace.Variable) (string, Mark) {
	switch v.Need {
	case workspace.NeedParse:
		return "missing, and every command needs it", MarkError
	case workspace.NeedLater:
		return "missing, and a command that reaches its call fails", MarkWarning
	case workspace.NeedMaybe:
		return "missing, needed under a condition", MarkOff
	case workspace.NeedElsewhere:
		return "missing, not needed here", MarkOff
	}
	if slices.ContainsFunc(v.Calls, func(c *workspace.Call) bool { return c.Default }) {
		return "default", MarkOff
	}
	return "missing, not needed here", MarkOff
}

func (b statusBuilder) envPlace(line, column int) *Place {
	return &Place{fmt.Sprintf("%s:%d", b.short(b.EnvFile.Path), line), b.EnvFile.Path, line, column}
}

// callPlace is the first call that needs a variable as much as any other.
func (b statusBuilder) callPlace(v *workspace.Variable) *Place {
	for _, c := range v.Calls {
		if c.Need == v.Need && c.Package == "" && !c.Derived {
			at := c.File.Lines().Position(c.Token.Start)
			return &Place{fmt.Sprintf("%s:%d", b.short(c.File.Path), at.Line), c.File.Path, at.Line, at.Column}
		}
	}
	return nil
}
