package workspace

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// A phase is when dbt renders a text.
type phase int

const (
	onParse    phase = iota // by every command that loads the project
	onCall                  // when something calls the macro
	onVar                   // when var() reads the variable
	onHook                  // by commands that run something
	onPackages              // when packages are resolved
	onTarget                // when another target is selected
	onNothing               // never, as far as is known; by dbt v1 as on parsing
)

// A unit is one text that dbt renders as a whole: a SQL file, or one value of a
// YAML file.
type unit struct {
	file     *File
	template *jinja.Template
	node     *yamlfile.Node // the value; nil for a whole file
	shift    int            // bytes that were put before the text to make a template of it; negative where the text begins later
	phase    phase
	scope    string
	secrets  bool   // DBT_ENV_SECRET… is allowed
	variable string // for onVar, the name under `vars:`
	field    string // the key of the value; "" for a whole file
	switches bool   // it is the `enabled:` of a resource
	early    bool   // it is rendered before dbt knows the variables of the project
	selected bool   // for profiles.yml: the selected target or its name
	aside    bool   // for profiles.yml: of a profile that is not used
	pkg      string // the installed package it belongs to, "" for the project's own
	refers   bool   // its refs lead to models
	unfound  Unfound
	of       *resourceID // without this resource dbt does not render it; nil where none is needed

	trace atomic.Pointer[trace] // of the last evaluation; whoever reads it asks whether it still holds
	entry atomic.Pointer[entry] // the calls of that time
}

// span converts a span of the template to one of the file.
func (u *unit) span(s text.Span) text.Span {
	if u.node == nil {
		return s.Shift(-u.shift)
	}
	return text.Span{Start: u.node.Source(s.Start - u.shift), End: u.node.Source(s.End - u.shift)}
}

// newSource parses one file below the resource paths.
func newSource(c candidate, file *File) *source {
	src := &source{file: file, kind: c.kind, folder: c.folder, rel: c.rel, pkg: c.pkg}
	switch {
	case c.kind == propertyYML && file.YAML().Broken():
		src.units = textUnits(file)
	case c.kind == propertyYML:
		src.units, src.tests = propertyUnits(file), testWords(file)
	default:
		src.template = jinja.Parse(asText(file.Content))
		u := &unit{file: file, template: src.template, phase: onParse, scope: "sql", refers: true}
		switch {
		case c.kind == macroSQL:
			u.phase, u.scope, u.refers = onCall, "macro", false
		case c.folder == dbt.TestPaths:
			u.unfound = UnfoundWarns
		}
		src.units = []*unit{u}
	}
	for _, u := range src.units {
		u.pkg = c.pkg
		if u.of != nil {
			u.of.pkg = c.pkg
		}
	}
	return src
}

// asText returns the bytes of a file as a text that shares them: nobody changes
// the content of a File, and a project has thousands.
func asText(content []byte) string { return unsafe.String(unsafe.SliceData(content), len(content)) }

// testWords returns all words below `data_tests:`, among which are the names of
// generic tests.
func testWords(file *File) []string {
	words := map[string]bool{}
	file.YAML().Walk(func(path []string, node *yamlfile.Node) bool {
		for i, key := range path {
			if key == "data_tests" || key == "tests" {
				for _, word := range path[i+1:] {
					words[word] = true
				}
				words[node.Value] = true
				break
			}
		}
		return true
	})
	return slices.Sorted(maps.Keys(words))
}

// yamlUnits makes a unit of every value with Jinja. place says what dbt does
// with the value at a path of keys; ok is false where it is not rendered.
func yamlUnits(file *File, scope string, place func(path []string, u *unit) (ok bool)) []*unit {
	var units []*unit
	file.YAML().Walk(func(path []string, node *yamlfile.Node) bool {
		u := &unit{file: file, node: node, scope: scope, switches: isSwitch(path)}
		if len(path) > 0 {
			u.field = path[len(path)-1]
		}
		if place(path, u) {
			if u.template == nil && dbt.HasJinja(node.Value) {
				u.template = jinja.Parse(node.Value)
			}
			if u.template != nil {
				units = append(units, u)
			}
		}
		return true
	})
	return units
}

// textUnits finds the calls in a YAML file that cannot be read as YAML, which
// is what a file is while somebody types in it: line by line, without comments.
func textUnits(file *File) []*unit {
	scope := "yaml"
	switch file.Name() {
	case dbt.ProjectFileName:
		scope = "project"
	case dbt.PackagesFileName, dbt.DependenciesFileName:
		scope = "packages"
	}
	u := &unit{file: file, template: jinja.Parse(withoutComments(file.Content)), scope: scope, secrets: true, selected: true}
	return []*unit{u}
}

// withoutComments returns some lines, with blanks in the place of comments that
// are whole lines.
func withoutComments(lines []byte) string {
	text, copied := lines, false
	for from := 0; ; {
		sign := bytes.IndexByte(text[from:], '#')
		if sign < 0 {
			return asText(text)
		}
		sign += from
		start, end := bytes.LastIndexAny(text[:sign], "\r\n")+1, len(text)
		if n := bytes.IndexAny(text[sign:], "\r\n"); n >= 0 {
			end = sign + n
		}
		if from = end; len(bytes.TrimLeft(text[start:sign], " \t")) > 0 {
			continue
		}
		if !copied {
			text, copied = bytes.Clone(text), true
		}
		for i := sign; i < end; i++ {
			text[i] = ' '
		}
	}
}

// projectUnits reads dbt_project.yml, whose hooks and variables dbt renders
// later than the rest.
func projectUnits(file *File) []*unit {
	return yamlUnits(file, "project", func(path []string, u *unit) bool {
		switch {
		case len(path) == 0:
			return false
		case path[0] == "vars":
			u.phase, u.variable = onVar, variableName(path)
		case path[0] == "on-run-start", path[0] == "on-run-end", slices.ContainsFunc(path, isHook):
			u.phase = onHook
		default:
			u.early = path[0] != "query-comment"
		}
		return true
	})
}

// installedProjectUnits reads the dbt_project.yml of a package: of what it lacks
// dbt only warns in hooks and, below `models:` and its like, in all but the
// options of the package as a whole; it is not told here.
func installedProjectUnits(file *File, pkg string) []*unit {
	return yamlUnits(file, "project", func(path []string, u *unit) bool {
		u.pkg, u.early = pkg, true
		switch {
		case len(path) == 0, path[0] == "on-run-start", path[0] == "on-run-end", slices.ContainsFunc(path, isHook):
			return false
		case path[0] == "vars":
			u.phase, u.variable = onVar, variableName(path)
		case len(path) > 1 && configures(path[0]):
			return strings.HasPrefix(path[1], "+")
		}
		return true
	})
}

// configures reports whether a key of dbt_project.yml sets options of resources.
func configures(key string) bool {
	switch key {
	case "models", "seeds", "snapshots", "sources", "tests", "data_tests", "unit_tests", "exposures", "metrics", "semantic-models", "saved-queries", "functions", "analyses":
		return true
	}
	return false
}

// variableName returns the name of a variable that stands at a path of keys
// below `vars:`: on the first or, below a project's name, on the second level.
func variableName(path []string) string { return path[len(path)-1] }

func varsFileUnits(file *File) []*unit {
	return yamlUnits(file, "yaml", func(path []string, u *unit) bool {
		u.phase = onVar
		if len(path) > 0 {
			u.variable = variableName(path)
		}
		return true
	})
}

// isSwitch reports whether the value at a path of keys switches a resource on
// and off.
func isSwitch(path []string) bool {
	if len(path) == 0 || strings.TrimPrefix(path[len(path)-1], "+") != "enabled" {
		return false
	}
	return !slices.ContainsFunc(path, func(key string) bool {
		return key == "vars" || strings.TrimPrefix(key, "+") == "meta"
	})
}

func isHook(key string) bool {
	switch strings.TrimPrefix(key, "+") {
	case "pre-hook", "post-hook", "pre_hook", "post_hook":
		return true
	}
	return false
}

// packageUnits reads packages.yml and dependencies.yml: dbt renders packages,
// never projects.
func packageUnits(file *File) []*unit {
	return yamlUnits(file, "packages", func(path []string, u *unit) bool {
		u.phase, u.secrets = onPackages, true
		return len(path) > 0 && path[0] == "packages"
	})
}

// parseUnits reads a file every value of which is rendered by every command:
// selectors.yml, catalogs.yml.
func parseUnits(secrets bool) func(file *File) []*unit {
	return func(file *File) []*unit {
		return yamlUnits(file, "yaml", func(_ []string, u *unit) bool {
			u.secrets = secrets
			return true
		})
	}
}

// propertyUnits reads a properties file. A whole argument of a data test that
// reads as a call is evaluated without braces (jinja_arg_format.rs), and so is a
// ref where dbt wants one.
func propertyUnits(file *File) []*unit {
	return yamlUnits(file, "yaml", func(path []string, u *unit) bool {
		if slices.ContainsFunc(path, isHook) {
			u.phase = onHook
		}
		u.unfound, u.refers = refersAt(path)
		bare := inTests(path) && bareCall(u.node.Value) || u.refers && bareRef(u.node.Value)
		if bare && !dbt.HasJinja(u.node.Value) {
			const open = "{{ "
			u.template, u.shift = jinja.Parse(open+u.node.Value+" }}"), len(open)
		}
		return (u.template != nil || dbt.HasJinja(u.node.Value)) && u.rendered(path)
	})
}

// rendered says when dbt renders a value of a properties file, by the path of its
// keys; false where never. What an alias brings elsewhere counts as rendered.
func (u *unit) rendered(path []string) bool {
	yaml := u.file.YAML()
	if len(path) == 0 || yaml.HasAliases() {
		return true
	}
	switch path[0] {
	case "models":
		if len(path) > 2 && path[2] == "metrics" {
			u.phase = onNothing
		}
	case "metrics", "semantic_models":
		u.phase = onNothing
	case "sources":
		if len(entryAt(yaml.Root, path).Get("tables").Sequence()) == 0 {
			u.phase = onNothing
		}
	case "seeds", "snapshots", "data_tests", "tests", "functions":
		u.of = needed(entryAt(yaml.Root, path), path[0])
	case "exposures", "saved_queries", "unit_tests", "macros", "analyses", "groups":
	default: // version, anchors, and what dbt refuses
		return false
	}
	return true
}

// entryAt is the entry of the list at the top of a properties file in which a
// value stands; nil without one.
func entryAt(root *yamlfile.Node, path []string) *yamlfile.Node {
	list := root.Get(path[0]).Sequence()
	if len(path) < 2 {
		return nil
	}
	i, err := strconv.Atoi(strings.Trim(path[1], "[]"))
	if err != nil || i >= len(list) {
		return nil
	}
	return list[i].Resolved()
}

// needed is the resource without which dbt does not look at its properties. A
// snapshot with a `relation:` is one by itself; the names of others stand in their
// SQL, so that any of them is taken for the one.
func needed(entry *yamlfile.Node, key string) *resourceID {
	name, ok := entry.Get("name").Text()
	switch {
	case key == "snapshots" && entry.Get("relation") == nil:
		return &resourceID{key: key}
	case !ok || key == "snapshots":
		return nil
	case key == "tests":
		key = resourceKeys[dbt.TestPaths]
	}
	return &resourceID{key: key, name: name}
}

func inTests(path []string) bool {
	return slices.Contains(path, "data_tests") || slices.Contains(path, "tests")
}

// bareCall reports whether dbt takes a text without braces for a call.
func bareCall(s string) bool {
	trimmed := strings.TrimSpace(s)
	if !strings.HasSuffix(trimmed, ")") || !strings.Contains(trimmed, "env_var") {
		return false
	}
	ok, _ := regexp.MatchString(`^(env_var|ref|var|source|doc)\s*\(.+\)$`, trimmed)
	return ok
}

// bareRef reports whether a text without braces is a ref to another project.
func bareRef(s string) bool {
	trimmed := strings.TrimSpace(s)
	arguments, ok := strings.CutPrefix(trimmed, "ref")
	return ok && strings.HasPrefix(strings.TrimLeft(arguments, " \t"), "(") && strings.HasSuffix(trimmed, ")") && strings.Contains(arguments, ",")
}
