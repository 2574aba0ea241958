package dotenv

import "github.com/dbt-hybrid/dbt-hybrid/workspace/text"

// Stop is the place where dbt stops reading, without a message. Nothing of its
// line and of the lines below is loaded.
type Stop struct {
	At     text.Span // what dbt cannot read
	Line   text.Span // the logical line as far as dbt read it; to the end of the file if a quote never closes
	Reason Reason
	Entry  *Entry // what the line seems to assign, nil if nothing
}

// Reason is why dbt stops.
type Reason int

// The reasons. They are finer than dbt's own, so that a remedy can be named.
const (
	ReasonNone           Reason = iota
	BlankInValue                // K=hello world
	TextAfterQuote              // K="v"x y, K="v"# c
	TextAfterReference          // K=$P x y
	UnknownEscape               // K="C:\Users"
	QuoteNotClosed              // K="abc, K=O'Brien
	QuoteInComment              // K=v  # it's
	BackslashBeforeQuote        // K='C:\dir\'
	QuoteAfterReference         // K="$HOME"
	BraceNotClosed              // K=${NAME
	NoEqualSign                 // K
	Colon                       // K: v
	BadKey                      // A-B=v, 1A=v
	ShellCommand                // set K=v, $env:K = "v", unset K, source x
	CommentStyle                // // c, ; c, -- c, REM c
	NotAnAssignment             // [default], ---, - K=v, =v
	BlankAtEnd                  // no final newline and an odd number of blanks
	BackslashAtEnd              // no final newline and a backslash
	InvalidUTF8
)

// Message says in one sentence what dbt cannot read. It holds nothing of the
// file's text.
func (r Reason) Message() string {
	switch r {
	case BlankInValue:
		return "A value without quotes ends at its first blank, and more text follows."
	case TextAfterQuote:
		return "Text follows the value without being part of it."
	case TextAfterReference:
		return "The blank after a $NAME belongs to the value, the next one ends it, and more text follows."
	case UnknownEscape:
		return `A backslash stands before a character that it cannot escape; only \\, \', \", \$, \n and backslash-blank are known.`
	case QuoteNotClosed:
		return "A quote is opened and never closed, so that it takes in all lines below."
	case QuoteInComment:
		return "A quote in the comment counts as opened, because an even number of blanks stands before the #, and it is never closed."
	case BackslashBeforeQuote:
		return "A backslash before the closing single quote keeps it from closing."
	case QuoteAfterReference:
		return "The quote directly after a $ or $NAME is taken for text, so that the value never ends."
	case BraceNotClosed:
		return "A ${ is never closed by a }."
	case NoEqualSign:
		return "There is no = after the name."
	case Colon:
		return "A colon stands where dbt expects an =."
	case BadKey:
		return "A name may have only letters, digits, underscores and dots, and begins with a letter or an underscore."
	case ShellCommand:
		return "This is a line for a shell; dbt reads only NAME=value."
	case CommentStyle:
		return "Only # begins a comment."
	case NotAnAssignment:
		return "This is neither an assignment nor a comment."
	case BlankAtEnd:
		return "The last line ends in a blank and has no line break."
	case BackslashAtEnd:
		return "The last line ends in a backslash and has no line break."
	case InvalidUTF8:
		return "The line has bytes that are not UTF-8."
	}
	return ""
}
