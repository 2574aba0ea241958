// Package words puts numbers and names into texts for people.
package words

import (
	"fmt"
	"strings"
)

// Plural counts things: "1 file", "2 files".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// List joins names: "a, b and c".
func List(names []string) string {
	if n := len(names) - 1; n > 0 {
		return strings.Join(names[:n], ", ") + " and " + names[n]
	}
	return strings.Join(names, "")
}

// Known returns a text as programs get it: nil where it is not known.
func Known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
