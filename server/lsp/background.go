package lsp

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
)

// beside counts what runs beside requests.
type beside struct {
	mu      sync.Mutex
	ended   bool
	running sync.WaitGroup
}

// background runs f beside requests until the session ends. A panic in it is
// logged and ends only f.
func (s *Server) background(name string, f func(ctx context.Context)) {
	if !s.beside.begin() {
		return
	}
	go func() {
		defer s.beside.running.Done()
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("panic", zap.String("in", name), rpc.Panic(p), zap.StackSkip("stack", 1))
			}
		}()
		f(s.ctx)
	}()
}

func (b *beside) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ended {
		b.running.Add(1)
	}
	return !b.ended
}

// end lets nothing begin any more and gives what runs a little time: a program
// that was started ends with its context.
func (b *beside) end(limit time.Duration) {
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	done := make(chan struct{})
	go func() {
		b.running.Wait()
		close(done)
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// keptMemory is how much the heap may hold, in bytes, before any is given back.
const keptMemory = 32 << 20

// giveBack gives the system the memory that the first look at a large project has
// needed and nothing uses any more: an edit needs little, so that Go would keep it
// for a long time.
func giveBack() {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	if now.HeapSys-now.HeapReleased > keptMemory {
		debug.FreeOSMemory()
	}
}
