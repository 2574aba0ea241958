package dbt

import (
	"fmt"
	"iter"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// A FieldValue is a value of a connection, or of a list or a mapping in it, with
// what dbt v2 takes there.
type FieldValue struct {
	Field string         // as dbt writes it: schema, attach[0].path
	Key   string         // the last name in Field
	Node  *yamlfile.Node // resolved; nil where nothing is given
	At    text.Span      // of the value or, where nothing is given, of what lacks it
	Takes FieldType
	// Required says that it may be neither null nor left out. For the fields of
	// the connection itself, RequiredFields says so.
	Required bool
}

// FieldValues yields the values of a connection at every depth, as far as dbt
// looks at them.
func FieldValues(adapter string, connection *yamlfile.Node) iter.Seq[FieldValue] {
	return func(yield func(FieldValue) bool) {
		for pair := range connection.All() {
			name := pair.Key.Value
			value := FieldValue{Field: name, Key: name, Node: pair.Value.Resolved(), At: spanOf(pair.Value), Takes: TypeOfField(adapter, name)}
			if !yield(value) || !value.inside(yield) {
				return
			}
		}
	}
}

// Inside yields the values in the list or mapping that a value is.
func (v FieldValue) Inside() iter.Seq[FieldValue] {
	return func(yield func(FieldValue) bool) { v.inside(yield) }
}

func (v FieldValue) inside(yield func(FieldValue) bool) (more bool) {
	if item := v.Takes.item(); item != FieldAny && v.Node != nil {
		for i, node := range v.Node.Items {
			value := FieldValue{Field: fmt.Sprintf("%s[%d]", v.Field, i), Key: v.Key, Node: node.Resolved(), At: spanOf(node), Takes: item, Required: true}
			if !yield(value) || !value.inside(yield) {
				return false
			}
		}
	}
	if v.Node.Type() != yamlfile.Map {
		return true
	}
	for i, field := range v.Takes.fields() {
		pair, _ := v.Node.Pair(field.name)
		value := FieldValue{Field: v.Field + "." + field.name, Key: field.name, Node: pair.Value.Resolved(), At: v.At, Takes: field.takes, Required: i == 0}
		if value.Node != nil {
			value.At = spanOf(pair.Value)
		}
		if (value.Node != nil || value.Required) && !yield(value) {
			return false
		}
	}
	return true
}

// KeyNoText returns the first key of a mapping that is no text, nil without one.
// dbt refuses it in a connection and in the mappings of one that it knows.
func KeyNoText(mapping *yamlfile.Node) *yamlfile.Node {
	for pair := range mapping.All() {
		if pair.Key.Type() != yamlfile.String {
			return pair.Key
		}
	}
	return nil
}

// HasFields reports whether a value is a mapping whose keys must be texts.
func (v FieldValue) HasFields() bool {
	if v.Node.Type() != yamlfile.Map {
		return false
	}
	return v.Takes == FieldMapping || v.Takes == FieldKeyfile || v.Takes.fields() != nil
}

// item is what a list takes as its items, FieldAny for what is no list.
func (t FieldType) item() FieldType {
	switch t {
	case FieldTexts:
		return FieldText
	case FieldAttachments:
		return FieldAttachment
	case FieldExtensions:
		return FieldExtension
	case FieldSecrets:
		return FieldSecret
	}
	return FieldAny
}

type namedField struct {
	name  string
	takes FieldType
}

// fields are those of a mapping, the one first that it cannot do without. What
// else it has dbt takes as it is.
func (t FieldType) fields() []namedField {
	switch t {
	case FieldAttachment:
		return []namedField{{"path", FieldText}, {"alias", FieldText}, {"type", FieldText}, {"read_only", FieldBool}, {"is_ducklake", FieldBool}}
	case FieldExtension:
		return []namedField{{"name", FieldText}, {"repo", FieldText}}
	case FieldSecret:
		return []namedField{{"type", FieldText}, {"name", FieldText}, {"provider", FieldText}, {"scope", FieldText}, {"persistent", FieldBool}}
	}
	return nil
}
