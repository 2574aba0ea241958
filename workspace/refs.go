package workspace

import (
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// Ref is a live two-argument ref of the project's SQL and properties.
type Ref struct {
	Package, Model string
	At             Location // of the package's name
	ModelAt        Location // of the model's name; empty where that is no literal
	Conditional    bool     // a condition around it may not hold
	Unfound        Unfound
}

// Unfound is what `dbt parse` does where a ref leads nowhere.
type Unfound int

// By where the ref stands.
const (
	UnfoundStops  Unfound = iota // a model, a snapshot
	UnfoundWarns                 // a test, an exposure
	UnfoundPasses                // a unit test, a semantic model: parse does not look for it
)

// refs returns the two-argument refs of a unit that dbt evaluates at parse. Those
// of a model that is disabled are not resolved, wherever it says so.
func (u *unit) refs() []Ref {
	if !u.refers || u.pkg != "" || u.template.Disabled {
		return nil
	}
	var refs []Ref
	for _, ref := range u.template.Refs {
		if ref.Package != "" && !ref.Dead && ref.Macro == "" && !ref.Hook {
			refs = append(refs, Ref{ref.Package, ref.Model, u.file.At(u.span(ref.PackageAt)), u.file.At(u.literal(ref.ModelAt)), ref.Conditional, u.unfound})
		}
	}
	return refs
}

// literal converts the span of a literal, which is empty where there is none.
func (u *unit) literal(s text.Span) text.Span {
	if s.Empty() {
		return text.Span{}
	}
	return u.span(s)
}

// refersAt says what dbt does with a value of a properties file that reads as a
// ref without braces; ok is false where it is a text like any other. The same
// holds for a ref in braces, which only tests may have.
func refersAt(path []string) (unfound Unfound, ok bool) {
	switch {
	case inTests(path):
		return UnfoundWarns, true
	case matches(path, "exposures", "", "depends_on", ""):
		return UnfoundWarns, true
	case matches(path, "snapshots", "", "relation"):
		return UnfoundStops, true
	case matches(path, "unit_tests", "", "given", "", "input"), matches(path, "semantic_models", "", "model"):
		return UnfoundPasses, true
	}
	return UnfoundStops, false
}

// matches reports whether a path of keys has these; "" stands for any.
func matches(path []string, keys ...string) bool {
	return slices.EqualFunc(path, keys, func(have, key string) bool { return key == "" || have == key })
}

// RefusesMapping reports whether dbt stops because a mapping stands where it
// wants a text: at the span of Jinja without quotes.
func (p *Project) RefusesMapping(file *File, span text.Span) bool {
	yaml := file.YAML()
	if yaml.Broken() {
		return true
	}
	path := pathTo(yaml.Root, span.Start, nil)
	switch {
	case file == p.ProfilesFile:
		return p.Profile.Output != nil && slices.Equal(path[:min(len(path), 3)], []string{p.Profile.Name, "outputs", p.Profile.Target})
	case file == p.File:
		return len(path) > 0 && path[0] != "vars"
	}
	return !slices.ContainsFunc(path, func(key string) bool { return strings.TrimPrefix(key, "+") == "meta" })
}

// pathTo returns the keys that lead to a place.
func pathTo(node *yamlfile.Node, offset int, path []string) []string {
	if node == nil {
		return path
	}
	for _, pair := range node.Pairs {
		if pair.Value != nil && pair.Value.Span.Contains(offset) && pair.Value.Span.Start <= offset {
			return pathTo(pair.Value, offset, append(path, pair.Key.Value))
		}
	}
	for _, item := range node.Items {
		if item.Span.Contains(offset) {
			return pathTo(item, offset, path)
		}
	}
	return path
}
