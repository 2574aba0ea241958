package diagnostics

import (
	"fmt"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
)

var envEmpty = Rule{
	Code:     "env-empty",
	Severity: Warning,
	Scope:    Machine,
	Title:    "A variable is set to nothing, so that its default is not used",
	Fix:      "★ comment the line out if every call has a default",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, v := range p.Variables {
			if v.State == workspace.Empty && len(v.Calls) > 0 {
				report(empty(p, v))
			}
		}
	},
}

func empty(p *workspace.Project, v *workspace.Variable) Finding {
	f := Finding{At: v.Calls[0].At()}
	entry, inFile := p.Env.Entry(v.Name)
	if inFile {
		f.At = p.EnvFile.At(entry.Key)
	}
	for _, c := range v.Calls {
		if c.Package == "" {
			f.Related = append(f.Related, Related{c.At(), "called here"})
		}
	}
	f.Message = v.Name + " is set to the empty text" + comment(entry) + emptyEffect(v)
	f.Remedy = "Give it a value, or comment the line out."
	if effect := p.EmptyEffect(v); effect != "" {
		f.Severity, f.Refuses = Error, true
		f.Message = fmt.Sprintf("%s is set to the empty text%s: %s, and dbt stops.", v.Name, comment(entry), effect)
	}
	defaults := !slices.ContainsFunc(v.Calls, func(c *workspace.Call) bool { return !c.Default })
	switch {
	case inFile && defaults:
		f.Fixes = []Fix{{
			Title: "Comment " + v.Name + " out, so that its default is used", Safe: true, Preferred: true,
			Edits: edits(p.EnvFile, p.EnvFile.Dotenv().CommentOut(entry)),
		}}
	case inFile:
		f.Fixes = []Fix{{Title: "Give " + v.Name + " a value", Cursor: &Cursor{p.EnvFile.Path, entry.Value.Start}}}
	default:
		f.Remedy = "Unset it in the shell, or give it a value."
	}
	return f
}

func comment(entry *dotenv.Entry) string {
	if entry != nil && !entry.Comment.Empty() {
		return " (what follows the # is a comment)"
	}
	return ""
}

// emptyEffect says what comes of an empty value where dbt goes on.
func emptyEffect(v *workspace.Variable) string {
	if slices.ContainsFunc(v.Calls, func(c *workspace.Call) bool { return c.Default }) {
		return ": its default is not used."
	}
	return "."
}
