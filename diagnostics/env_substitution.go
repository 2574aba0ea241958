package diagnostics

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var envSubstitution = Rule{
	Code:     "env-substitution",
	Section:  EnvironmentFiles,
	Rank:     80,
	Severity: Warning,
	Scope:    Machine,
	Title:    "A $ in a value expands to something that is not meant",
	Fix:      "braces; single quotes",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.EnvFile.Exists() {
			return
		}
		file := p.EnvFile.Dotenv()
		for _, i := range file.Odd() {
			e := &file.Entries[i]
			if e.Lost {
				return
			}
			ref, why := misreadRef(p, i)
			if why != "" && !saidOfEmpty(p, p.Variable(file.Name(e))) {
				report(substitution(p, i, ref, why))
			}
		}
	},
}

// misreadRef returns the first reference in the i-th entry of which dbt makes
// something else than the text seems to say: one row for a value, since its fix
// mends all of it. why is "" without one.
func misreadRef(p *workspace.Project, i int) (ref dotenv.Ref, why string) {
	file := p.EnvFile.Dotenv()
	for _, ref := range file.Refs(&file.Entries[i]) {
		if why := misread(p, i, ref); why != "" {
			return ref, why
		}
	}
	return dotenv.Ref{}, ""
}

// saidOfEmpty reports whether another rule says what comes of it that a variable
// is empty because a $ in its value gives nothing.
func saidOfEmpty(p *workspace.Project, v *workspace.Variable) bool {
	if !emptyBy(p, v) {
		return false
	}
	_, invalid := invalidSetting(p, v.Name)
	return invalid || p.EmptyEffect(v) != "" || disables(v) && v2(p)
}

// emptyBy reports whether a variable is empty because a $ in its value gives
// nothing.
func emptyBy(p *workspace.Project, v *workspace.Variable) bool {
	_, ok := emptyingRef(p, v)
	return ok
}

// emptyingRef returns the reference that gives nothing, where a variable is
// empty because of one.
func emptyingRef(p *workspace.Project, v *workspace.Variable) (dotenv.Ref, bool) {
	if v == nil || p.State(v) != workspace.Empty || p.Source(v) != workspace.FromEnvFile {
		return dotenv.Ref{}, false
	}
	i, ok := p.EnvFile.Dotenv().First(v.Name)
	if !ok {
		return dotenv.Ref{}, false
	}
	ref, why := misreadRef(p, i)
	return ref, why != ""
}

// misread says what dbt makes of a reference in the i-th entry that is not what the text seems to
// say; "" for one that is.
func misread(p *workspace.Project, i int, ref dotenv.Ref) string {
	content := p.EnvFile.Content
	next := byte(0)
	if ref.Span.End < len(content) {
		next = content[ref.Span.End]
	}
	cut := strings.Contains(ref.Name, ":")
	switch {
	case ref.Name == "" && next == '(':
		return "dbt runs no command: it drops the $ and keeps the rest"
	case ref.Name == "":
		return "dbt drops the $"
	case ref.Braces && (cut || strings.ContainsAny(ref.Name, "-?+=")):
		return "dbt knows no defaults in braces: it takes the whole for a name, which nothing sets"
	case !ref.Braces && next == '_':
		return "dbt ends a name without braces before the underscore, and takes the rest for text"
	case setBefore(p, i, ref.Name):
		return ""
	case p.Variable(ref.Name) != nil && p.Variable(ref.Name).Assigned():
		return ref.Name + " gives nothing: it is defined further down"
	}
	return shownName(ref) + " gives nothing: it is set nowhere"
}

// setBefore reports whether the i-th entry can refer to a variable.
func setBefore(p *workspace.Project, i int, name string) bool {
	_, inShell := p.Machine.Lookup(name)
	first, defined := p.EnvFile.Dotenv().First(name)
	return inShell || defined && first < i
}

// shownName is the name of a reference if it can be one. What follows a $ in a
// password is part of a secret.
func shownName(ref dotenv.Ref) string {
	if strings.ToUpper(ref.Name) == ref.Name && len(ref.Name) > 1 && (ref.Name[0] < '0' || ref.Name[0] > '9') && ref.Braces {
		return ref.Name
	}
	return "the name after the $"
}

func substitution(p *workspace.Project, i int, ref dotenv.Ref, why string) Finding {
	file := p.EnvFile
	e := &file.Dotenv().Entries[i]
	f := Finding{
		At:      file.At(ref.Span),
		Message: "In the value of " + file.Dotenv().Name(e) + ", " + why + ".",
		Remedy:  "Write ${NAME} for a variable; put a value with a real $ in single quotes.",
	}
	if name := wholeName(file.Content, ref); name != "" && setBefore(p, i, name) {
		end := ref.Span.Start + 1 + len(name)
		f.Fixes = append(f.Fixes, Fix{
			Title: "Put braces around the name",
			Edits: edits(file, text.Edit{Span: text.Span{Start: ref.Span.Start, End: end}, New: "${" + name + "}"}),
		})
	}
	if raw := string(e.Value().Of(file.Content)); !strings.ContainsAny(raw, `'"\`) && !strings.Contains(raw, "\n") {
		f.Fixes = append(f.Fixes, Fix{Title: "Put the value in single quotes", Edits: edits(file, text.Edit{Span: e.Value(), New: "'" + raw + "'"})})
	}
	return f
}

// wholeName returns the name after a $ without braces up to where a shell would
// end it, if that is further than dbt goes.
func wholeName(content []byte, ref dotenv.Ref) string {
	if ref.Braces || ref.Name == "" {
		return ""
	}
	end := ref.Span.End
	for end < len(content) && (content[end] == '_' || isAlphanumeric(content[end])) {
		end++
	}
	if end == ref.Span.End {
		return ""
	}
	return string(content[ref.Span.Start+1 : end])
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
