package dotenv

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// explain makes a Stop of what failed.
func (f *File) explain(line logical, a *assignment) *Stop {
	s := f.text
	stop := &Stop{Line: text.Span{Start: line.start, End: line.next}}
	failed, at := line.failed, line.at
	if failed == fine {
		failed, at = a.failed, a.at
	}
	stop.At = text.Span{Start: at, End: min(at+1, len(s))}
	switch failed {
	case invalid:
		stop.Reason = InvalidUTF8
		if strings.IndexByte(s[line.start:at], '\n') >= 0 {
			stop.Line.End = lineEnd(s, at)
		}
	case blankAtEnd:
		stop.Reason, stop.At = BlankAtEnd, text.Span{Start: trimSpace(s, line.start, len(s)), End: len(s)}
	case backslashAtEnd:
		stop.Reason = BackslashAtEnd
	case openQuote:
		stop.Reason, stop.At = f.explainOpenQuote(line)
	case openSingle, openDouble:
		stop.Reason, stop.At = explainOpenValue(s, a)
	case openBrace:
		stop.Reason, stop.At.End = BraceNotClosed, min(at+2, len(s))
	case badEscape:
		stop.Reason, stop.At.End = UnknownEscape, at+1+runeLen(s[at+1:])
	case trailingText:
		stop.Reason, stop.At.End = explainTrailing(s, a), trimSpace(s, at, min(line.end, lineText(s, at)))
	case badKey, noEqual:
		stop.Reason, stop.At = explainKey(s, line, failed, at)
	}
	return stop
}

// explainOpenQuote tells why the quote that the first stage saw opening at
// line.at never closes.
func (f *File) explainOpenQuote(line logical) (Reason, text.Span) {
	s, at := f.text, line.at
	quote := text.Span{Start: at, End: at + 1}
	switch a := parseAssignment(s, line.start, at); {
	case a.failed == badKey || a.failed == noEqual:
		return explainKey(s, line, a.failed, a.at)
	case a.failed == fine && a.comment >= 0:
		return QuoteInComment, quote
	}
	if s[at] == '\'' {
		if n := strings.IndexByte(s[at+1:lineText(s, at)], '\''); n > 0 && s[at+n] == '\\' {
			return BackslashBeforeQuote, text.Span{Start: at + n, End: at + n + 2}
		}
	}
	return QuoteNotClosed, quote
}

// explainOpenValue tells why the second stage misses the end of a quote that
// the first stage saw closing.
func explainOpenValue(s string, a *assignment) (Reason, text.Span) {
	if m := a.refMark; m >= 0 && (s[m] == '"' || s[m] == '\'') {
		return QuoteAfterReference, text.Span{Start: m, End: m + 1}
	}
	if n := strings.LastIndex(s[a.value:a.at], `\'`); n >= 0 {
		return BackslashBeforeQuote, text.Span{Start: a.value + n, End: a.value + n + 2}
	}
	return QuoteNotClosed, text.Span{Start: a.at, End: a.at + 1}
}

func explainTrailing(s string, a *assignment) Reason {
	switch {
	case a.refMark >= 0 && a.refMark < a.valueEnd && (s[a.refMark] == ' ' || s[a.refMark] == '\t'):
		return TextAfterReference
	case s[a.value] == '"' || s[a.value] == '\'':
		return TextAfterQuote
	}
	return BlankInValue
}

// explainKey tells what a line is that has no "NAME=" at its beginning.
func explainKey(s string, line logical, failed cause, at int) (Reason, text.Span) {
	start := skipSpace(s, line.start, line.end)
	end := max(trimSpace(s, start, min(line.end, lineText(s, start))), start)
	whole := text.Span{Start: start, End: end}
	here := text.Span{Start: at, End: at}
	if at < end {
		here.End = at + runeLen(s[at:end])
	}
	body := s[start:end]
	switch {
	case commentMark(body) > 0:
		return CommentStyle, text.Span{Start: start, End: start + commentMark(body)}
	case isRuler(body):
		return NotAnAssignment, whole
	case isShell(body):
		return ShellCommand, text.Span{Start: start, End: start + wordLen(body)}
	case at >= end: // a name alone, or "export" alone
		return NoEqualSign, whole
	case failed == badKey && (isKeyByte(s[at]) || s[at] == '"' || s[at] == '\'' || alnumLen(s[at:]) > 0):
		return BadKey, here
	case failed == badKey:
		return NotAnAssignment, here
	case s[at] == ':' && operator(s[at:end], "", true) > 0:
		return Colon, text.Span{Start: at, End: at + operator(s[at:end], "", true)}
	case operator(s[at:end], "", true) == 0 && isKeyByte(s[at-1]) && strings.IndexByte(s[at:at+wordLen(s[at:end])], '=') > 0:
		return BadKey, here
	}
	return NoEqualSign, here
}

// commentMark returns the length of a comment sign of another language at the
// beginning of a line, 0 if there is none.
func commentMark(s string) int {
	switch {
	case strings.HasPrefix(s, "//"):
		return 2
	case strings.HasPrefix(s, "-- "), s == "--":
		return 2
	case strings.HasPrefix(s, ";"):
		return len(s) - len(strings.TrimLeft(s, ";"))
	case len(s) >= 3 && strings.EqualFold(s[:3], "rem") && (len(s) == 3 || s[3] == ' ' || s[3] == '\t'):
		return 3
	}
	return 0
}

// isRuler reports whether a line only divides a file: "---", "=====" or a
// section's "[name]".
func isRuler(s string) bool {
	if len(s) >= 3 && strings.Trim(s, "-=*~_ ") == "" {
		return true
	}
	return len(s) > 2 && s[0] == '[' && strings.IndexByte(s, ']') == len(s)-1 && !strings.ContainsAny(s, `"'`)
}

// isShell reports whether a line is a command of a shell, of direnv, or of
// PowerShell.
func isShell(s string) bool {
	if s[0] == '$' {
		return true
	}
	if len(s) > 1 && s[0] == '.' && s[1] == ' ' {
		return true
	}
	word := s[:wordLen(s)]
	if len(word) == len(s) {
		return word == "fi" || word == "done" || word == "source_up" || word == "dotenv"
	}
	if strings.EqualFold(word, "set") || strings.EqualFold(word, "export") && word != "export" {
		return true
	}
	switch word {
	case "unset", "source", "if", "then", "else", "for", "while", "case", "setenv", "setx", "alias", "echo", "source_up", "dotenv", "use", "layout", "PATH_add", "eval", "declare", "local", "typeset", "readonly":
		return !strings.HasPrefix(strings.TrimLeft(s[len(word):], " \t"), "=")
	}
	return false
}

func wordLen(s string) int {
	if n := strings.IndexAny(s, " \t"); n >= 0 {
		return n
	}
	return len(s)
}
