package diagnostics

import (
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var envAbsent = Rule{
	Code:     "env-absent",
	Section:  EnvironmentFiles,
	Rank:     250,
	Severity: Warning,
	Scope:    Machine,
	Title:    "There is an example file, but no .env",
	Fix:      "☆ create .env from the example",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Example == nil || !p.EnvFile.Absent() {
			return
		}
		if _, named := meantAsEnv(p, slices.Concat(p.EnvMisnamed, p.EnvMisplaced)); len(named) > 0 {
			return // env-misnamed or env-misplaced: there is one
		}
		var names []string
		for _, v := range p.Called {
			if missing(p, v) && v.Need == workspace.NeedParse && v.Example != nil && p.Supplier(v.Name) == nil {
				names = append(names, v.Name)
			}
		}
		if len(names) == 0 {
			return
		}
		report(Finding{
			At:      firstEntry(p.Example),
			Message: "There is no .env, so nothing sets " + list(names) + ".",
			Remedy:  "Copy " + p.Example.Name() + " to .env and fill it in.",
			Fixes: []Fix{{
				Title: "Create .env from " + p.Example.Name(), Preferred: true,
				Create: []NewFile{{p.EnvFile.Path, EnvFromExample(p.Example)}},
			}},
		})
	},
}

// firstEntry is the first assignment of a file, or its beginning.
func firstEntry(file *workspace.File) workspace.Location {
	if entries := file.Dotenv().Entries; len(entries) > 0 {
		return file.At(entries[0].Key())
	}
	return file.Start()
}

// EnvFromExample returns the content of a new .env: the example with its
// comments, but with every empty entry commented out, since an empty entry
// would set the variable to nothing, and with lines that dbt cannot read mended
// where that is plain.
func EnvFromExample(example *workspace.File) string {
	file := example.Dotenv()
	for file.Stop != nil {
		repairs, _, ok := file.Repair()
		content, err := text.Apply(file.Content, repairs)
		if !ok || err != nil {
			break
		}
		file = dotenv.Parse(content)
	}
	values := map[*dotenv.Entry]bool{}
	for _, v := range file.Values(nil).All() {
		values[v.Entry] = v.Text.Empty()
	}
	var changes []text.Edit
	for i := range file.Entries {
		e := &file.Entries[i]
		if empty, known := values[e]; known && empty || !known && strings.TrimSpace(string(e.Value().Of(file.Content))) == "" {
			changes = append(changes, file.CommentOut(e))
		}
	}
	changes = slices.CompactFunc(changes, func(a, b text.Edit) bool { return a.Span == b.Span })
	content, err := text.Apply(file.Content, changes)
	if err != nil { // entries never overlap; if they did, the example itself is the best copy
		return string(file.Content)
	}
	return string(content)
}
