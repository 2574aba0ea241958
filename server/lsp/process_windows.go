package lsp

import (
	"context"
	"os"
)

// watchProcess closes gone when a process has ended. The wait outlives the
// session, which ends with this process anyway.
func watchProcess(ctx context.Context, pid int, gone chan<- struct{}) {
	process, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	if _, err := process.Wait(); err == nil && ctx.Err() == nil {
		close(gone)
	}
}
