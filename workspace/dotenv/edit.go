package dotenv

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Quote writes a value so that dbt v2 reads it back byte for byte: nothing for
// the empty value, single quotes where they do, else double quotes with
// escapes. A value with a NUL or with bytes that are not UTF-8 is an error.
func Quote(value string) (string, error) {
	switch {
	case strings.IndexByte(value, 0) >= 0:
		return "", errors.New("a value in .env cannot hold a NUL byte")
	case !utf8.ValidString(value):
		return "", errors.New("a value in .env must be UTF-8")
	case value == "":
		return "", nil
	case strings.IndexByte(value, '\'') < 0 && trailingBackslashes(value)%2 == 0:
		return "'" + value + "'", nil
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`).Replace(value) + `"`, nil
}

func trailingBackslashes(s string) int {
	return len(s) - len(strings.TrimRight(s, `\`))
}

// Set returns the edit that gives an entry another value; its key, its comment
// and all other lines stay. The error is that of Quote, or that the line has no
// equal sign.
func (f *File) Set(e *Entry, value string) (text.Edit, error) {
	quoted, err := Quote(value)
	if err != nil {
		return text.Edit{}, err
	}
	sign := strings.IndexByte(f.text[e.Key().End:e.Value().Start], '=')
	if sign < 0 {
		return text.Edit{}, fmt.Errorf("line %d of .env has no equal sign", f.Lines().Position(e.Key().Start).Line)
	}
	edit := f.replaceValue(e, quoted)
	if f.sameEnd(e, edit) {
		return edit, nil
	}
	rest := strings.TrimRight(f.text[edit.End:e.Line().End], "\r\n")
	if e.Comment().Empty() && strings.TrimSpace(rest) == "" {
		edit.End += len(rest) // white space at which dbt would stop, without a line break say
	}
	if quoted == "" {
		edit.Start = e.Key().End + sign + 1 // the blanks in front now stand in front of the comment or the end
	}
	return edit, nil
}

// replaceValue puts raw in the place of an entry's value. Where the comment
// behind it would not be one any more, would swallow other lines or stop dbt, the
// blanks between them become a single one.
func (f *File) replaceValue(e *Entry, raw string) text.Edit {
	edit := text.Edit{Span: e.Value(), New: raw}
	if e.Comment().Empty() {
		return edit
	}
	gap := f.text[e.Value().End:e.Comment().Start]
	ends := gap != "" && strings.Trim(gap, " \t") == "" // no other white space may stand behind a value
	if !ends || !f.sameEnd(e, edit) {
		edit.End = e.Comment().Start
		edit.New += " "
	}
	return edit
}

// sameEnd reports whether an entry's logical line still ends at the same place
// after an edit of its value.
func (f *File) sameEnd(e *Entry, edit text.Edit) bool {
	head, tail := f.text[e.Line().Start:edit.Start]+edit.New, f.text[edit.End:e.Line().End]
	line := readLogical(head+tail, 0)
	return line.failed == fine && line.next == len(head)+len(tail)
}

// Remove returns the edit that deletes an entry's lines, its trailing comment
// included. Lines that its comment swallowed stay.
func (f *File) Remove(e *Entry) text.Edit {
	return text.Edit{Span: f.ownLines(e)}
}

// RemoveBeforeComment returns the edit that deletes an entry and leaves its trailing
// comment, which then has a line of its own.
func (f *File) RemoveBeforeComment(e *Entry) text.Edit {
	if e.Comment().Empty() {
		return f.Remove(e)
	}
	return text.Edit{Span: text.Span{Start: e.Line().Start, End: e.Comment().Start}}
}

// ownLines returns the physical lines of an entry, to the end of that on which
// its value ends.
func (f *File) ownLines(e *Entry) text.Span {
	return text.Span{Start: e.Line().Start, End: lineEnd(f.text, e.Value().End)}
}

// CommentOut returns the edit that puts "# " before an entry's lines.
func (f *File) CommentOut(e *Entry) text.Edit {
	own := f.ownLines(e)
	return text.Edit{Span: own, New: commented(f.text[own.Start:own.End])}
}

func commented(lines string) string {
	var out strings.Builder
	for line := range strings.Lines(lines) {
		out.WriteString("# ")
		out.WriteString(line)
	}
	return out.String()
}

// Uncomment returns the edit that takes the comment sign from one of the
// Commented entries.
func (f *File) Uncomment(e *Entry) text.Edit {
	head := f.text[e.Line().Start:e.Key().Start]
	sign := strings.IndexByte(head, '#')
	rest := strings.TrimLeft(head[sign:], "# \t\v\f")
	return text.Edit{Span: text.Span{Start: e.Line().Start + sign, End: e.Key().Start - len(rest)}}
}

// MoveComment returns the edits that put an entry's trailing comment on a line
// of its own above; none if it has no comment. Of a comment that swallowed
// lines only the first line moves, so that dbt sees the others again.
func (f *File) MoveComment(e *Entry) []text.Edit {
	if e.Comment().Empty() {
		return nil
	}
	end := lineText(f.text, e.Comment().Start)
	gap := text.Span{Start: trimSpace(f.text, e.Value().End, e.Comment().Start), End: end}
	return []text.Edit{
		{Span: text.At(e.Line().Start), New: f.text[e.Comment().Start:end] + f.lineEnding()},
		{Span: gap},
	}
}

func (f *File) lineEnding() string { return text.LineEnding(f.Content) }

// Append returns the edit that adds "NAME=" on a line of its own where dbt will
// read it, at the end or above the stop, and the offset after the equal sign in
// the text that results.
func (f *File) Append(name string) (edit text.Edit, cursor int) {
	edit = f.AppendText(name + "=")
	return edit, edit.Start + strings.LastIndexByte(edit.New, '=') + 1
}

// AppendText returns the edit that adds whole lines at the place of Append. Their
// line endings become those of the file.
func (f *File) AppendText(lines string) text.Edit {
	lines = strings.TrimRight(strings.ReplaceAll(lines, "\r\n", "\n"), "\n") + "\n"
	at := len(f.text)
	if f.Stop != nil {
		at = f.Stop.Line.Start
	} else if f.text != "" && f.text != byteOrderMark && !strings.HasSuffix(f.text, "\n") {
		lines = "\n" + lines
	}
	return text.Edit{Span: text.At(at), New: strings.ReplaceAll(lines, "\n", f.lineEnding())}
}

// Reencode returns the file as UTF-8 without a byte order mark and with LF line
// ends. ok is false where the bytes have no certain meaning.
func (f *File) Reencode() (content []byte, ok bool) {
	s := f.text
	switch f.Encoding {
	case UTF8:
	case UTF8BOM:
		s = strings.TrimPrefix(s, byteOrderMark)
	case UTF16LE, UTF16BE:
		if s, ok = decodeUTF16(f.Content, f.Encoding == UTF16BE); !ok {
			return nil, false
		}
	case OtherEncoding:
		return nil, false
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if strings.IndexByte(s, '\n') < 0 {
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	return []byte(s), true
}

func decodeUTF16(content []byte, bigEndian bool) (string, bool) {
	if len(content)%2 != 0 {
		return "", false
	}
	units := make([]uint16, 0, len(content)/2)
	for i := 0; i < len(content); i += 2 {
		low, high := content[i], content[i+1]
		if bigEndian {
			low, high = high, low
		}
		units = append(units, uint16(high)<<8|uint16(low))
	}
	s := strings.TrimPrefix(string(utf16.Decode(units)), byteOrderMark)
	return s, !strings.ContainsRune(s, utf8.RuneError)
}
