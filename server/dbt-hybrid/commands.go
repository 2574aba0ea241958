package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	"go.uber.org/zap"
)

const (
	programName = "dbt-hybrid"
	programHelp = "Keeps a local dbt v2 setup in step with dbt platform."
)

// A command is a row of the table of commands.
type command struct {
	name, help string
	hidden     bool
	// make says what the command takes, and returns what it does. It is called for
	// the command that was asked for only, to start as quickly as with one.
	make func(*syntax) action
}

// action is what a command does once its command line is read.
type action func(*zap.Logger) error

// table returns all commands, in the order in which help shows them.
func table() []command {
	return []command{
		{name: "serve", help: "Language Server Protocol on stdin and stdout, for editors.", make: newServe},
		{name: "check", help: "Show what dbt would stumble over.", make: newCheck},
		{name: "status", help: "Show what dbt will do here: credentials, variables, engine, Mesh and deferral.", make: newStatus},
		{name: "setup", help: "Write a dev container, a target or a script that keeps the local dbt in step.", make: newSetup},
		{name: "explain", help: "Show the page of a rule, or the list of rules.", make: newExplain},
		{name: "version", help: "Show the version of this program and of the engines it knows.", make: newVersion},
		{name: "completion", help: "Print a script that makes a shell complete the command line.", make: newCompletion},
		{name: "man", help: "Print the manual page.", hidden: true, make: newMan},
	}
}

// shown returns the commands that people are told about.
func shown() []command {
	var all []command
	for _, c := range table() {
		if !c.hidden {
			all = append(all, c)
		}
	}
	return all
}

// commonFlags are the flags of every command.
type commonFlags struct {
	help     bool
	logLevel string
	logFile  string
}

func newCommonFlags() *commonFlags { return &commonFlags{logLevel: "warn"} }

func (f *commonFlags) options() []option {
	help := yes(&f.help, "help", "Show help.")
	help.short = "h"
	return []option{
		help,
		word(&f.logLevel, "log-level", "Write log lines of this level and above to stderr.", "debug", "info", "warn", "error"),
		one(&f.logFile, takesFile, "log-file", "FILE", "Write log lines to this file instead."),
	}
}

// A call is a command line that was read.
type call struct {
	*commonFlags
	command command // the zero value where none is named
	syntax  syntax  // of the command
	do      action
}

// name is what help is asked of: the command, or the program where none was found.
func (c *call) name() string { return strings.TrimSpace(programName + " " + c.command.name) }

// read reads a command line. Flags may stand before, between and after the
// arguments, those of every command also before the command. Where help is
// asked for, the error does not count.
func read(args []string) (*call, error) {
	c := &call{commonFlags: newCommonFlags()}
	common := c.options()
	flags := pflag.NewFlagSet(programName, pflag.ContinueOnError)
	flags.SetInterspersed(false)
	add(flags, common)
	if err := flags.Parse(args); err != nil {
		return c, slip(err, common)
	}
	if err := c.find(flags.Arg(0)); err != nil {
		return c, err
	}
	c.do = c.command.make(&c.syntax)
	flags.SetInterspersed(true)
	add(flags, c.syntax.flags)
	if err := flags.Parse(flags.Args()[1:]); err != nil {
		return c, slip(err, append(common, c.syntax.flags...))
	}
	if err := c.syntax.take(flags.Args()); err != nil {
		return c, err
	}
	if c.syntax.valid != nil {
		return c, c.syntax.valid()
	}
	return c, nil
}

// find looks for a command by its name.
func (c *call) find(name string) error {
	for _, command := range table() {
		if command.name == name {
			c.command = command
			return nil
		}
	}
	var names []string
	for _, command := range shown() {
		names = append(names, command.name)
	}
	if name == "" {
		return fmt.Errorf("expected one of %s", strings.Join(names, ", "))
	}
	return fmt.Errorf("unknown command %s%s", name, meant("", name, names))
}
