package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"go.uber.org/zap"
)

//go:generate go run . man ../../man/dbt-hybrid.1

type manCommand struct{ file string }

func newMan(s *syntax) action {
	c := &manCommand{}
	s.arguments = []option{one(&c.file, takesFile, "file", "", "Write it to this file.")}
	return c.run
}

// run writes the manual page: to a file for the repository, else to stdout.
func (c *manCommand) run(*zap.Logger) error {
	var out bytes.Buffer
	commandTree().man(&out)
	if c.file != "" {
		return os.WriteFile(c.file, out.Bytes(), 0o644)
	}
	_, err := os.Stdout.Write(out.Bytes())
	return err
}

// man writes the manual page in the macros of man(7).
func (t *tree) man(out *bytes.Buffer) {
	fmt.Fprintf(out, `.\" Generated from the commands of the program by go generate.
.TH DBT\-HYBRID 1 "" "dbt Hybrid" "User Commands"
.SH NAME
dbt\-hybrid \- %s
.SH SYNOPSIS
`, roff(strings.TrimSuffix(lowerFirst(t.help), ".")))
	for _, c := range t.commands {
		fmt.Fprintf(out, ".B dbt\\-hybrid %s\n.RI [ flags ] \" %s\"\n.br\n", roff(c.name), roff(c.usage))
	}
	out.WriteString(".SH COMMANDS\n")
	for _, c := range t.commands {
		fmt.Fprintf(out, ".SS %s\n%s\n", strings.TrimSpace(roff(c.name+" "+c.usage)), roff(c.help))
		if c.argument.help != "" {
			fmt.Fprintf(out, ".TP\n.I %s\n%s\n", roff(c.usage), roff(c.argument.help))
		}
		for _, o := range c.flags {
			o.man(out)
		}
	}
	out.WriteString(".SH FLAGS OF EVERY COMMAND\n")
	for _, o := range t.flags {
		o.man(out)
	}
	out.WriteString(manRest)
}

// manRest is what the commands do not say themselves.
const manRest = `.SH EXIT STATUS
.TP
.B 0
Nothing at or above \-\-fail\-on was found.
.TP
.B 1
.B check
found something.
.TP
.B 2
Wrong use, a path that cannot be read, no dbt project, or an internal error.
.SH FILES
.TP
.I dbt\-hybrid.yml
At the root of a project or of its repository: severities of rules, files to leave out, target and
working folder.
.SH ENVIRONMENT
.TP
.B CI
If it is
.BR true ,
.B check
looks at the files of the repository only, as with \-\-scope repository.
.TP
.BR NO_COLOR ", " TERM
No colours and no links where NO_COLOR is set, or TERM is dumb.
.TP
.BR DBT_ "..., " HOME ", " PATH
As dbt itself takes them.
.SH EXAMPLES
.TP
.B dbt\-hybrid check \-\-fix
Show what dbt would stumble over, and mend what can be mended safely.
.TP
.B dbt\-hybrid check \-\-format sarif > dbt\-hybrid.sarif
A report for code scanning.
.TP
.B dbt\-hybrid explain env\-parse
The page of a rule.
.SH SEE ALSO
https://github.com/dbt\-hybrid/dbt\-hybrid
`

func (o option) man(out *bytes.Buffer) {
	fmt.Fprint(out, ".TP\n.B ")
	if o.short != "" {
		fmt.Fprintf(out, `\-%s, `, o.short)
	}
	out.WriteString(roff("--" + o.name))
	switch {
	case o.takes == takesWord && !o.list && len(o.words) < 10:
		out.WriteString(" " + roff(strings.Join(o.words, "|")))
	case o.takes != takesNothing:
		fmt.Fprintf(out, ` \fI%s\fR`, roff(o.placeholder))
	}
	fmt.Fprintf(out, "\n%s", roff(o.help))
	if o.value != "" {
		fmt.Fprintf(out, " Default: %s.", roff(o.value))
	}
	out.WriteByte('\n')
}

// roff escapes a text: a hyphen must stay one, and a line must not begin as a
// request does.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", "...").Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		return `\&` + s
	}
	return s
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
