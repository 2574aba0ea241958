package dbt

import "github.com/dbt-hybrid/dbt-hybrid/workspace/text"

// Origin says where a setting's value comes from.
type Origin struct {
	Kind OriginKind
	Name string    // the flag, the variable, the editor setting or the YAML key
	Path string    // the file, for OriginFile and OriginEnvFile
	Span text.Span // the value in that file
}

// OriginKind is the kind of place a setting comes from.
type OriginKind int

// The kinds of origins. The zero value says that nothing set it.
const (
	OriginNone    OriginKind = iota
	OriginFlag               // a command-line flag
	OriginShell              // a variable of the process
	OriginEnvFile            // a variable of .env
	OriginEditor             // a setting of the editor
	OriginFile               // a key of a YAML file
	OriginDefault            // dbt's own default
)

// Setting is a value that a flag, a variable or an editor setting gives.
// The zero value is one that nobody gave; an empty value that was given is Set.
type Setting struct {
	Value string
	Set   bool
	From  Origin
}
