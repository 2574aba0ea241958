package main

import (
	"strings"

	"github.com/alecthomas/kong"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
)

// A tree is the command line as completions and the manual page tell it. It is
// read from the commands themselves.
type tree struct {
	name, help string
	flags      []option // of every command
	commands   []command
}

type command struct {
	name, help, usage string
	flags             []option
	argument          option // the zero value where there is none
}

// option is a flag or an argument.
type option struct {
	name, short, help, placeholder, value string // value: what it is when not given
	words                                 []string
	takes                                 kind
	list                                  bool // words with commas between them
}

// kind is what a value is, for a shell to complete it.
type kind int

const (
	takesNothing kind = iota
	takesText
	takesWord // one of words
	takesFile
	takesFolder
)

// newParser reads the command line into a grammar.
func newParser(grammar any) (*kong.Kong, error) {
	return kong.New(grammar,
		kong.Name("dbt-hybrid"),
		kong.Description("Keeps a local dbt v2 setup in step with dbt platform."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}

// commandTree reads the tree of all commands, hidden ones aside.
func commandTree() (*tree, error) {
	parser, err := newParser(&commands{})
	if err != nil {
		return nil, err
	}
	root := parser.Model.Node
	t := &tree{name: root.Name, help: root.Help, flags: optionsOf(root.Flags)}
	for _, node := range root.Children {
		if node.Hidden {
			continue
		}
		c := command{name: node.Name, help: node.Help, flags: optionsOf(node.Flags)}
		for i, p := range node.Positional {
			if i == 0 { // which is what shells complete
				c.argument = optionOf(p)
			}
			c.usage = strings.TrimSpace(c.usage + " " + p.Summary())
		}
		t.commands = append(t.commands, c)
	}
	return t, nil
}

func optionsOf(flags []*kong.Flag) []option {
	var all []option
	for _, f := range flags {
		if f.Hidden {
			continue
		}
		o := optionOf(f.Value)
		o.placeholder = strings.Trim(f.FormatPlaceHolder(), `"`)
		if f.PlaceHolder != "" {
			o.placeholder = f.PlaceHolder
		}
		if f.Short != 0 {
			o.short = string(f.Short)
		}
		all = append(all, o)
	}
	return all
}

func optionOf(v *kong.Value) option {
	o := option{name: v.Name, help: v.Help, value: v.Default, takes: takesText}
	switch complete := v.Tag.Get("complete"); {
	case v.IsBool():
		o.takes = takesNothing
	case complete == "rules":
		o.takes, o.list = takesWord, v.IsSlice()
		for _, rule := range diagnostics.Rules() {
			o.words = append(o.words, rule.Code)
		}
	case complete == "folders":
		o.takes = takesFolder
	case complete == "files":
		o.takes = takesFile
	case v.Enum != "":
		o.takes = takesWord
		for word := range strings.SplitSeq(v.Enum, ",") {
			if word != "" {
				o.words = append(o.words, word)
			}
		}
	}
	return o
}

// all returns the flags that a command takes.
func (t *tree) all(c command) []option {
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
