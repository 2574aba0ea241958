// Command dbt-hybrid tells what dbt will do with a project: in a terminal
// (check, status), and in editors (serve).
package main

import (
	"errors"
	"fmt"
	"os"
)

// The exit statuses of check. Other commands use the first and the last.
const (
	exitFine     = 0
	exitFindings = 1
	exitFailure  = 2
)

// errFindings says that a check found something at or above --fail-on.
var errFindings = errors.New("findings")

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	c, err := read(args)
	switch {
	case c.help:
		return status(c.printHelp())
	case err != nil:
		return status(fmt.Errorf("%w\nTry `%s --help`", err, c.name()))
	}
	log, closeLog, err := openLog(c.logLevel, c.logFile)
	if err != nil {
		return status(err)
	}
	defer closeLog()
	return status(c.do(log))
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
