//go:build unix

package lsp

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// parentInterval is how often the client's process is looked for.
const parentInterval = time.Second

// watchProcess closes gone when a process has ended. A process that this user
// may not signal lives.
func watchProcess(ctx context.Context, pid int, gone chan<- struct{}) {
	process, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	defer func() { _ = process.Release() }()
	tick := time.NewTicker(parentInterval)
	defer tick.Stop()
	for {
		if errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone) {
			close(gone)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
