// Package yamlfile reads YAML as dbt v2 does, with the byte position of
// everything in it, and never fails: a file that dbt cannot read gives the
// problems and what could be read before the first of them.
package yamlfile

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// MaxSize is the largest content, in bytes, that Parse looks into.
const MaxSize = 16 << 20

// MaxDepth is how deep collections may be nested. dbt v2 gives up at the same
// depth ("recursion limit exceeded").
const MaxDepth = 128

// File is one parsed content.
type File struct {
	Content []byte
	Lines   *text.Lines
	// Root is the first document; nil when it is empty, or when dbt v2 could
	// not read the file (see Broken).
	Root *Node
	// Partial is what stands before the first syntax error; nil without one.
	// It is for features that help while a file is being typed, not for rules.
	Partial *Node
	// Problems are in the order of their places.
	Problems []Problem

	broken bool
}

// Broken reports whether dbt v2 can read no tree from the file at all.
// Duplicate keys do not make a file broken in this sense.
func (f *File) Broken() bool { return f.broken }

// ProblemKind says what is wrong.
type ProblemKind int

// The kinds of problems. All but UnquotedJinja make dbt v2 refuse the file.
const (
	Syntax        ProblemKind = iota
	Tab                       // a tab where YAML wants blanks
	DuplicateKey              // a key twice in one mapping; Related is the first
	Documents                 // a second document; Related is the first's start, if marked
	Encoding                  // not UTF-8, or a character that YAML forbids
	UnquotedJinja             // {{ … }} that YAML reads as nested mappings
	Depth                     // nested deeper than MaxDepth
	Size                      // larger than MaxSize
)

// Problem is one thing that is wrong with a file. Its Message is a sentence
// without the full stop that quotes nothing from the file.
type Problem struct {
	Kind    ProblemKind
	Span    text.Span
	Message string
	Related text.Span // the other place that matters; zero without one
	// Edits repair it where the meaning is plain: the quotes of UnquotedJinja,
	// the blanks for tabs of the whole file.
	Edits []text.Edit
}

// Parse reads content, which must not change afterwards. It never fails and
// never panics.
func Parse(content []byte) *File {
	return &File{Content: content, Lines: text.NewLines(content)}
}
