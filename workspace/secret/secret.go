// Package secret holds texts that must not be shown by accident: the values of
// variables and tokens.
package secret

import "fmt"

// Mask stands for every secret wherever one is printed.
const Mask = "***"

// Text is a text that every way of printing, logging or marshalling shows as
// Mask. Reveal is the only way to its bytes.
type Text struct {
	value string
}

// New makes a secret of a text.
func New(value string) Text { return Text{value} }

// Reveal returns the text itself. It may be called to parse, to compare, to
// write back into the file it came from, and where a person asked to see it.
func (t Text) Reveal() string { return t.value }

// Empty reports whether the text has no byte.
func (t Text) Empty() bool { return t.value == "" }

// String returns Mask.
func (Text) String() string { return Mask }

// GoString returns Mask.
func (Text) GoString() string { return Mask }

// Format writes Mask for every verb.
func (Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Mask)) }

// MarshalText returns Mask, also for JSON, YAML and log fields.
func (Text) MarshalText() ([]byte, error) { return []byte(Mask), nil }
