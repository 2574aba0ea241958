package main

import (
	"fmt"
	"os"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"go.uber.org/zap"
)

// exitStatus ends the program with a status and no message.
type exitStatus int

// Error says what status it is; nobody sees it.
func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

func newServe(*syntax) action { return serve }

// serve speaks the Language Server Protocol until the client ends it.
func serve(log *zap.Logger) error {
	machine := thisMachine()
	status := lsp.Serve(os.Stdin, os.Stdout, lsp.Options{
		Version: version, Log: log, Environ: os.Environ(), Home: machine.Home,
		Releases: &engine.Client{URL: engine.ListURL(machine.Lookup), CacheDir: engine.CacheDir()},
	})
	if status != 0 {
		return exitStatus(status)
	}
	return nil
}
