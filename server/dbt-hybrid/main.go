// Command dbt-hybrid tells what dbt will do with a project: in a terminal
// (check, status), and in editors (serve).
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"

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

// shortLivedGC is how far, in percent, memory may grow before a check looks for
// what is not used any more: almost all of it is, to the end.
const shortLivedGC = 400

type logFlags struct {
	LogLevel string `help:"Write log lines of this level and above to stderr." enum:"debug,info,warn,error" default:"warn"`
	LogFile  string `help:"Write log lines to this file instead." placeholder:"FILE" complete:"files"`
}

type commands struct {
	logFlags

	Serve   serveCommand   `cmd:"" help:"Language Server Protocol on stdin and stdout, for editors."`
	Check   checkCommand   `cmd:"" help:"Show what dbt would stumble over."`
	Status  statusCommand  `cmd:"" help:"Show what dbt will do here: credentials, variables, engine, Mesh and deferral."`
	Setup   setupCommand   `cmd:"" help:"Write a dev container, a target or a script that keeps the local dbt in step."`
	Explain explainCommand `cmd:"" help:"Show the page of a rule, or the list of rules."`
	Version versionCommand `cmd:"" help:"Show the version of this program and of the engines it knows."`

	Completion completionCommand `cmd:"" help:"Print a script that makes a shell complete the command line."`
	Man        manCommand        `cmd:"" hidden:"" help:"Print the manual page."`
}

// checkOnly is the part of commands that a check needs: what kong has to look
// through by reflection takes longer than the check of a small project.
type checkOnly struct {
	logFlags

	Check checkCommand `cmd:"" help:"Show what dbt would stumble over."`
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) > 0 && args[0] == "check" && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(shortLivedGC)
	}
	if done, err := plain(args); done {
		return status(err)
	}
	var all commands
	grammar, flags := any(&all), &all.logFlags
	if len(args) > 0 && args[0] == "check" && !slices.Contains(args, "--help") && !slices.Contains(args, "-h") {
		only := &checkOnly{}
		grammar, flags = only, &only.logFlags
	}
	parser, err := newParser(grammar)
	if err != nil {
		return status(err)
	}
	context, err := parser.Parse(args)
	if err != nil {
		return status(fmt.Errorf("%w\nTry `dbt-hybrid --help`", err))
	}
	log, closeLog, err := openLog(flags.LogLevel, flags.LogFile)
	if err != nil {
		return status(err)
	}
	defer closeLog()
	return status(context.Run(log))
}

// plain runs the commands that are started most often, as editors and people
// write them: reading the command line by reflection takes as long as much of the
// rest.
func plain(args []string) (done bool, err error) {
	level := "warn"
	run := (&serveCommand{}).Run
	check, plainly := plainCheck(args)
	switch {
	case plainly:
		run = check.Run
	case slices.Equal(args, []string{"version"}):
		return true, (&versionCommand{Format: "text"}).Run()
	case len(args) == 3 && args[0] == "serve" && args[1] == "--log-level":
		level = args[2]
	case !slices.Equal(args, []string{"serve"}):
		return false, nil
	}
	log, closeLog, err := openLog(level, "")
	if err != nil {
		return true, err
	}
	defer closeLog()
	return true, run(log)
}

// plainCheck reads the command line of a check with folders and files, and with no
// options but those without a value that it may have in a script.
func plainCheck(args []string) (c *checkCommand, ok bool) {
	if len(args) == 0 || args[0] != "check" {
		return nil, false
	}
	c = &checkCommand{Format: "text", FailOn: "warning"}
	for i, arg := range args[1:] {
		switch {
		case arg == "--no-probe":
			c.NoProbe = true
		case arg == "--offline":
			c.Offline = true
		case arg == "" || arg[0] == '-', len(c.Paths) > 0 && args[i][0] == '-': // paths stand side by side
			return nil, false
		default:
			c.Paths = append(c.Paths, kong.ExpandPath(arg))
		}
	}
	return c, true
}

// status turns the outcome of a command into an exit status, and says what went
// wrong.
func status(err error) int {
	var ended exitStatus
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.As(err, &ended):
		return int(ended)
	}
	fmt.Fprintln(os.Stderr, "dbt-hybrid:", err)
	return exitFailure
}
