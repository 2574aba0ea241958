package lsp

import (
	"os"
	"os/signal"
	"syscall"
)

// tolerateBrokenPipe makes writing to a closed stdout an error instead of the
// end of the process. Unlike an ignored signal, this is not inherited by the
// programs that the server starts.
func tolerateBrokenPipe() (restore func()) {
	sink := make(chan os.Signal, 1)
	signal.Notify(sink, syscall.SIGPIPE)
	return func() { signal.Stop(sink) }
}
