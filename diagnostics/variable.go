package diagnostics

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// definition is where a variable gets its value: its line in .env, or, for one
// of the shell or the editor, the place of what concerns the project as a whole.
func definition(p *workspace.Project, name string) (at workspace.Location, entry *dotenv.Entry) {
	if entry, ok := p.Env.Entry(name); ok {
		return p.EnvFile.At(entry.Key()), entry
	}
	return head(p), nil
}

// from says in a message where a variable that has no line in .env is set.
func from(p *workspace.Project, name string) string {
	switch p.Env.Source(name) {
	case workspace.FromShell:
		return " in the shell"
	case workspace.FromEditor:
		return " in dbt.environmentVariables"
	}
	return ""
}

// v2 reports whether what dbt v2 does is to be said: not where dbt v1 or the
// platform CLI comes first.
func v2(p *workspace.Project) bool {
	return p.EngineKind() != engine.KindV1 && p.EngineKind() != engine.KindPlatformCLI
}

// emptyVariable reports whether a setting is empty because the variable is that
// gives it: env-setting-invalid speaks of that.
func emptyVariable(p *workspace.Project, value string, from dbt.Origin) bool {
	switch from.Kind {
	case dbt.OriginShell, dbt.OriginEnvFile, dbt.OriginEditor:
		return value == "" && v2(p)
	}
	return false
}

// only reports whether one line of .env has a name.
func only(p *workspace.Project, entry *dotenv.Entry) bool {
	env := p.EnvFile.Dotenv()
	for i := range env.Entries {
		other := &env.Entries[i]
		if env.Name(other) == env.Name(entry) && other.Line() != entry.Line() {
			return false
		}
	}
	return true
}

// called reports whether a call reads a variable.
func called(p *workspace.Project, name string) bool {
	v := p.Variable(name)
	return v != nil && len(v.Calls) > 0
}

// removeSafely is the fix that takes an entry out of an environment file and loses
// nothing else: a comment behind it stays.
func removeSafely(title string, file *workspace.File, entry *dotenv.Entry) Fix {
	if !entry.Comment().Empty() {
		title += ", and leave its comment"
	}
	return Fix{Title: title, Safe: true, Preferred: true, Edits: edits(file, file.Dotenv().RemoveBeforeComment(entry))}
}

// calls are the calls of a variable in the project's own files, as related places.
func calls(v *workspace.Variable, message string) []Related {
	var related []Related
	for _, c := range v.Calls {
		if c.Package == "" {
			related = append(related, Related{c.At(), message})
		}
	}
	return related
}

// rename gives a variable another name wherever it is written. ok is false where
// that cannot be done here alone: a package or a file outside of the repository
// calls it, its name is put together, or the shell sets it.
func rename(p *workspace.Project, v *workspace.Variable, to string) (fix Fix, ok bool) {
	if p.Source(v) == workspace.FromShell || p.Source(v) == workspace.FromEditor || p.State(v) == workspace.Shadowed || p.Variable(to) != nil {
		return Fix{}, false
	}
	fix.Title = "Rename it to " + to
	places := 0
	replace := func(file *workspace.File, at text.Span) {
		edit := Edit{file, text.Edit{Span: at, New: to}}
		for _, other := range fix.Edits {
			if other == edit {
				return
			}
		}
		fix.Edits = append(fix.Edits, edit)
		places++
	}
	for _, c := range v.Calls {
		if c.At().Text() != v.Name || c.Package != "" || !inRepository(p, c.File) {
			return Fix{}, false
		}
		replace(c.File, c.NameAt)
	}
	for _, file := range envFiles(p) {
		env := file.Dotenv()
		for _, entries := range [][]dotenv.Entry{env.Entries, env.Commented} {
			for i := range entries {
				if e := &entries[i]; env.Name(e) == v.Name {
					replace(file, e.Key())
				}
			}
		}
		for i := range env.Entries {
			for _, ref := range env.Refs(&env.Entries[i]) {
				if at := ref.Span.Start + len("${"); ref.Braces && ref.Name == v.Name {
					replace(file, text.Span{Start: at, End: at + len(ref.Name)})
				}
			}
		}
	}
	if places > 1 {
		fix.Title += " everywhere"
	}
	return fix, places > 0
}

// codes joins words as a sentence does, each as code.
func codes(words []string, before string) string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = "`" + before + word + "`"
	}
	return strings.Join(all[:len(all)-1], ", ") + map[bool]string{true: " and "}[len(all) > 1] + all[len(all)-1]
}
