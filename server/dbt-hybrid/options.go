package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
)

// A syntax is what a command takes, in the order in which help shows it.
type syntax struct {
	flags, arguments []option
	valid            func() error // what must hold between them; nil: nothing
}

// option is a flag or an argument. As a pflag.Value it is what the flag is set to.
type option struct {
	name, short, help, placeholder string
	takes                          kind
	words                          []string // that it may be, where it takes one of them
	value                          string   // what it is when not given
	list                           bool     // several: of a flag with commas between
	needed                         bool     // an argument that must be given
	keep                           func(word string)
}

// kind is what a value is: how it is read, and what a shell completes it with.
type kind int

const (
	takesNothing kind = iota // it is there or not
	takesText
	takesWord // one of words
	takesRule // the code of a rule, or what codes begin with
	takesFile
	takesFolder
)

// yes is a flag without a value.
func yes(to *bool, name, help string) option {
	return option{name: name, help: help, keep: func(word string) { *to = word == "true" }}
}

// word is a flag that takes one of words, and is what to holds when not given.
func word(to *string, name, help string, words ...string) option {
	return option{
		name: name, help: help, placeholder: strings.ToUpper(name), takes: takesWord, words: words,
		value: *to, keep: func(word string) { *to = word },
	}
}

// one is a flag or an argument with one value.
func one(to *string, takes kind, name, placeholder, help string) option {
	return option{name: name, help: help, placeholder: placeholder, takes: takes, keep: func(word string) { *to = word }}
}

// rules is a flag that takes codes of rules.
func rules(to *[]string, name, help string) option {
	return option{name: name, help: help, placeholder: "RULE,…", takes: takesRule, list: true, keep: func(words string) {
		for word := range strings.SplitSeq(words, ",") {
			if word = strings.TrimSpace(word); word != "" {
				*to = append(*to, word)
			}
		}
	}}
}

// String is what the flag is when not given; pflag asks.
func (o *option) String() string { return o.value }

// Type names the value; pflag asks.
func (o *option) Type() string { return o.placeholder }

// Set reads the value of a flag. The error goes on from the flag's name. What
// looks like a flag is none of the values that anybody means: the value is
// missing.
func (o *option) Set(word string) error {
	if o.takes != takesNothing && len(word) > 1 && word[0] == '-' {
		return fmt.Errorf("needs a value, and %s looks like a flag", word)
	}
	return o.take(word)
}

// take reads the value of a flag or of an argument.
func (o *option) take(word string) error {
	switch o.takes {
	case takesNothing:
		switch word {
		case "true", "yes", "1":
			word = "true"
		case "false", "no", "0":
		default:
			return fmt.Errorf("must be true or false, not %q", word)
		}
	case takesWord:
		if !slices.Contains(o.words, word) && (word != o.value || o.needed) {
			return fmt.Errorf("must be one of %s, not %q", strings.Join(o.words, ", "), word)
		}
	case takesFile, takesFolder:
		word = expand(word)
	}
	o.keep(word)
	return nil
}

// expand returns a path as a whole one, also where the shell has left a ~ for the
// home folder in it, as it does after --flag=.
func expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return path
}

// summary is an argument as the usage of its command shows it.
func (o *option) summary() string {
	s := "<" + o.name + ">"
	if o.list {
		s += " ..."
	}
	if !o.needed {
		s = "[" + s + "]"
	}
	return s
}

// add makes flags known to pflag.
func add(to *pflag.FlagSet, flags []option) {
	for i := range flags {
		o := &flags[i]
		flag := &pflag.Flag{Name: o.name, Shorthand: o.short, Value: o}
		if o.takes == takesNothing {
			flag.NoOptDefVal = "true"
		}
		to.AddFlag(flag)
	}
}

// take reads the words of a command line that are no flags.
func (s *syntax) take(words []string) error {
	for i := range s.arguments {
		o := &s.arguments[i]
		if len(words) == 0 {
			if o.needed {
				return fmt.Errorf("expected %s", o.choice())
			}
			continue
		}
		n := 1
		if o.list {
			n = len(words)
		}
		for _, word := range words[:n] {
			if err := o.take(word); err != nil {
				return fmt.Errorf("<%s> %w", o.name, err)
			}
		}
		words = words[n:]
	}
	if len(words) > 0 {
		return fmt.Errorf("unexpected argument %s", words[0])
	}
	return nil
}

// choice names an argument that is missing.
func (o *option) choice() string {
	if len(o.words) == 0 {
		return o.summary()
	}
	return o.summary() + ": one of " + strings.Join(o.words, ", ")
}

// slip says in our words what pflag does not take.
func slip(err error, flags []option) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name := unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			return fmt.Errorf("unknown flag -%s", name)
		}
		known := make([]string, len(flags))
		for i, o := range flags {
			known[i] = o.name
		}
		return fmt.Errorf("unknown flag --%s%s", name, meant("--", name, known))
	}
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("--%s needs a value", missing.GetFlag().Name)
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fmt.Errorf("--%s %w", invalid.GetFlag().Name, invalid.Unwrap())
	}
	return err
}

// meant asks about the known name that is most like a mistyped one, if one is.
func meant(prefix, name string, known []string) string {
	if like := diagnostics.Closest(name, known); like != "" {
		return fmt.Sprintf(", did you mean %s%s?", prefix, like)
	}
	return ""
}
