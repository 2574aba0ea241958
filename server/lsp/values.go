package lsp

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// The longest values that are shown whole, in characters.
const (
	hoverValue = 200
	hintText   = 30
)

// valuesOf returns what gives the values of a project's variables that may be
// shown: none, unless a person has said so.
func (s *Server) valuesOf(p *workspace.Project) func(*workspace.Variable) (string, bool) {
	if !s.settings.Load().of(p.Root).showValues {
		return func(*workspace.Variable) (string, bool) { return "", false }
	}
	return diagnostics.Values(p)
}

// hintValue is what stands before the source in a hint, "" for a value that is
// not shown.
func hintValue(p *workspace.Project, call *workspace.Call, valueOf func(*workspace.Variable) (string, bool)) string {
	v := p.Variable(call.Name)
	if v == nil || p.State(v) == workspace.Empty {
		return ""
	}
	if value, ok := valueOf(v); ok {
		return "= " + shortened(value, hintText) + ", "
	}
	return ""
}

// shortened is a value on one line, cut after so many characters.
func shortened(value string, limit int) string {
	if strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }) {
		value = strconv.Quote(value)
	}
	if utf8.RuneCountInString(value) > limit {
		value = string([]rune(value)[:limit]) + "…"
	}
	return value
}

// code marks a text as one that stands for itself.
func (s *Server) code(text string) string {
	if !s.client.markdown {
		return text
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}
