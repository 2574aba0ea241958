package main

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

// plainWidth is the longest line of help, in columns, where there is no terminal
// to ask.
const plainWidth = 80

// printHelp prints the help of a command, or that of the program.
func (c *call) printHelp() error {
	width := plainWidth
	if columns, ok := terminalWidth(os.Stdout); ok {
		width = min(columns, maxWidth)
	}
	_, err := os.Stdout.WriteString(c.helpPage(width))
	return err
}

// helpPage returns help in lines of at most width columns, where words allow it.
func (c *call) helpPage(width int) string {
	var out strings.Builder
	usage, help := "<command>", programHelp
	if c.command.name != "" {
		usage, help = strings.Join(append([]string{c.command.name}, summaries(c.syntax.arguments)...), " "), c.command.help
	}
	fmt.Fprintf(&out, "Usage: %s %s [flags]\n\n%s\n", programName, usage, strings.Join(wrap(help, width), "\n"))
	var rows [][2]string
	for i := range c.syntax.arguments {
		o := &c.syntax.arguments[i]
		rows = append(rows, [2]string{o.summary(), o.text()})
	}
	section(&out, "Arguments", rows, width)
	rows = flagRows(newCommonFlags().options())
	if len(c.syntax.flags) > 0 {
		rows = append(append(rows, [2]string{}), flagRows(c.syntax.flags)...)
	}
	section(&out, "Flags", rows, width)
	if c.command.name != "" {
		return out.String()
	}
	rows = nil
	for _, command := range shown() {
		rows = append(rows, [2]string{command.name, command.help})
	}
	section(&out, "Commands", rows, width)
	fmt.Fprintf(&out, "\nRun \"%s <command> --help\" for more information on a command.\n", programName)
	return out.String()
}

func summaries(arguments []option) []string {
	var all []string
	for i := range arguments {
		all = append(all, arguments[i].summary())
	}
	return all
}

func flagRows(flags []option) [][2]string {
	var rows [][2]string
	for i := range flags {
		o := &flags[i]
		name := "    --" + o.name
		if o.short != "" {
			name = "-" + o.short + ", --" + o.name
		}
		switch {
		case o.takes == takesNothing:
		case o.value != "":
			name += "=" + o.value
		default:
			name += "=" + o.placeholder
		}
		rows = append(rows, [2]string{name, o.text()})
	}
	return rows
}

// text is the help of an option, with the words it takes where it does not name
// them itself.
func (o *option) text() string {
	for _, word := range o.words {
		if !strings.Contains(o.help, word) {
			return strings.TrimSuffix(o.help, ".") + ": " + strings.Join(o.words, ", ") + "."
		}
	}
	return o.help
}

// section writes rows of a name and a text below a title. A row without a name is
// an empty line.
func section(out *strings.Builder, title string, rows [][2]string, width int) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s:\n", title)
	left := 0
	for _, row := range rows {
		left = max(left, utf8.RuneCountInString(row[0]))
	}
	const margins = 6 // two columns before the name, four after it
	indent := "\n" + strings.Repeat(" ", left+margins)
	for _, row := range rows {
		if row[0] == "" {
			out.WriteByte('\n')
			continue
		}
		fmt.Fprintf(out, "  %-*s    %s\n", left, row[0], strings.Join(wrap(row[1], width-left-margins), indent))
	}
}

// wrap breaks a text into lines of at most width columns; a word that is longer
// has a line of its own.
func wrap(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		line := &lines[len(lines)-1]
		switch {
		case *line == "":
			*line = word
		case utf8.RuneCountInString(*line)+1+utf8.RuneCountInString(word) <= width:
			*line += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
