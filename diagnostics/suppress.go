package diagnostics

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// A syntax is how comments of a file are written.
type syntax struct {
	open, close string
	alone       bool // a comment needs a line of its own
}

// comments returns the syntax of the comments of a file; ok is false where
// there are none, as in a CSV file.
func comments(path string) (s syntax, ok bool) {
	name := filepath.Base(path)
	switch ext := fspath.Ext(name); {
	case workspace.IsEnvFile(path), name == "Dockerfile", name == ".gitignore", name == "requirements.txt":
		return syntax{open: "#", alone: true}, true
	case ext == ".sql":
		return syntax{open: "{#", close: "#}"}, true
	case name == "devcontainer.json", name == ".devcontainer.json", name == "tasks.json":
		return syntax{open: "//"}, true
	case slices.Contains([]string{"", ".yml", ".yaml", ".toml", ".sh", ".bash", ".zsh", ".ps1", ".mk", ".txt", ".bkp"}, ext):
		return syntax{open: "#"}, true
	}
	return syntax{}, false
}

// A suppression is a comment that names rules which are not to speak of a line.
type suppression struct {
	file  *workspace.File
	span  text.Span // of the comment
	alone bool      // it has its line for itself
	void  bool      // it stands behind something where a comment needs its own line
	lines [2]int    // the first and the last that it speaks of, from 0
	rules []suppressed
}

// suppressed is a rule that a comment names.
type suppressed struct {
	code string
	span text.Span
	used bool
}

// A commented is a file that may have comments for this program.
type commented struct {
	*workspace.File
	values func() []text.Span // of YAML or of an environment file, sorted
	all    []*suppression
}

// readComments finds the comments of a file that suppress something.
func readComments(file *workspace.File) *commented {
	c := &commented{File: file}
	c.values = sync.OnceValue(c.readValues)
	if s, ok := comments(file.Path); ok && file.Noted() {
		c.all = c.suppressions(s)
	}
	return c
}

func (c *commented) suppressions(s syntax) []*suppression {
	var all []*suppression
	file := c.File
	for from := 0; ; {
		at := bytes.Index(file.Content[from:], []byte(workspace.Remark))
		if at < 0 {
			break
		}
		at += from
		from = at + len(workspace.Remark)
		if found := c.suppression(s, at); found != nil {
			all = append(all, found)
		}
	}
	for i := len(all) - 1; i >= 0; i-- { // from below: one above another speaks of the same line
		if one := all[i]; one.alone {
			one.lines[1]++
			if i+1 < len(all) && all[i+1].alone && all[i+1].lines[0] == one.lines[1] {
				one.lines[1] = all[i+1].lines[1]
			}
		}
	}
	return all
}

// suppression reads the comment with a remark at an offset; nil where it is
// none, or says something else.
func (c *commented) suppression(s syntax, at int) *suppression {
	file := c.File
	n := file.Lines().LineOf(at)
	line := file.Lines().Line(n)
	before := strings.TrimRight(string(file.Content[line.Start:at]), " \t")
	if s.open == "{#" {
		before = strings.TrimRight(strings.TrimSuffix(before, "-"), " \t")
	}
	out := &suppression{file: file, span: text.Span{End: line.End}, lines: [2]int{n, n}}
	close := s.close
	if s.open == "#" && strings.HasSuffix(before, "{#") { // Jinja in a value of YAML
		s.open, close = "{#", "#}"
	}
	if !strings.HasSuffix(before, s.open) {
		return nil
	}
	front := strings.TrimSuffix(before, s.open)
	out.span.Start = line.Start + len(front)
	behind := ""
	if close != "" {
		end := bytes.Index(file.Content[at:line.End], []byte(close))
		if end < 0 {
			return nil
		}
		out.span.End = at + end + len(close)
		behind = string(file.Content[out.span.End:line.End])
	}
	front = strings.TrimPrefix(front, "\uFEFF")
	out.alone = strings.TrimSpace(front+behind) == ""
	out.void = s.alone && !out.alone
	if s.open != "{#" && (c.inValue(out.span.Start) || front != "" && !strings.HasSuffix(front, " ") && !strings.HasSuffix(front, "\t")) {
		return nil
	}
	out.rules = readCodes(file, at+len(workspace.Remark), out.span.End-len(close))
	if out.rules == nil {
		return nil
	}
	return out
}

// readCodes reads `ignore RULE[, RULE] [reason]`; nil where nothing of the kind
// stands there.
func readCodes(file *workspace.File, start, end int) []suppressed {
	rest := string(file.Content[start:end])
	trimmed, ok := strings.CutPrefix(strings.TrimLeft(rest, " \t"), "ignore")
	if !ok || trimmed != "" && trimmed[0] != ' ' && trimmed[0] != '\t' {
		return nil
	}
	rules := []suppressed{}
	for at := end - len(trimmed); ; {
		word := strings.TrimLeft(string(file.Content[at:end]), " \t")
		at = end - len(word)
		length := strings.IndexFunc(word, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') })
		if length < 0 {
			length = len(word)
		}
		if code := strings.Trim(word[:length], "-"); code != "" && word[0] != '-' {
			rules = append(rules, suppressed{code: code, span: text.Span{Start: at, End: at + len(code)}})
		}
		behind := strings.TrimLeft(word[length:], " \t")
		if !strings.HasPrefix(behind, ",") {
			return rules
		}
		at = end - len(behind) + 1
	}
}

// readValues lists the values of an environment file, or the scalars of YAML.
func (c *commented) readValues() []text.Span {
	var all []text.Span
	switch {
	case workspace.IsYAML(c.Path):
		c.YAML().Walk(func(_ []string, node *yamlfile.Node) bool {
			all = append(all, node.Span)
			return true
		})
	case workspace.IsEnvFile(c.Path):
		for _, e := range c.Dotenv().Entries {
			all = append(all, e.Value())
		}
	}
	return all
}

// valueAt returns the value that an offset lies in.
func (c *commented) valueAt(offset int) (span text.Span, ok bool) {
	values := c.values()
	i, _ := slices.BinarySearchFunc(values, offset, func(s text.Span, offset int) int {
		if s.End <= offset {
			return -1
		}
		return 1
	})
	if i < len(values) && values[i].Start <= offset {
		return values[i], true
	}
	return text.Span{}, false
}

// inValue reports whether an offset lies within a value, where a comment sign is
// a letter like others.
func (c *commented) inValue(offset int) bool {
	span, ok := c.valueAt(offset)
	return ok && span.Start < offset
}

// anchor returns the line, from 0, above which a comment about a place can
// stand: where the value begins that the place lies in, or the tag of Jinja.
func (c *commented) anchor(offset int) int {
	if span, ok := c.valueAt(offset); ok {
		offset = span.Start
	} else if fspath.Ext(c.Path) == ".sql" {
		offset = tagStart(c.Content, offset)
	}
	return c.Lines().LineOf(offset)
}

// tagStart returns where the tag of Jinja begins that an offset lies in, or the
// offset itself outside of tags.
func tagStart(content []byte, offset int) int {
	start := -1
	for _, sign := range []string{"{{", "{%"} {
		start = max(start, bytes.LastIndex(content[:offset], []byte(sign)))
	}
	if start < 0 {
		return offset
	}
	for _, sign := range []string{"}}", "%}"} {
		if bytes.Contains(content[start:offset], []byte(sign)) {
			return offset
		}
	}
	return start
}

// A suppressor takes out the findings that comments suppress.
type suppressor struct {
	files map[*workspace.File]*commented
}

func newSuppressor(p *workspace.Project) *suppressor {
	s := &suppressor{files: map[*workspace.File]*commented{}}
	for _, file := range p.Noted() {
		s.read(file)
	}
	return s
}

func (s *suppressor) read(file *workspace.File) *commented {
	c, ok := s.files[file]
	if !ok {
		c = readComments(file)
		s.files[file] = c
	}
	return c
}

// names reports whether a comment names a rule.
func (s *suppressor) names(code string) bool {
	for _, c := range s.files {
		for _, one := range c.all {
			if slices.ContainsFunc(one.rules, func(r suppressed) bool { return r.code == code }) {
				return true
			}
		}
	}
	return false
}

// suppresses reports whether a comment suppresses a finding, and notes for each
// that does that it is used.
func (s *suppressor) suppresses(f *Finding) bool {
	if !f.At.File.Noted() {
		return false
	}
	c := s.read(f.At.File)
	lines := [2]int{c.Lines().LineOf(f.At.Span.Start), c.anchor(f.At.Span.Start)}
	found := false
	for _, one := range c.all {
		if one.void || !one.covers(lines[0]) && !one.covers(lines[1]) {
			continue
		}
		for i := range one.rules {
			if r := &one.rules[i]; r.code == f.Rule.Code {
				r.used, found = true, true
			}
		}
	}
	return found
}

func (s *suppression) covers(line int) bool { return s.lines[0] <= line && line <= s.lines[1] }

// Ignore returns the fix that suppresses a finding where it stands, by a comment
// of its own above it. ok is false in a file that knows no comments, and where
// none can stand.
func Ignore(f *Finding) (fix Fix, ok bool) {
	file := f.At.File
	s, ok := comments(file.Path)
	if !ok || !file.Exists() || !utf8.Valid(file.Content) || f.Rule == &unusedSuppression {
		return Fix{}, false
	}
	fix.Title = "Ignore " + f.Rule.Code + " here"
	c := readComments(file)
	n := c.anchor(f.At.Span.Start)
	for _, one := range c.all {
		if one.alone && one.lines[1] == n && len(one.rules) > 0 {
			last := one.rules[len(one.rules)-1].span.End
			fix.Edits = edits(file, text.Edit{Span: text.At(last), New: ", " + f.Rule.Code})
			return fix, true
		}
	}
	line := file.Lines().Line(n)
	if n > 0 && strings.HasSuffix(strings.TrimRight(string(file.Lines().Line(n-1).Of(file.Content)), " \t"), "\\") {
		return Fix{}, false // the line goes on from the one above
	}
	content := string(line.Of(file.Content))
	rest := strings.TrimPrefix(content, "\uFEFF")
	indent := rest[:len(rest)-len(strings.TrimLeft(rest, " \t"))]
	if s.alone && s.open == "#" {
		indent = ""
	}
	comment := s.open + " " + workspace.Remark + " ignore " + f.Rule.Code
	if s.close != "" {
		comment += " " + s.close
	}
	at := text.At(line.Start + len(content) - len(rest))
	fix.Edits = edits(file, text.Edit{Span: at, New: indent + comment + text.LineEnding(file.Content)})
	return fix, true
}
