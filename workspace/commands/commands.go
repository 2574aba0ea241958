// Package commands finds calls of dbt in the files of a repository that start
// programs: Makefiles, scripts, tasks of editors, workflows, hooks.
//
// It reads them as people do, not as the programs do that run them: what a
// variable stands for, and which branch is taken, is not known. Nothing is run.
package commands

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jsonc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// Flag is one flag that a call of dbt is given.
type Flag struct {
	Name string
	Span text.Span // the flag and, where it stands in the same word, its value; with its quotes
	Cut  text.Span // what to remove so that the call is left without the flag; empty where that takes more
}

// Flags returns where a file gives dbt one of some flags ("--no-defer"), in their
// order in the file. A flag of another program, one in a comment, and one that is
// only printed are not among them. The kind of file follows from its path.
func Flags(path string, content []byte, names ...string) []Flag {
	if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(string(content), strings.TrimLeft(name, "-")) }) {
		return nil
	}
	f := newFinder()
	f.file(path, content)
	var flags []Flag
	for _, words := range f.calls {
		for i, w := range words {
			name, _, _ := strings.Cut(w.text, "=")
			if slices.Contains(names, name) {
				flags = append(flags, Flag{Name: name, Span: w.span, Cut: cut(content, words, i)})
			}
		}
	}
	slices.SortStableFunc(flags, func(a, b Flag) int { return a.Span.Start - b.Span.Start })
	return slices.CompactFunc(flags, func(a, b Flag) bool { return a.Span == b.Span })
}

// word is one argument of a call, without its quotes.
type word struct {
	text string
	span text.Span // in the file, with its quotes
	list int       // words of one list have one number: they can be removed up to their neighbour
}

// cut returns what to remove from a file with a word.
func cut(content []byte, words []word, i int) text.Span {
	at := words[i]
	var gap, all text.Span
	switch {
	case i > 0 && words[i-1].list == at.list:
		gap = text.Span{Start: words[i-1].span.End, End: at.span.Start}
		all = text.Span{Start: gap.Start, End: at.span.End}
	case i+1 < len(words) && words[i+1].list == at.list:
		gap = text.Span{Start: at.span.End, End: words[i+1].span.Start}
		all = text.Span{Start: at.span.Start, End: gap.End}
	default:
		return text.Span{}
	}
	if gap.Len() < 0 || strings.ContainsAny(string(gap.Of(content)), "#/") { // a comment would go too
		return text.Span{}
	}
	return all
}

// finder collects the calls of dbt in a file, each from the word behind the program's.
type finder struct {
	calls   [][]word
	lists   int
	command func(words []word, strict bool) // is given every command of a shell
}

func newFinder() *finder {
	f := &finder{}
	f.command = f.call
	return f
}

func (f *finder) file(path string, content []byte) {
	name := strings.ToLower(filepath.Base(path))
	ext := filepath.Ext(name)
	whole := source{text: string(content), at: func(i int) int { return i }}
	switch {
	case ext == ".json" || ext == ".jsonc" || ext == ".code-workspace":
		f.tree(jsonValue(jsonc.Parse(whole.text).Root))
	case ext == ".yml" || ext == ".yaml":
		f.tree(yamlTree(yamlfile.Parse(content)))
	case ext == ".groovy" || ext == ".toml" || strings.HasPrefix(name, "jenkinsfile"):
		f.literals(whole, ext == ".toml")
	case ext == ".bat" || ext == ".cmd":
		f.shell(whole, batch)
	case ext == ".ps1":
		f.shell(whole, powershell)
	case ext == ".mk" || name == "makefile" || name == "gnumakefile" || name == "justfile" || ext == ".just":
		f.shell(whole, makefile)
	default:
		f.shell(whole, posix)
	}
}

// source is a text, and where each of its bytes stands in the file.
type source struct {
	text string
	at   func(i int) int
}

func (s source) span(start, end int) text.Span {
	return text.Span{Start: s.at(start), End: s.at(end)}
}

// part is the text between two offsets.
func (s source) part(start, end int) source {
	return source{s.text[start:end], func(i int) int { return s.at(start + i) }}
}

// list returns a number for the words of a list.
func (f *finder) list() int {
	f.lists++
	return f.lists
}

// call notes a command if it is one of dbt. A strict one begins with dbt, or with
// what starts other programs: a text in quotes may be prose.
func (f *finder) call(words []word, strict bool) {
	if len(words) == 0 {
		return
	}
	if assigns(words) {
		f.calls = append(f.calls, words)
		return
	}
	for i, w := range words {
		switch {
		case isDbt(w.text):
			if rest := words[i+1:]; len(rest) > 0 && argument(rest[0].text) {
				f.calls = append(f.calls, rest)
			}
			return
		case onlyShows(w.text) && i == firstProgram(words), strict && !starts(w.text):
			return
		}
	}
}

// firstProgram is the index of the first word that is no keyword, no assignment
// and no option.
func firstProgram(words []word) int {
	for i, w := range words {
		if !keyword(w.text) && !assignment(w.text) {
			return i
		}
	}
	return 0
}

// assigns reports whether words are an assignment of flags to a variable that is
// named after dbt, as Makefiles have them: DBT_FLAGS := --no-defer.
func assigns(words []word) bool {
	if len(words) < 2 || !identifier(words[0].text) || !namesDbt(words[0].text) {
		return false
	}
	switch words[1].text {
	case "=", ":=", "::=", "?=", "+=":
		return true
	}
	return false
}

// namesDbt reports whether the name before a "=" has dbt in it.
func namesDbt(s string) bool {
	name, _, _ := strings.Cut(s, "=")
	return strings.Contains(strings.ToLower(name), "dbt")
}

// isDbt reports whether a word starts dbt.
func isDbt(s string) bool {
	s = strings.TrimLeft(s, "@-&") // of make, and of PowerShell
	if at := strings.LastIndexAny(s, `/\`); at >= 0 {
		s = s[at+1:]
	}
	switch strings.TrimSuffix(strings.ToLower(s), ".exe") {
	case "dbt", "dbtf", "dbt.cli.main":
		return true
	}
	variable := strings.Trim(s, "${}() ")
	return strings.ContainsAny(s, "${") && identifier(variable) && strings.Contains(strings.ToLower(variable), "dbt")
}

// argument reports whether a word may follow dbt: a command, a flag, or something
// that a variable gives.
func argument(s string) bool {
	switch s {
	case "build", "clean", "clone", "compile", "debug", "deps", "docs", "init", "list", "ls", "man", "parse", "retry", "run", "run-operation",
		"seed", "show", "snapshot", "source", "test", "lint", "format", "fmt", "environment", "sl", "invocation":
		return true
	}
	return strings.HasPrefix(s, "-") || strings.ContainsAny(s, "$%{@*")
}

// onlyShows reports whether a program does not run what it is given.
func onlyShows(s string) bool {
	s = strings.TrimLeft(s, "@-")
	if at := strings.LastIndexAny(s, `/\`); at >= 0 {
		s = s[at+1:]
	}
	switch strings.ToLower(s) {
	case "echo", "printf", "print", "cat", "tee", "grep", "egrep", "rg", "sed", "awk", "git", "which", "type", "rem", "log", "info", "warn", "error",
		"write-host", "write-output", "pip", "pip3", "brew", "apt", "apt-get", "rm", "cp", "mv", "mkdir", "touch", "ls", "cd", "test", "[", "[[", "label":
		return true
	}
	return false
}

// starts reports whether a word may stand before a program that is called.
func starts(s string) bool {
	if keyword(s) || assignment(s) || strings.HasPrefix(s, "-") {
		return true
	}
	s = strings.TrimLeft(s, "@-")
	if at := strings.LastIndexAny(s, `/\`); at >= 0 {
		s = s[at+1:]
	}
	switch s {
	case "env", "exec", "time", "nice", "nohup", "sudo", "command", "uv", "uvx", "poetry", "pipenv", "pipx", "pdm", "hatch", "rye", "conda", "mamba",
		"micromamba", "pixi", "docker", "docker-compose", "compose", "podman", "run", "xargs", "timeout", "doppler", "op", "aws-vault", "dotenv",
		"direnv", "chamber", "vault", "infisical", "sops", "npx", "cross-env", "ssh", "eval", "exec-env", "python", "python3", "call", "start":
		return true
	}
	return false
}

func keyword(s string) bool {
	switch s {
	case "if", "then", "elif", "else", "do", "while", "until", "for", "!", "{", "}", "RUN", "CMD", "ENTRYPOINT", "&", "export", "set", "declare", "local", "readonly", "alias":
		return true
	}
	return false
}

// assignment reports whether a word is NAME=value.
func assignment(s string) bool {
	name, _, ok := strings.Cut(s, "=")
	return ok && identifier(name)
}

func identifier(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
