package main

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
)

// A tree is the command line as completions and the manual page tell it. It is
// read from the table of commands.
type tree struct {
	name, help string
	flags      []option // of every command
	commands   []node
}

// node is a command that people are told about.
type node struct {
	name, help, usage string
	flags             []option
	argument          option // the zero value where there is none
}

// commandTree reads the tree of all commands, hidden ones aside.
func commandTree() *tree {
	t := &tree{name: programName, help: programHelp, flags: newCommonFlags().options()}
	for _, c := range shown() {
		var s syntax
		c.make(&s)
		n := node{name: c.name, help: c.help, usage: strings.Join(summaries(s.arguments), " ")}
		for _, o := range s.flags {
			n.flags = append(n.flags, withRules(o))
		}
		if len(s.arguments) > 0 { // the first is what shells complete
			n.argument = withRules(s.arguments[0])
		}
		t.commands = append(t.commands, n)
	}
	return t
}

// withRules writes the codes of rules out as words.
func withRules(o option) option {
	if o.takes == takesRule {
		o.takes = takesWord
		for _, rule := range diagnostics.Rules() {
			o.words = append(o.words, rule.Code)
		}
	}
	return o
}

// all returns the flags that a command takes.
func (t *tree) all(c node) []option {
	return append(c.flags[:len(c.flags):len(c.flags)], t.flags...)
}

// names returns the flags as they are typed.
func names(options []option) []string {
	var all []string
	for _, o := range options {
		all = append(all, "--"+o.name)
		if o.short != "" {
			all = append(all, "-"+o.short)
		}
	}
	return all
}

func (t *tree) names() []string {
	var all []string
	for _, c := range t.commands {
		all = append(all, c.name)
	}
	return all
}
