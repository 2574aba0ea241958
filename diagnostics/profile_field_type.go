package diagnostics

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var profileFieldType = Rule{
	Code:     "profile-field-type",
	Section:  ProjectFiles,
	Rank:     160,
	Severity: Error,
	Scope:    Machine,
	Title:    "A field of the target in profiles.yml has the wrong type",
	Fix:      "★ quotes around a number, none around a number or a boolean",
	Check: func(p *workspace.Project, report func(Finding)) {
		if _, ok := adapterNode(p); !ok || p.EngineKind() == engine.KindV1 {
			return
		}
		for pair := range p.Profile.Connections[0].All() {
			value := pair.Value.Resolved()
			if value.IsNull() || dbt.Templated(value) || isUnquotedJinja(p.ProfilesFile, value.Span) {
				continue
			}
			wants := dbt.TypeOfField(p.Profile.Adapter, pair.Key.Value)
			if expected, takes := fieldTakes(wants); takes != nil && !takes(value.Type(), value.Value) {
				report(fieldType(p, pair.Key.Value, value, wants, expected))
			}
		}
	},
}

// fieldTakes says what a field takes, and tells whether a value is that; takes
// is nil where anything goes.
func fieldTakes(wants dbt.FieldType) (expected string, takes func(t yamlfile.Type, text string) bool) {
	switch wants {
	case dbt.FieldText:
		return "a text", isType(yamlfile.String)
	case dbt.FieldBool:
		return "true or false, without quotes", isType(yamlfile.Bool)
	case dbt.FieldInt:
		return "a whole number, without quotes", isType(yamlfile.Int)
	case dbt.FieldTextOr:
		return "a whole number or a text", isType(yamlfile.Int, yamlfile.String)
	case dbt.FieldThreads:
		return "a whole number", isThreads
	case dbt.FieldList:
		return "a list", isType(yamlfile.List, yamlfile.Tagged)
	case dbt.FieldMapping:
		return "a mapping", isType(yamlfile.Map, yamlfile.Tagged)
	case dbt.FieldKeyfile:
		return "a text or a mapping", isType(yamlfile.String, yamlfile.Map, yamlfile.Tagged)
	case dbt.FieldQueryTag:
		return "a text", isType(yamlfile.String, yamlfile.Map, yamlfile.List)
	}
	return "", nil
}

func isType(types ...yamlfile.Type) func(yamlfile.Type, string) bool {
	return func(t yamlfile.Type, _ string) bool { return slices.Contains(types, t) }
}

// isThreads takes a number, also as a text.
func isThreads(t yamlfile.Type, text string) bool {
	if t == yamlfile.String {
		_, err := strconv.ParseInt(text, 10, 64)
		return err == nil
	}
	return t == yamlfile.Int
}

func fieldType(p *workspace.Project, field string, value *yamlfile.Node, wants dbt.FieldType, expected string) Finding {
	f := Finding{
		At:      p.ProfilesFile.At(value.Span),
		Message: fmt.Sprintf("dbt v2 stops, and prints the value: `%s` of %s takes %s.", field, p.Profile.Adapter, expected),
		Remedy:  "Write " + expected + ".",
	}
	if value.Kind != yamlfile.Scalar {
		f.Message = fmt.Sprintf("dbt v2 stops: `%s` of %s takes %s.", field, p.Profile.Adapter, expected)
	}
	if written, title, ok := retyped(p.ProfilesFile, value, wants); ok {
		f.Remedy = title + "."
		f.Fixes = []Fix{{Title: title, Safe: true, Preferred: true, Edits: edits(p.ProfilesFile, text.Edit{Span: value.Span, New: written})}}
	}
	return stopsByList(p, f)
}

// retyped writes a value so that it has the type that is wanted.
func retyped(file *workspace.File, value *yamlfile.Node, wants dbt.FieldType) (written, title string, ok bool) {
	const without = "Write it without quotes"
	source := string(value.Span.Of(file.Content))
	inside := yamlfile.TypeOf(value.Value)
	switch plain := value.Kind == yamlfile.Scalar && value.Style == yamlfile.Plain; {
	case plain && (wants == dbt.FieldText || wants == dbt.FieldQueryTag || wants == dbt.FieldTextOr):
		return `"` + source + `"`, "Put quotes around it", true
	case value.Kind != yamlfile.Scalar || plain:
	case wants == dbt.FieldBool && inside == yamlfile.Bool, wants == dbt.FieldInt && inside == yamlfile.Int:
		return value.Value, without, true
	}
	return "", "", false
}
