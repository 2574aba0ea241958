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
		connection := p.Profile.Connections[0]
		reportKeyNoText(p, connection, report)
		for _, v := range p.FieldValues() {
			if dbt.Templated(v.Node) || isUnquotedJinja(p.ProfilesFile, v.At) {
				continue
			}
			expected, takes := fieldTakes(v.Takes)
			switch {
			case v.Node.IsNull() && v.Required:
				report(fieldAbsent(p, v, expected))
			case v.Node.IsNull(), takes == nil:
			case !takes(v.Node.Type(), v.Node.Value):
				report(fieldType(p, v, expected))
			case v.HasFields():
				reportKeyNoText(p, v.Node, report)
			}
		}
	},
}

// reportKeyNoText reports a key of a mapping of the connection that is no text.
func reportKeyNoText(p *workspace.Project, mapping *yamlfile.Node, report func(Finding)) {
	if key := dbt.KeyNoText(mapping); key != nil && !isUnquotedJinja(p.ProfilesFile, key.Span) {
		report(stopsByList(p, Finding{
			At:      p.ProfilesFile.At(key.Span),
			Message: "dbt v2 stops: a key in the target must be a text.",
			Remedy:  "Put quotes around it.",
		}))
	}
}

func fieldAbsent(p *workspace.Project, v dbt.FieldValue, expected string) Finding {
	return stopsByList(p, Finding{
		At:      p.ProfilesFile.At(v.At),
		Message: fmt.Sprintf("dbt v2 stops: `%s` of %s may not be absent.", v.Field, p.Profile.Adapter),
		Remedy:  "Write " + expected + ".",
	})
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
	case dbt.FieldTexts, dbt.FieldAttachments, dbt.FieldExtensions, dbt.FieldSecrets:
		return "a list", isType(yamlfile.List, yamlfile.Tagged)
	case dbt.FieldMapping:
		return "a mapping", isType(yamlfile.Map, yamlfile.Tagged)
	case dbt.FieldKeyfile:
		return "a text or a mapping", isType(yamlfile.String, yamlfile.Map, yamlfile.Tagged)
	case dbt.FieldQueryTag:
		return "a text", isType(yamlfile.String, yamlfile.Map, yamlfile.List)
	case dbt.FieldAttachment:
		return "a mapping with `path`", isType(yamlfile.Map)
	case dbt.FieldSecret:
		return "a mapping with `type`", isType(yamlfile.Map)
	case dbt.FieldExtension:
		return "a text or a mapping with `name`", isType(yamlfile.String, yamlfile.Map)
	case dbt.FieldSparkMethod, dbt.FieldSparkAuth:
		words := dbt.Words(wants)
		return "one of " + list(words), func(t yamlfile.Type, text string) bool { return t == yamlfile.String && slices.Contains(words, text) }
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

func fieldType(p *workspace.Project, v dbt.FieldValue, expected string) Finding {
	f := Finding{
		At:      p.ProfilesFile.At(v.At),
		Message: fmt.Sprintf("dbt v2 stops%s: `%s` of %s takes %s.", andPrints(v.Takes, v.Node.Type()), v.Field, p.Profile.Adapter, expected),
		Remedy:  "Write " + expected + ".",
	}
	if written, title, ok := retyped(p.ProfilesFile, v.Node, v.Takes); ok {
		f.Remedy = title + "."
		f.Fixes = []Fix{{Title: title, Safe: true, Preferred: true, Edits: edits(p.ProfilesFile, text.Edit{Span: v.Node.Span, New: written})}}
	}
	return stopsByList(p, f)
}

// andPrints says whether the value can be read in the message with which dbt stops.
func andPrints(wants dbt.FieldType, has yamlfile.Type) string {
	switch {
	case has == yamlfile.List, has == yamlfile.Map, has == yamlfile.Tagged:
		return ""
	case wants == dbt.FieldTextOr, wants == dbt.FieldKeyfile, wants == dbt.FieldQueryTag, wants == dbt.FieldExtension, wants == dbt.FieldThreads && has != yamlfile.String:
		return ""
	}
	return ", and prints the value"
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
