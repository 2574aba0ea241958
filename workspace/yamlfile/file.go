// Package yamlfile reads YAML as dbt v2 does, with the byte position of
// everything in it, and never fails: a file that dbt cannot read gives the
// problems and what could be read in spite of them.
//
// It has a parser of its own, because no other reader agrees with dbt on what
// is valid (dbt links libyaml and adds rules: duplicate keys and anchors, 128
// levels, one document, numbers of 128 bits), on the types of values, or gives
// the place of a problem to the byte.
package yamlfile

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

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
	// Root is the document; nil when it is empty, or when dbt v2 can read no
	// tree from the file.
	Root *Node
	// Partial is what could be read of a file without Root: up to the first
	// error, unquoted Jinja taken for texts. It is for features that help while
	// a file is being typed, and for finding calls; not for rules on structure.
	Partial *Node
	// Problems are in the order of their places.
	Problems []Problem

	broken  bool
	aliases bool
	// base is the newest version from which Update can take parts over: this one
	// or one before it, nil where there is none.
	base *File
	src  string // what was parsed: the content up to its last text
}

// Broken reports whether dbt v2 can read no tree from the file at all. A file
// with duplicate keys has one, though dbt refuses it.
func (f *File) Broken() bool { return f.broken }

// HasAliases reports whether a value of Root may stand at several places.
func (f *File) HasAliases() bool { return f.aliases }

// Refused reports whether dbt v2 refuses the file for its YAML alone.
func (f *File) Refused() bool {
	return f.broken || slices.ContainsFunc(f.Problems, func(p Problem) bool { return p.Kind != UnquotedJinja })
}

// ProblemKind says what is wrong.
type ProblemKind uint8

// The kinds of problems. All make dbt v2 refuse the file, but UnquotedJinja
// where the file parses all the same.
const (
	Syntax        ProblemKind = iota
	Tab                       // a tab where YAML wants blanks
	DuplicateKey              // a key twice in one mapping; Related is the first
	Documents                 // a second document
	Encoding                  // not UTF-8, or a character that YAML forbids
	UnquotedJinja             // {{ … }} that YAML reads as nested mappings
	Depth                     // nested deeper than MaxDepth, also through aliases
	BadValue                  // a value or a merge that dbt cannot take
	Size                      // larger than MaxSize
)

// Problem is one thing that is wrong with a file. Its Message is a sentence
// without the full stop that quotes nothing from the file.
type Problem struct {
	Kind    ProblemKind
	Span    text.Span
	At      int // the place that dbt names, where it names one
	Message string
	Related text.Span // the other place that matters; zero without one
	// Edits repair it where the meaning is plain: the quotes of UnquotedJinja.
	// For tabs see File.TabEdits.
	Edits []text.Edit
}

const bom = "\uFEFF"

// Parse reads content, which must not change afterwards. It never fails.
func Parse(content []byte) *File {
	f := &File{Content: content, Lines: text.NewLines(content)}
	if len(content) > MaxSize {
		f.broken = true
		f.Problems = []Problem{{Kind: Size, Message: fmt.Sprintf("larger than %d MB, not looked at", MaxSize>>20)}}
		return f
	}
	start, end := extent(content)
	f.src = asText(content[:end])
	src := f.src
	if bad, message := badCharacter(src, start); message != "" {
		f.broken = true
		f.Problems = []Problem{{Kind: Encoding, Span: bad, At: bad.Start, Message: message}}
		f.Partial = parse(src[:bad.Start], start, false).root
		return f
	}
	p := parse(src, start, false)
	if p.err == nil {
		f.Root, f.aliases = p.root, p.aliases
		f.check(p, true)
		f.becomeBase(p)
	} else {
		f.broken = true
		if len(p.jinja) > 0 {
			p = parse(src, start, true)
		}
		f.Partial = p.root
		for _, span := range p.unquoted {
			f.Problems = append(f.Problems, unquoted(src, span))
		}
		if p.err != nil {
			f.Problems = append(f.Problems, f.describe(src, p.err))
		}
	}
	f.sortProblems()
	return f
}

func (f *File) sortProblems() {
	slices.SortStableFunc(f.Problems, func(a, b Problem) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
}

// asText returns the bytes of a content as a text that shares them: nobody
// changes them.
func asText(content []byte) string { return unsafe.String(unsafe.SliceData(content), len(content)) }

// extent returns what of a content dbt parses: without a byte order mark, and
// without white space at the end. White space in front goes only where the
// first text does not begin its line, so a file that is indented as a whole
// loses the indentation of its first line.
func extent(content []byte) (start, end int) {
	if bytes.HasPrefix(content, []byte(bom)) {
		start = len(bom)
	}
	end = len(bytes.TrimRightFunc(content, unicode.IsSpace))
	if end <= start {
		return start, start
	}
	first := end - len(bytes.TrimLeftFunc(content[start:end], unicode.IsSpace))
	if first > start && content[first-1] != '\n' {
		start = first
	}
	return start, end
}

// badCharacter finds the first character that dbt cannot take.
func badCharacter(src string, start int) (text.Span, string) {
	if strings.HasPrefix(src, "\xFF\xFE") || strings.HasPrefix(src, "\xFE\xFF") {
		return text.Span{End: 2}, "written in UTF-16; dbt reads UTF-8 only"
	}
	for i := start; i < len(src); {
		c := src[i]
		if c >= ' ' && c < 0x7F || c == '\n' || c == '\r' || c == '\t' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(src[i:])
		span := text.Span{Start: i, End: i + size}
		switch {
		case r == utf8.RuneError && size == 1:
			return span, "not valid UTF-8"
		case r == 0 && strings.Count(src[:min(len(src), 64)], "\x00") > 8:
			return span, "written in UTF-16; dbt reads UTF-8 only"
		case r < 0xA0 && r != 0x85, r == 0xFFFE, r == 0xFFFF:
			return span, "control characters are not allowed"
		}
		i += size
	}
	return text.Span{}, ""
}

type parsed struct {
	*parser
	root *Node
}

func newParser(src string, start int) *parser {
	return &parser{scanner: newScanner(src, start), source: &source{src}}
}

func parse(src string, start int, lenient bool) parsed {
	p := newParser(src, start)
	p.lenient = lenient
	return newParsed(p, p.document())
}

func newParsed(p *parser, root *Node) parsed {
	if root != nil && root.Kind == Scalar && root.Span.Empty() && root.properties == nil {
		root = nil
	}
	return parsed{p, root}
}

// describe turns an error of the parser into a problem whose span is where a
// person has to look.
func (f *File) describe(src string, e *syntaxError) Problem {
	p := Problem{Kind: e.kind, At: e.at, Message: e.problem}
	if e.context != "" {
		p.Message = fmt.Sprintf("%s, %s on line %d", e.problem, e.context, f.Lines.Position(e.contextAt).Line)
		p.Related = text.Span{Start: e.contextAt, End: min(e.contextAt+1, len(src))}
	}
	switch {
	case e.at < len(src) && src[e.at] == '\t':
		p.Kind, p.Related = Tab, text.Span{}
		p.Span = text.Span{Start: e.at, End: len(src) - len(strings.TrimLeft(src[e.at:], "\t"))}
		p.Message = "a tab stands where YAML wants blanks (" + e.problem + ")"
	case e.problem == missingColon || e.problem == unclosedQuote:
		p.Span = text.Span{Start: e.contextAt, End: f.Lines.Line(f.Lines.LineOf(e.contextAt)).End}
		p.Related = text.Span{}
	default:
		p.Span = wordAt(src, e.at)
	}
	return p
}

// wordAt returns the span from an offset to the next blank, or the character
// before it at the end of a line.
func wordAt(src string, at int) text.Span {
	end := at
	for end < len(src) && !strings.ContainsRune(" \t\r\n", rune(src[end])) {
		end++
	}
	if end == at && at > 0 && src[at-1] != '\n' {
		_, size := utf8.DecodeLastRuneInString(src[:at])
		return text.Span{Start: at - size, End: at}
	}
	return text.Span{Start: at, End: end}
}
