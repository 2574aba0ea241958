package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
)

// TestMuchMemory: a command that needs more memory than it was given for good
// collects garbage as other programs do, not all the time.
func TestMuchMemory(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
	spareCollections(64 << 20)
	collected := make(chan bool, 1)
	again := func() bool { collected <- true; return false }
	collect := func() {
		afterCollection(again)
		runtime.GC()
		<-collected
	}
	collect()
	if got := debug.SetMemoryLimit(-1); got != 64<<20 {
		t.Fatalf("with little in use the limit is %d", got)
	}
	held := make([]byte, 48<<20)
	for range 100 { // cleanups have no order
		if collect(); debug.SetMemoryLimit(-1) == math.MaxInt64 {
			break
		}
	}
	runtime.KeepAlive(held)
	if got := debug.SetMemoryLimit(-1); got != math.MaxInt64 {
		t.Errorf("with much in use the limit is still %d", got)
	}
	if got := debug.SetGCPercent(100); got != 100 {
		t.Errorf("with much in use garbage is collected after %d percent", got)
	}
}
