package commands

import (
	"maps"
	"slices"
	"strings"
)

// Exported returns the variables that a POSIX script gives to the programs that its
// shell starts, sorted. One that the script only hands on ("export NAME") is not
// among them, nor one that is set for one command.
func Exported(script string) []string {
	e := &exporter{variables: map[string]variable{}}
	l := lexer{
		finder: &finder{command: e.command}, dialect: posix, depth: maxDepth, // a shell within the shell sets nothing outside
		source: source{script, func(i int) int { return i }},
	}
	l.commands()
	maps.DeleteFunc(e.variables, func(_ string, v variable) bool { return !v.set || !v.exported })
	return slices.Sorted(maps.Keys(e.variables))
}

// exporter follows what the commands of a script set. All branches are taken, and
// a subshell counts as the shell.
type exporter struct {
	variables map[string]variable
	all       bool // what is set is exported
}

type variable struct{ set, exported bool }

func (e *exporter) command(words []word, _ bool) {
	for len(words) > 0 && leads(words[0].text) {
		words = words[1:]
	}
	if len(words) == 0 {
		return
	}
	switch arguments := words[1:]; words[0].text {
	case "export":
		e.declare(arguments, true, false)
		if hasOption(arguments, "-n") {
			e.keep(arguments)
		}
	case "declare", "typeset":
		e.declare(arguments, hasOption(arguments, "-x"), hasOption(arguments, "+x"))
	case "readonly":
		e.declare(arguments, false, false)
	case "unset":
		for _, w := range arguments {
			delete(e.variables, w.text)
		}
	case "set":
		e.set(arguments)
	default:
		e.assign(words)
	}
}

// leads reports whether a command may follow a word.
func leads(s string) bool {
	switch s {
	case "if", "then", "elif", "else", "do", "while", "until", "!", "{", "time", "command", "builtin":
		return true
	}
	return false
}

// declare takes the arguments of a declaration, which may begin or end the export.
func (e *exporter) declare(arguments []word, begins, ends bool) {
	for _, w := range arguments {
		name, assigned := target(w.text)
		if name == "" {
			continue
		}
		v := e.variables[name]
		v.set = v.set || assigned
		v.exported = (v.exported || begins) && !ends || assigned && e.all
		e.variables[name] = v
	}
}

// keep ends the export of variables, also where all are exported: export -n.
func (e *exporter) keep(arguments []word) {
	for _, w := range arguments {
		name, _ := target(w.text)
		e.variables[name] = variable{set: e.variables[name].set}
	}
}

// assign takes a command of nothing but assignments; in front of a program they
// are that program's.
func (e *exporter) assign(words []word) {
	if !slices.ContainsFunc(words, func(w word) bool { _, assigned := target(w.text); return !assigned }) {
		e.declare(words, false, false)
	}
}

// set takes the arguments of set: -a, +a, -o allexport.
func (e *exporter) set(arguments []word) {
	for i, w := range arguments {
		named := i+1 < len(arguments) && arguments[i+1].text == "allexport"
		switch {
		case w.text == "--":
			return
		case option(w.text, "-a"), w.text == "-o" && named:
			e.all = true
		case option(w.text, "+a"), w.text == "+o" && named:
			e.all = false
		}
	}
}

// hasOption reports whether an option stands before the first argument.
func hasOption(words []word, of string) bool {
	for _, w := range words {
		switch {
		case option(w.text, of):
			return true
		case !strings.HasPrefix(w.text, of[:1]):
			return false
		}
	}
	return false
}

// option reports whether a word is a group of short options that holds one ("-a").
func option(s, of string) bool {
	return strings.HasPrefix(s, of[:1]) && !strings.HasPrefix(s, "--") && strings.Contains(s[1:], of[1:])
}

// target returns the variable that NAME=value or NAME+=value sets, or that NAME
// names; "" for anything else.
func target(s string) (name string, assigned bool) {
	name, _, assigned = strings.Cut(s, "=")
	if assigned {
		name = strings.TrimSuffix(name, "+")
	}
	if !identifier(name) {
		return "", false
	}
	return name, assigned
}
