package dotenv

import (
	"errors"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Quote writes a value so that dbt v2 reads it back byte for byte: nothing for
// the empty value, single quotes where they do, else double quotes with
// escapes. A value with a NUL or with bytes that are not UTF-8 is an error.
func Quote(value string) (string, error) { return "", errors.New("not written") }

// Set returns the edit that gives an entry another value; its key, its comment
// and all other lines stay. The error is that of Quote, or that the line has no
// equal sign.
func (f *File) Set(e *Entry, value string) (text.Edit, error) { return text.Edit{}, nil }

// Remove returns the edit that deletes an entry's lines, its trailing comment
// included. Lines that its comment swallowed stay.
func (f *File) Remove(e *Entry) text.Edit { return text.Edit{} }

// CommentOut returns the edit that puts "# " before an entry's lines.
func (f *File) CommentOut(e *Entry) text.Edit { return text.Edit{} }

// Uncomment returns the edit that takes the comment sign from one of the
// Commented entries.
func (f *File) Uncomment(e *Entry) text.Edit { return text.Edit{} }

// MoveComment returns the edits that put an entry's trailing comment on a line
// of its own above; none if it has no comment.
func (f *File) MoveComment(e *Entry) []text.Edit { return nil }

// Append returns the edit that adds "NAME=" on a line of its own where dbt will
// read it, at the end or above the stop, and the offset after the equal sign in
// the text that results.
func (f *File) Append(name string) (edit text.Edit, cursor int) { return text.Edit{}, 0 }

// AppendText returns the edit that adds whole lines at the place of Append. Their
// line endings become those of the file.
func (f *File) AppendText(lines string) text.Edit { return text.Edit{} }

// Repair returns the edits that let dbt read past its stop, with a title for a
// person, where the meaning of the line is plain; the bytes of the value stay
// the same. ok is false where it is not plain.
func (f *File) Repair() (edits []text.Edit, title string, ok bool) { return nil, "", false }

// Reencode returns the file as UTF-8 without a byte order mark and with LF line
// ends. ok is false where the bytes have no certain meaning.
func (f *File) Reencode() (content []byte, ok bool) { return nil, false }
