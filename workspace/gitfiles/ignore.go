// Package gitfiles reads the files in which git keeps what it ignores and what
// it holds: gitignore(5) and gitformat-index(5). It runs no git.
package gitfiles

import (
	"bytes"
	"strings"
)

// A Pattern is one line of an ignore file.
type Pattern struct {
	folder   string // the patterns are meant below it; "" or with "/" behind it
	text     string
	literal  int // so many bytes of text, from its start, mean themselves
	include  bool
	dirOnly  bool
	anywhere bool // no "/" in it: it is held against the last part of a path
}

// Patterns returns the patterns of an ignore file. Folder is where the file
// lies, relative to the root of the work tree and with "/", "" for the root.
func Patterns(content []byte, folder string) []Pattern {
	if folder != "" {
		folder += "/"
	}
	var all []Pattern
	for line := range strings.Lines(string(bytes.TrimPrefix(content, []byte("\ufeff")))) {
		if rest, ended := strings.CutSuffix(line, "\n"); ended {
			line = strings.TrimSuffix(rest, "\r")
		}
		line, _, _ = strings.Cut(line, "\x00") // git's lines are C strings
		if p, ok := parse(line); ok {
			p.folder = folder
			all = append(all, p)
		}
	}
	return all
}

func parse(line string) (Pattern, bool) {
	if strings.HasPrefix(line, "#") {
		return Pattern{}, false
	}
	line = trimBlanks(line)
	var p Pattern
	p.text, p.include = strings.CutPrefix(line, "!")
	p.text, p.dirOnly = strings.CutSuffix(p.text, "/")
	p.anywhere = !strings.Contains(p.text, "/")
	p.text = strings.TrimPrefix(p.text, "/")
	if p.literal = strings.IndexAny(p.text, `*?[\`); p.literal < 0 {
		p.literal = len(p.text)
	}
	return p, p.text != ""
}

// trimBlanks takes the blanks at the end away, but for one behind a backslash.
func trimBlanks(line string) string {
	end := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			continue
		case '\\':
			i++
		}
		end = min(i+1, len(line))
	}
	return line[:end]
}

// Ignored reports what the patterns say of one path, which is relative to the
// root of the work tree and has "/". The last pattern that matches counts. The
// folders around the path are not looked at: when git ignores one of these, it
// ignores all that lies in it.
func Ignored(patterns []Pattern, path string, dir bool) bool {
	for i := len(patterns) - 1; i >= 0; i-- {
		if patterns[i].match(path, dir) {
			return !patterns[i].include
		}
	}
	return false
}

// IgnoredBelow is Ignored of a path and of every folder around it.
func IgnoredBelow(patterns []Pattern, path string, dir bool) bool {
	for i, c := range []byte(path) {
		if c == '/' && Ignored(patterns, path[:i], true) {
			return true
		}
	}
	return Ignored(patterns, path, dir)
}

func (p *Pattern) match(path string, dir bool) bool {
	name, ok := strings.CutPrefix(path, p.folder)
	if !ok || name == "" || p.dirOnly && !dir {
		return false
	}
	if p.anywhere {
		name = name[strings.LastIndexByte(name, '/')+1:]
	}
	// A "**" right behind the literal part is one at the start of a pattern, as in git.
	rest, ok := strings.CutPrefix(name, p.text[:p.literal])
	return ok && wild(p.text[p.literal:], rest) == matched
}
