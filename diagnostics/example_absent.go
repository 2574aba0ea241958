package diagnostics

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
)

var exampleAbsent = Rule{
	Code:     "example-absent",
	Section:  EnvironmentFiles,
	Rank:     330,
	Severity: Info,
	Scope:    Repository,
	Title:    "The project needs variables, and no example file names them",
	Fix:      "☆ create .env.example from the calls",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Example != nil {
			return
		}
		lacking := p.FromCalls("example-absent", func() any { return whatExampleLacks(p) }).(lacking)
		if lacking.first == nil {
			return
		}
		report(Finding{
			At:      lacking.first.At(),
			Message: "The project needs " + lacking.names + ", and no file tells the next person so.",
			Remedy:  "Commit a .env.example with every name, and without values.",
			MakeFixes: func() []Fix {
				return []Fix{{
					Title: "Create .env.example from the calls", Preferred: true,
					Create: []NewFile{{filepath.Join(p.Root, exampleName), exampleFromCalls(p)}},
				}}
			},
		})
	},
}

// lacking is what a project without an example file should tell.
type lacking struct {
	first *workspace.Call // that needs one of the names; nil where none does
	names string
}

func whatExampleLacks(p *workspace.Project) lacking {
	first := slices.IndexFunc(p.Calls, func(c *workspace.Call) bool {
		return !c.Dynamic && p.NeededHere(c) && inExample(p.Variable(c.Name))
	})
	if first < 0 {
		return lacking{}
	}
	var names []string
	all := 0
	for _, v := range p.Called {
		if !forExample(v) {
			continue
		}
		if all++; all <= maxListed {
			names = append(names, v.Name)
		}
	}
	return lacking{p.Calls[first], listOf(names, all)}
}

const exampleName = ".env.example"

// forExample reports whether an example file should name a variable.
func forExample(v *workspace.Variable) bool {
	return v.Required && inExample(v)
}

// inExample reports whether an example file may name a variable: not one that
// every shell sets, or dbt platform, and none whose name no line can have.
func inExample(v *workspace.Variable) bool {
	return !v.System() && !platformOnly(v.Name) && dotenv.IsName(v.Name)
}

// A group is a part of a new example file.
type group struct {
	title string
	lines strings.Builder
}

func (g *group) add(used, mark, name string, room int) {
	if g.lines.Len() == 0 {
		g.lines.Grow(room)
	}
	for _, s := range [...]string{"# used in ", used, "\n", mark, name, "=\n"} {
		g.lines.WriteString(s)
	}
}

// exampleFromCalls is a new example file: the names that the project's own files
// call, by the kind of file that needs them first. Those that dbt can do without
// are commented out, since "NAME=" would set them to nothing.
func exampleFromCalls(p *workspace.Project) string {
	groups := [...]*group{{title: "Connection: profiles.yml"}, {title: "Project: dbt_project.yml and packages"}, {title: "Models, macros and tests"}}
	optional := &group{title: "Optional: there is a default"}
	files := map[*workspace.File]string{}
	room := 50 * len(p.Called)
	for _, v := range p.Called {
		if !inExample(v) {
			continue
		}
		used := usedIn(p, v, files)
		switch {
		case used == "":
		case !v.Required:
			optional.add(used, "# ", v.Name, room)
		default:
			groups[groupOf(p, p.RequiredBy(v))].add(used, "", v.Name, room)
		}
	}
	var out strings.Builder
	out.Grow(room)
	out.WriteString("# Copy this file to .env, and fill it in.\n")
	for _, g := range append(groups[:], optional) {
		if g.lines.Len() > 0 {
			fmt.Fprintf(&out, "\n# %s\n", g.title)
			out.WriteString(g.lines.String())
		}
	}
	return out.String()
}

func groupOf(p *workspace.Project, call *workspace.Call) int {
	switch call.File {
	case p.ProfilesFile:
		return 0
	case p.File, p.Packages, p.Dependencies, p.Selectors, p.VarsFile():
		return 1
	}
	return 2
}

// usedIn names the project's own files that call a variable, the first few; ""
// without one. It notes how each file is named, "" for one outside the repository.
func usedIn(p *workspace.Project, v *workspace.Variable, names map[*workspace.File]string) string {
	var files []string
	for _, c := range v.Calls {
		if c.Package != "" {
			continue
		}
		shown, known := names[c.File]
		if !known {
			if inRepository(p, c.File) {
				shown = name(p, c.File)
			}
			names[c.File] = shown
		}
		if shown != "" && !slices.Contains(files, shown) {
			if files = append(files, shown); len(files) > maxNamed {
				break
			}
		}
	}
	if len(files) > maxNamed {
		return strings.Join(files[:maxNamed], ", ") + " and others"
	}
	return list(files)
}

// maxNamed is how many files a comment names.
const maxNamed = 3
