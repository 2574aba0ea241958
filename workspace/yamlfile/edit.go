package yamlfile

import "github.com/dbt-hybrid/dbt-hybrid/workspace/text"

// InsertKey returns the edit that adds `key: value` at the end of a mapping of
// f, or of the top level when parent is nil. The value is YAML as it is to
// stand there; further lines of it are indented to fit.
func (f *File) InsertKey(parent *Node, key, value string) text.Edit { return text.Edit{} }

// AppendTopLevel returns the edit that adds lines of YAML after everything
// else in f.
func (f *File) AppendTopLevel(lines string) text.Edit { return text.Edit{} }

// RemovePair returns the edit that removes a pair of a mapping of f with its
// lines, or with its comma in a mapping in braces.
func (f *File) RemovePair(parent *Node, p Pair) text.Edit { return text.Edit{} }

// Quote returns a scalar that reads back as value, with quotes around it that
// leave Jinja inside as it is where one kind can do that.
func Quote(value string) string { return value }
