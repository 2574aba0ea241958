package report

import (
	"net/url"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
)

// Style is what a terminal can show. The zero value is plain text.
type Style struct {
	Color bool
	Links bool // to pages (OSC 8)
	Files bool // also to files, which some terminals find by themselves
	Width int  // columns for text that is broken into lines; 0: it is not
}

// painter writes escape sequences for a terminal, or none.
type painter struct{ Style }

func (p painter) wrap(code, s string) string {
	if !p.Color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p painter) bold(s string) string { return p.wrap("1", s) }
func (p painter) dim(s string) string  { return p.wrap("2", s) }
func (p painter) code(s string) string { return p.wrap("36", s) }

// link makes a text lead to an address.
func (p painter) link(address, s string) string {
	if !p.Links {
		return s
	}
	return "\x1b]8;;" + address + "\x1b\\" + s + "\x1b]8;;\x1b\\"
}

// file makes a text lead to a file.
func (p painter) file(path, s string) string {
	if !p.Files {
		return s
	}
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") { // a drive
		slashed = "/" + slashed
	}
	return p.link((&url.URL{Scheme: "file", Path: slashed}).String(), s)
}

// visible is a text from a file as a terminal may have it: what would steer the
// terminal is a sign that says so.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return ' '
		case r != '\t' && r != '\n' && unicode.IsControl(r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// mark returns the sign of a mark: one column, told apart without colour.
func (p painter) mark(m Mark) string {
	switch m {
	case MarkOK:
		return p.wrap("32", "✓")
	case MarkOff:
		return p.wrap("2", "○")
	case MarkWarning:
		return p.wrap("1;33", "!")
	case MarkError:
		return p.wrap("1;31", "✗")
	}
	return " "
}

func (p painter) severity(severity diagnostics.Severity, s string) string {
	switch severity {
	case diagnostics.Error:
		return p.wrap("1;31", s)
	case diagnostics.Warning:
		return p.wrap("1;33", s)
	case diagnostics.Info:
		return p.wrap("1;36", s)
	}
	return p.wrap("2", s)
}
