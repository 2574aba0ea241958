package diagnostics

import (
	"bytes"
	"regexp"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
)

var envEmpty = Rule{
	Code:     "env-empty",
	Section:  EnvironmentFiles,
	Rank:     60,
	Severity: Warning,
	Scope:    Machine,
	Title:    "A variable is set to nothing, so that its default is not used",
	Fix:      "★ comment the line out if every call has a default",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, v := range p.Called {
			if len(v.Calls) == 0 || p.State(v) != workspace.Empty && !emptyBefore(p, v) {
				continue
			}
			if _, invalid := invalidSetting(p, deciding(p, v.Name)); !invalid {
				if effect := p.EmptyEffect(v); effect != "" || !all(v.Calls, emptyAnyway) && !(disables(v) && v2(p)) && !emptyBy(p, v) {
					report(empty(p, v, effect))
				}
			}
		}
	},
}

// emptyBefore reports whether an empty value goes before a line of .env and makes
// dbt stop. Where it does not, env-shadowed says enough.
func emptyBefore(p *workspace.Project, v *workspace.Variable) bool {
	if p.State(v) != workspace.Shadowed { // as nearly every variable is not: the lookup is slower
		return false
	}
	value, ok := p.Env.Lookup(v.Name)
	return ok && value.Empty() && p.EmptyEffect(v) != ""
}

// empty reports a variable; effect says why dbt stops, "" where it goes on.
func empty(p *workspace.Project, v *workspace.Variable, effect string) Finding {
	f := Finding{At: v.Calls[0].At(), Message: v.Name + " is set, but empty", Remedy: "Give it a value."}
	entry, inFile := p.Env.Entry(v.Name)
	if inFile {
		f.At = p.EnvFile.At(entry.Key())
		if !entry.Comment().Empty() {
			f.Message += " (what follows the # is a comment)"
		}
	}
	defaults := all(v.Calls, func(c *workspace.Call) bool { return c.Default })
	switch {
	case effect != "":
		f.Severity, f.Refuses = Error, true
		f.Message += ": " + effect + ", and dbt stops."
	case defaults:
		f.Message += ": its default is not used."
	default:
		f.Message += ": a call gives the empty text."
		if v.Need == workspace.NeedElsewhere {
			f.Severity = Info
		}
	}
	if ref, ok := emptyingRef(p, v); ok && inFile {
		f.Related = append(f.Related, Related{p.EnvFile.At(ref.Span), "this gives nothing"})
	}
	for _, c := range v.Calls {
		if c.Package == "" && c.At() != f.At {
			f.Related = append(f.Related, Related{c.At(), "called here"})
		}
	}
	switch {
	case !inFile && p.Source(v) == workspace.FromEditor:
		f.Remedy = "Give it a value in dbt.environmentVariables, or remove it there."
	case !inFile:
		f.Remedy = "Give it a value in the shell, or unset it there."
	case defaults:
		f.Remedy = "Give it a value, or comment the line out."
		f.Fixes = []Fix{commentOut(p, entry)}
	default:
		f.Fixes = []Fix{{Title: "Give " + v.Name + " a value", Cursor: &Cursor{p.EnvFile.Path, entry.Value().Start}}}
	}
	return f
}

// commentOut makes the default count. A value that refers to another variable
// may be meant, and only that one be missing; and where another line has the
// name, that line would count.
func commentOut(p *workspace.Project, entry *dotenv.Entry) Fix {
	env := p.EnvFile.Dotenv()
	name, plain := env.Name(entry), !bytes.ContainsRune(entry.Value().Of(p.EnvFile.Content), '$')
	for i := range env.Entries {
		other := &env.Entries[i]
		plain = plain && (env.Name(other) != name || other.Line() == entry.Line())
	}
	return Fix{
		Title: "Comment " + name + " out, so that its default is used", Safe: plain, Preferred: plain,
		Edits: edits(p.EnvFile, env.CommentOut(entry)),
	}
}

func all(calls []*workspace.Call, holds func(*workspace.Call) bool) bool {
	for _, c := range calls {
		if !holds(c) {
			return false
		}
	}
	return true
}

// secondArgument takes apart what stands behind the name of a call with a text
// as its default: the quote that closes the name, and the quotes of the default
// if that is empty.
var secondArgument = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(['"\\]+)\s*,\s*(?:default\s*=\s*)?(['"\\]+)\s*\)$`)
})

// emptyAnyway reports whether the default of a call is the empty text.
func emptyAnyway(c *workspace.Call) bool {
	if c.NameAt.Empty() {
		return false
	}
	m := secondArgument().FindSubmatch(c.File.Content[c.NameAt.End:c.Span.End])
	return m != nil && len(m[2]) == 2*len(m[1])
}
