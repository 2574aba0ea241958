package diagnostics

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// envFiles returns .env and the example, those that exist.
func envFiles(p *workspace.Project) []*workspace.File {
	var files []*workspace.File
	for _, file := range []*workspace.File{p.EnvFile, p.Example} {
		if file.Exists() {
			files = append(files, file)
		}
	}
	return files
}

// addToEnv is the fix that gives a name a line in .env and leaves the cursor on
// its value. ok is false where .env is there and cannot be read, and where no line
// can have the name.
func addToEnv(p *workspace.Project, name string) (fix Fix, ok bool) {
	if !dotenv.IsName(name) {
		return Fix{}, false
	}
	fix = Fix{Title: "Add " + name + " to .env", Preferred: true}
	file := p.EnvFile
	switch {
	case file.Exists():
		if fix, ok := uncomment(file, name); ok {
			return fix, true
		}
		edit, cursor := file.Dotenv().Append(name)
		fix.Edits = edits(file, edit)
		fix.Cursor = &Cursor{file.Path, cursor}
	case file.Absent():
		fix.Create = []NewFile{{file.Path, name + "=\n"}}
		fix.Cursor = &Cursor{file.Path, len(name) + 1}
	default:
		return Fix{}, false
	}
	return fix, true
}

// uncomment is the fix that takes the comment sign from the line of a name, if
// dbt reads the line then.
func uncomment(file *workspace.File, name string) (Fix, bool) {
	env := file.Dotenv()
	for _, i := range env.CommentedAs(name) {
		e := &env.Commented[i]
		edit := env.Uncomment(e)
		content, err := text.Apply(file.Content, []text.Edit{edit})
		if err != nil || !reads(dotenv.Parse(content), name) {
			continue
		}
		return Fix{
			Title: "Uncomment " + name + " in .env", Preferred: true, Edits: edits(file, edit),
			Cursor: &Cursor{file.Path, e.Value().Start - edit.Len() + len(edit.New)},
		}, true
	}
	return Fix{}, false
}

func reads(file *dotenv.File, name string) bool {
	return slices.ContainsFunc(file.Entries, func(e dotenv.Entry) bool { return file.Name(&e) == name && !e.Lost })
}

// addToExample adds names to the example file, each with a comment on where it
// is used.
func addToExample(p *workspace.Project, variables ...*workspace.Variable) Fix {
	title := "Add " + variables[0].Name + " to " + p.Example.Name()
	if len(variables) > 1 {
		title = fmt.Sprintf("Add %d missing names to %s", len(variables), p.Example.Name())
	}
	var lines strings.Builder
	for _, v := range variables {
		fmt.Fprintf(&lines, "# used in %s\n%s=\n", name(p, v.Calls[0].File), v.Name)
	}
	return Fix{Title: title, Edits: edits(p.Example, p.Example.Dotenv().AppendText(lines.String()))}
}

// firstCall returns the call at which a variable is reported: the first of
// those that need it most.
func firstCall(v *workspace.Variable) *workspace.Call {
	for _, c := range v.Calls {
		if c.Need == v.Need {
			return c
		}
	}
	return v.Calls[0]
}

// otherCalls are the calls of a variable besides one, as related places.
func otherCalls(v *workspace.Variable, first *workspace.Call) []Related {
	var related []Related
	for _, c := range v.Calls {
		if c != first && c.Package == "" {
			related = append(related, Related{c.At(), "also called here"})
		}
	}
	return related
}

// missingFixes makes the fixes of names that are set nowhere. What is the same
// for all names is found out once.
func missingFixes(p *workspace.Project) func(v *workspace.Variable) []Fix {
	unused, left := sync.OnceValue(func() []string { return unusedNames(p) }), maxComparisons
	return func(v *workspace.Variable) []Fix {
		fixes, full := fixesOf(p, v)
		if left -= len(unused()); full && left >= 0 {
			if like := similar(v.Name, unused()); like != "" {
				if rename, ok := renameCalls(v, like); ok {
					fixes = append(fixes, rename)
				}
			}
		}
		return fixes
	}
}

// maxComparisons bounds how many pairs of a missing name and an unused one are
// compared: with thousands of both, nobody has misspelt one.
const maxComparisons = 50_000

// fixesOf makes the fixes of a missing name that need no other name. full is
// false where a value in .env would do harm.
func fixesOf(p *workspace.Project, v *workspace.Variable) (fixes []Fix, full bool) {
	if platformOnly(v.Name) {
		fixes = append(fixes, emptyDefaults(v)...)
	}
	if linking(v.Name) { // a value in .env would link the checkout to that project
		return fixes, false
	}
	add, ok := addToEnv(p, v.Name)
	if ok {
		add.Preferred = len(fixes) == 0
		fixes = append(fixes, add)
	}
	if ok && p.Example != nil && v.Example == nil {
		both := addToExample(p, v)
		both.Title = "Add " + v.Name + " to .env and " + p.Example.Name()
		both.Edits = append(both.Edits, add.Edits...)
		both.Create, both.Cursor = add.Create, add.Cursor
		fixes = append(fixes, both)
	}
	return fixes, true
}

// emptyDefaults is the fix that gives the calls of a variable, which have none,
// an empty default.
func emptyDefaults(v *workspace.Variable) []Fix {
	fix := Fix{Title: "Give the call an empty default", Preferred: true}
	for _, c := range v.Calls {
		if c.Default || c.Need == workspace.NeedNone {
			continue
		}
		edit, ok := emptyDefault(c)
		if !ok || c.Package != "" {
			return nil
		}
		fix.Edits = append(fix.Edits, Edit{c.File, edit})
	}
	return []Fix{fix}
}

// emptyDefault adds a default to a call that has one argument. Its quotes are
// those of the name, as they are written there.
func emptyDefault(c *workspace.Call) (text.Edit, bool) {
	before := string(c.File.Content[c.Token.End:c.NameAt.Start])
	_, quote, ok := strings.Cut(before, "(")
	quote = strings.TrimSpace(quote)
	at := c.NameAt.End + len(quote)
	if !ok || quote == "" || c.NameAt.Empty() || at > c.Span.End || strings.TrimSpace(string(c.File.Content[at:c.Span.End])) != ")" {
		return text.Edit{}, false
	}
	return text.Edit{Span: text.At(at), New: ", " + quote + quote}, true
}

// unusedNames returns the names of .env that no call uses, sorted.
func unusedNames(p *workspace.Project) []string {
	var names []string
	for i := range p.Variables {
		if v := &p.Variables[i]; len(v.Calls) == 0 && p.Source(v) == workspace.FromEnvFile {
			names = append(names, v.Name)
		}
	}
	slices.Sort(names)
	return names
}

// renameCalls makes every call of a variable name another one.
func renameCalls(v *workspace.Variable, name string) (Fix, bool) {
	fix := Fix{Title: "Did you mean " + name + "? Change the call"}
	for _, c := range v.Calls {
		if c.At().Text() != v.Name || c.Package != "" {
			return Fix{}, false
		}
		fix.Edits = append(fix.Edits, Edit{c.File, text.Edit{Span: c.NameAt, New: name}})
	}
	return fix, true
}

// maxListed is how many names a sentence lists.
const maxListed = 5

// list joins names as a sentence does, and says how many it leaves out.
func list(names []string) string { return listOf(names, len(names)) }

// listOf is list of more names than are given: those that it would leave out may
// be missing.
func listOf(names []string, all int) string {
	if all > maxListed {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), all-maxListed)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// lostNames returns the names that a file defines at or below its stop and not
// above it: the first ones, and how many there are.
func lostNames(file *dotenv.File) (first []string, all int) {
	for i := len(file.Entries) - len(file.Stopped()); i < len(file.Entries); i++ {
		if file.FirstOf(i) != i {
			continue
		}
		if all++; all <= maxListed {
			first = append(first, file.Name(&file.Entries[i]))
		}
	}
	return first, all
}

// name returns a path as messages name it: relative to the project's folder.
func name(p *workspace.Project, file *workspace.File) string { return shownPath(p, file.Path) }

func shownPath(p *workspace.Project, path string) string {
	if rel := p.Rel(path); rel != path {
		return rel
	}
	if home := p.Machine.Home; home != "" {
		if rel, err := filepath.Rel(home, path); err == nil && !strings.HasPrefix(rel, "..") {
			return "~/" + filepath.ToSlash(rel)
		}
	}
	return path
}
