package dotenv

import (
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Repair returns the edits that let dbt read past its stop, with a title for a
// person, where the meaning of the line is plain; the bytes of the value stay
// the same. ok is false where it is not plain. Every answer has been read back:
// the edited file loads the line with the meant value, and more.
func (f *File) Repair() (edits []text.Edit, title string, ok bool) {
	if f.Stop == nil {
		return nil, "", false
	}
	start := skipSpace(f.text, f.Stop.Line.Start, f.Stop.Line.End)
	switch f.Stop.Reason {
	case InvalidUTF8:
		return nil, "", false
	case CommentStyle:
		edits, title = []text.Edit{{Span: f.Stop.At, New: "#"}}, "Begin the comment with #"
		return edits, title, f.passes(edits, nil, "")
	case NotAnAssignment:
		if !isRuler(f.text[start:lineText(f.text, start)]) {
			return nil, "", false
		}
		edits, title = []text.Edit{{Span: text.At(start), New: "# "}}, "Make the line a comment"
		return edits, title, f.passes(edits, nil, "")
	default:
		return f.repairAssignment()
	}
}

// repairAssignment rewrites the line as NAME=value.
func (f *File) repairAssignment() (edits []text.Edit, title string, ok bool) {
	e := f.Stop.Entry
	if e == nil || e.form != guessedForm || !isKeyStart(f.text[e.key]) || strings.IndexByte(f.Name(e), '-') >= 0 {
		return nil, "", false
	}
	raw := f.text[e.Value().Start:e.Value().End]
	shell, ok := f.dropShell(e)
	if !ok {
		return nil, "", false
	}
	powershell := strings.HasPrefix(f.text[skipSpace(f.text, e.Line().Start, e.Key().Start):e.Key().Start], "$")
	value, plain := meant(raw)
	if !plain || powershell && strings.IndexByte(raw, '`') >= 0 || e.Value().Empty() && !e.Comment().Empty() && e.Comment().Start == e.Value().End {
		return nil, "", false
	}
	colon, ok := f.equalSign(e)
	if !ok {
		return nil, "", false
	}
	title = f.titleOf(raw, shell, colon)
	edits = append(append(edits, shell...), colon...)
	if !readsAs(raw, value) {
		quoted, err := Quote(value)
		if err != nil {
			return nil, "", false
		}
		edits = append(edits, f.replaceValue(e, quoted))
	} else if !e.Comment().Empty() && e.Comment().Start == e.Value().End {
		edits = append(edits, text.Edit{Span: text.At(e.Value().End), New: " "})
	}
	if end := lineText(f.text, e.Line().Start); end == len(f.text) && trimSpace(f.text, e.Line().Start, end) < end {
		edits = append(edits, text.Edit{Span: text.At(end), New: f.lineEnding()})
	}
	if len(edits) > 0 && f.passes(edits, e, value) {
		return edits, title, true
	}
	if e.Comment().Empty() {
		return nil, "", false
	}
	if moved := append(edits, f.MoveComment(e)...); f.passes(moved, e, value) {
		if len(edits) == 0 {
			title = "Move the comment to its own line"
		}
		return moved, title, true
	}
	return nil, "", false
}

// dropShell returns the edits that remove a shell's words round an assignment.
func (f *File) dropShell(e *Entry) ([]text.Edit, bool) {
	start := skipSpace(f.text, e.Line().Start, e.Key().Start)
	word := f.text[start:e.Key().Start]
	if word == "" || strings.HasPrefix(word, "export") {
		return nil, true
	}
	edits := []text.Edit{{Span: text.Span{Start: start, End: e.Key().Start}}}
	if !strings.HasSuffix(word, `"`) {
		return edits, true
	}
	end := e.Value().End // set "K=v"
	if end >= len(f.text) || f.text[end] != '"' || !e.Comment().Empty() {
		return nil, false
	}
	return append(edits, text.Edit{Span: text.Span{Start: end, End: end + 1}}), true
}

// equalSign returns the edit that writes "=" for the colon between a name and
// its value.
func (f *File) equalSign(e *Entry) ([]text.Edit, bool) {
	between := text.Span{Start: e.Key().End, End: e.Value().Start}
	switch sign := strings.Trim(f.text[between.Start:between.End], " \t\v\f"); {
	case sign == "=":
		return nil, true
	case sign != ":" || e.Value().Empty() || strings.IndexByte("|>&*!%@`[{", f.text[e.Value().Start]) >= 0:
		return nil, false
	}
	return []text.Edit{{Span: between, New: "="}}, true
}

func (f *File) titleOf(raw string, shell, colon []text.Edit) string {
	switch {
	case len(shell) > 0:
		return "Leave only NAME=value"
	case len(colon) > 0:
		return "Write = for the colon"
	case isWindowsPath(strings.TrimLeft(raw, `"'`)):
		return "Quote the path"
	case f.Stop.Reason == BlankAtEnd:
		return "End the last line with a line break"
	case f.Stop.Reason == TextAfterQuote:
		return "Put a blank before the comment"
	case f.Stop.Reason == QuoteInComment:
		return "Move the comment to its own line"
	}
	return "Quote the value"
}

// meant returns the value that a person plainly means by the text after the
// equal sign; plain is false where two readings are possible.
func meant(raw string) (value string, plain bool) {
	if raw == "" {
		return "", true
	}
	if q := raw[0]; q == '"' || q == '\'' {
		if len(raw) < 2 || raw[len(raw)-1] != q || strings.IndexByte(raw[1:len(raw)-1], q) >= 0 {
			return "", false
		}
		raw = raw[1 : len(raw)-1]
		if q == '\'' || isWindowsPath(raw) {
			return raw, true
		}
		return raw, !hasReference(raw) && strings.IndexByte(raw, '\\') < 0
	}
	if hasReference(raw) {
		return "", false
	}
	return raw, isWindowsPath(raw) || !hasEscape(raw)
}

// readsAs reports whether dbt reads raw, as a whole, as value.
func readsAs(raw, value string) bool {
	if line := readLogical(raw, 0); line.failed != fine || line.end < len(raw) {
		return false
	}
	a := assignment{comment: -1, refMark: -1}
	out := &evaluation{lookup: func(string) string { return "" }}
	a.scanValue(raw, len(raw), out)
	return a.failed == fine && a.valueEnd == len(raw) && out.String() == value && (raw == "" || raw[0] != '#')
}

// withoutReferences returns the value of an entry where no reference has one.
func (f *File) withoutReferences(e *Entry) string {
	if e.form != computed {
		return f.plain(e)
	}
	return f.evaluate(e, &evaluation{lookup: func(string) string { return "" }})
}

// hasReference reports whether a '$' in s may mean a variable or a command.
func hasReference(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '$' && (isKeyStart(s[i+1]) || '0' <= s[i+1] && s[i+1] <= '9' || s[i+1] == '{' || s[i+1] == '(') {
			return true
		}
	}
	return false
}

// hasEscape reports whether a backslash in s may protect the character after it.
func hasEscape(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		if i+1 == len(s) {
			return true
		}
		if _, known := unescape(s[i+1 : i+2]); known {
			return true
		}
	}
	return false
}

// isWindowsPath reports whether s begins with a drive or a share.
func isWindowsPath(s string) bool {
	if len(s) > 2 && isKeyStart(s[0]) && s[0] != '_' && s[1] == ':' && s[2] == '\\' {
		return !strings.ContainsAny(s, `"'`)
	}
	return len(s) > 2 && s[0] == '\\' && s[1] == '\\' && alnumLen(s[2:]) > 0 && !strings.ContainsAny(s, `"'`)
}

// passes reports whether dbt reads past the stop after the edits, and, with an
// entry, that the line gives it the value. Only the line of the stop is read
// again: dbt reads one after the other.
func (f *File) passes(changes []text.Edit, e *Entry, value string) bool {
	line := text.Span{Start: f.Stop.Line.Start, End: max(f.Stop.Line.End, lineEnd(f.text, f.Stop.Line.Start))}
	if slices.ContainsFunc(changes, func(e text.Edit) bool { return e.Span.Start < line.Start || e.Span.End > line.End }) {
		line = text.Span{End: len(f.Content)}
	}
	here := make([]text.Edit, len(changes))
	for i, change := range changes {
		here[i] = text.Edit{Span: change.Shift(-line.Start), New: change.New}
	}
	content, err := text.Apply(line.Of(f.Content), here)
	if err != nil {
		return false
	}
	grown := len(content) - line.Len()
	after := Parse(content)
	if after.Stop != nil && after.Stop.Line.Start < lineEnd(f.text, f.Stop.Line.Start)-line.Start+grown {
		return false
	}
	if e == nil {
		return true
	}
	for i := range after.Entries {
		got := &after.Entries[i]
		if got.Line().Start >= f.Stop.Line.Start-line.Start && !got.Lost {
			return after.Name(got) == f.Name(e) && after.withoutReferences(got) == value
		}
	}
	return false
}
