package diagnostics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var envRetype = Rule{
	Code:     "env-retype",
	Section:  EnvironmentFiles,
	Rank:     90,
	Severity: Error,
	Scope:    Machine,
	Title:    "A variable's value has another type for dbt than the field that reads it",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, key := range firstRead {
			value := p.File.YAML().Root.Get(key)
			if kind := kindAfterJinja(p, value); kind != "" {
				if calls := callsIn(p, p.File, value.Span); len(calls) > 0 {
					report(retypedKey(p, key, kind, value, calls[0]))
				}
			}
		}
		for _, f := range retypedFields(p) {
			report(f)
		}
	},
}

// retypedFields are the findings about the connection.
func retypedFields(p *workspace.Project) []Finding {
	if _, ok := adapterNode(p); !ok || p.EngineKind() == engine.KindV1 {
		return nil
	}
	var found []Finding
	for _, v := range p.FieldValues() {
		if f, ok := retypedField(p, v); ok {
			found = onceEach(found, f)
		}
	}
	return found
}

// onceEach adds a finding to a list. A value that does not fit two fields is one
// cause.
func onceEach(found []Finding, f Finding) []Finding {
	i := slices.IndexFunc(found, func(other Finding) bool { return other.At == f.At })
	if i < 0 {
		return append(found, f)
	}
	first := &found[i]
	if f.Refuses && !first.Refuses {
		*first, f = f, *first
	}
	first.Related = append(first.Related, f.Related...)
	return found
}

func retypedKey(p *workspace.Project, key, kind string, value *yamlfile.Node, call *workspace.Call) Finding {
	return stops(p, Finding{
		At:      p.File.At(value.Span),
		Message: fmt.Sprintf("dbt stops: `%s:` is %s after Jinja, and must be a text.", key, kind),
		Remedy:  "Remove the filter behind env_var(), or put its default in quotes.",
		Related: []Related{{call.At(), "called here"}},
	})
}

// retypedField reports a field of the connection whose value dbt parses as YAML
// again after Jinja (dbt-profile/src/resolve.rs), if the field does not take what
// comes out.
func retypedField(p *workspace.Project, v dbt.FieldValue) (Finding, bool) {
	node := v.Node
	if !dbt.Templated(node) {
		return Finding{}, false
	}
	value := p.Rendered(node)
	if !value.Known {
		return Finding{}, false
	}
	become, _ := p.TypeAfterJinja(node)
	wrong, ok := misfitAfterJinja(v, value.Text, become)
	if !ok {
		return Finding{}, false
	}
	calls := callsIn(p, p.ProfilesFile, node.Span)
	source := sourceOf(p, node, calls)
	f := Finding{At: source.at, Related: source.calls}
	field := fmt.Sprintf("`%s` of %s", v.Field, p.Profile.Adapter)
	switch {
	case become == yamlfile.Null && source.empty:
		return Finding{}, false // env-empty
	case become == yamlfile.Null && p.Requires(node):
		f.Message = fmt.Sprintf("dbt v2 stops: YAML reads %s as nothing, and %s may not be absent.", source.name, field)
		f.Remedy = "Choose another value; quotes do not help."
	case become == yamlfile.Null:
		f.Severity = Warning
		f.Message = fmt.Sprintf("YAML reads %s as nothing: for dbt v2 %s is absent.", source.name, field)
		f.Remedy = "Choose another value; quotes do not help."
		return f, true
	default:
		expected, _, _ := strings.Cut(wrong.expected, ",")
		f.Message = fmt.Sprintf("dbt v2 stops%s: YAML reads %s as %s, and `%s` of %s takes %s.", andPrints(wrong.Takes, wrong.is), source.name, typeName(become), wrong.Field, p.Profile.Adapter, expected)
		f.Remedy = retypeRemedy(v.Key, expected)
	}
	return stopsByList(p, f), true
}

// A misfit is a value, or one in a list or mapping that a value becomes, that
// dbt does not take.
type misfit struct {
	dbt.FieldValue
	is       yamlfile.Type
	expected string // instead
}

// misfitAfterJinja looks at what a value becomes when its text after Jinja is
// parsed as YAML again.
func misfitAfterJinja(v dbt.FieldValue, text string, become yamlfile.Type) (misfit, bool) {
	expected, takes := fieldTakes(v.Takes)
	switch {
	case takes == nil:
		return misfit{}, false
	case become == yamlfile.Null || !takes(become, text):
		return misfit{v, become, expected}, true
	case become != yamlfile.List && become != yamlfile.Map:
		return misfit{}, false
	}
	v.Node = yamlfile.Parse([]byte(text)).Root
	if v.HasFields() && dbt.KeyNoText(v.Node) != nil {
		return misfit{v, become, "a mapping whose keys are texts"}, true
	}
	for inner := range v.Inside() {
		expected, takes := fieldTakes(inner.Takes)
		switch is := inner.Node.Type(); {
		case is == yamlfile.Null && inner.Required, is != yamlfile.Null && !takes(is, inner.Node.Value):
			return misfit{inner, is, expected}, true
		case inner.HasFields() && dbt.KeyNoText(inner.Node) != nil:
			return misfit{inner, is, "a mapping whose keys are texts"}, true
		}
	}
	return misfit{}, false
}

func retypeRemedy(field, expected string) string {
	switch {
	case expected != "a text":
		return "Set it to " + expected + "."
	case dbt.SecretField(field):
		return "Quotes do not help: change the secret to one that YAML reads as a text."
	}
	return "Quotes do not help: choose another value, or write this one into profiles.yml, in quotes."
}

func typeName(t yamlfile.Type) string {
	switch t {
	case yamlfile.Bool:
		return "true or false"
	case yamlfile.Int, yamlfile.Float:
		return "a number"
	case yamlfile.List:
		return "a list"
	case yamlfile.Map:
		return "a mapping"
	case yamlfile.String:
		return "a text"
	}
	return "nothing"
}

// A valueSource is where the text of a value after Jinja comes from.
type valueSource struct {
	name  string // as a message says it
	at    workspace.Location
	calls []Related
	empty bool // a variable in it is set to nothing
}

// sourceOf finds the variables that a value is made of: the place is that of the
// first that is set, or else of the call whose default is used.
func sourceOf(p *workspace.Project, node *yamlfile.Node, calls []*workspace.Call) valueSource {
	s := valueSource{name: "what Jinja gives here", at: p.ProfilesFile.At(node.Span)}
	var names []string
	for _, c := range calls {
		v := p.Variable(c.Name)
		if v == nil || p.Source(v) == workspace.FromNowhere {
			continue
		}
		s.empty = s.empty || p.State(v) == workspace.Empty || emptyBefore(p, v)
		if !slices.Contains(names, v.Name) {
			names = append(names, v.Name)
		}
	}
	switch {
	case len(names) > 0:
		s.name = list(names)
		if at, entry := definition(p, names[0]); entry != nil {
			s.at = at
		} else {
			s.at = calls[0].At()
			s.name += from(p, names[0])
		}
	case len(calls) > 0 && !calls[0].Dynamic:
		s.name, s.at = "the default of "+calls[0].Name, calls[0].At()
	}
	for _, c := range calls {
		if at := c.At(); at != s.at {
			s.calls = append(s.calls, Related{at, "read here"})
		}
	}
	return s
}
