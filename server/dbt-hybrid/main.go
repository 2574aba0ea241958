// Command dbt-hybrid tells what dbt will do with a project: in a terminal
// (check, status), and in editors (serve).
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kong"
)

// The exit statuses of check. Other commands use the first and the last.
const (
	exitFine     = 0
	exitFindings = 1
	exitFailure  = 2
)

// errFindings says that a check found something at or above --fail-on.
var errFindings = errors.New("findings")

type commands struct {
	LogLevel string `help:"Write log lines of this level and above to stderr." enum:"debug,info,warn,error" default:"warn"`
	LogFile  string `help:"Write log lines to this file instead." placeholder:"FILE"`

	Serve   serveCommand   `cmd:"" help:"Language Server Protocol on stdin and stdout, for editors."`
	Check   checkCommand   `cmd:"" help:"Show what dbt would stumble over."`
	Status  statusCommand  `cmd:"" help:"Show what dbt will do here: credentials, variables, engine, Mesh and deferral."`
	Explain explainCommand `cmd:"" help:"Show the page of a rule, or the list of rules."`
	Version versionCommand `cmd:"" help:"Show the version of this program and of the engines it knows."`
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	var c commands
	parser, err := kong.New(&c,
		kong.Name("dbt-hybrid"),
		kong.Description("Keeps a local dbt v2 setup in step with dbt platform."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, "dbt-hybrid:", err)
		return exitFailure
	}
	context, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "dbt-hybrid: %v\nTry `dbt-hybrid --help`.\n", err)
		return exitFailure
	}
	log, closeLog, err := openLog(c.LogLevel, c.LogFile)
	if err == nil {
		defer closeLog()
		err = context.Run(log)
	}
	var ended exitStatus
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &ended):
		return int(ended)
	case errors.Is(err, errFindings):
		return exitFindings
	}
	fmt.Fprintln(os.Stderr, "dbt-hybrid:", err)
	return exitFailure
}
