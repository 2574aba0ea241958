package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A command that ends soon looks for memory that is not used any more when it
// has grown by shortLivedGC percent, or beyond shortLivedMemory bytes: almost all
// of it is used, to the end.
const (
	shortLivedGC     = 1600
	shortLivedMemory = 512 << 20
)

// endsSoon spares a command the work of collecting garbage, unless the person
// who starts it has set that.
func endsSoon() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		spareCollections(shortLivedMemory)
	}
}

// spareCollections lets garbage be collected seldom while the memory in use stays
// well below a limit in bytes. Where it does not, the collector would run all the
// time to keep that limit; from then on it works as it does in other programs.
func spareCollections(limit int64) {
	debug.SetGCPercent(shortLivedGC)
	debug.SetMemoryLimit(limit)
	afterCollection(func() (again bool) {
		if liveHeap() < uint64(limit)/2 {
			return true
		}
		debug.SetMemoryLimit(math.MaxInt64)
		debug.SetGCPercent(100)
		return false
	})
}

// afterCollection calls a function when garbage has been collected, and after each
// further time as long as it asks for that.
func afterCollection(call func() (again bool)) {
	type garbage struct{ _ *garbage }
	runtime.AddCleanup(&garbage{}, func(call func() bool) {
		if call() {
			afterCollection(call)
		}
	}, call)
}

// liveHeap is how many bytes were in use when garbage was last collected.
func liveHeap() uint64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}
