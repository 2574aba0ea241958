package main

import (
	"os"
	"runtime/debug"
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
		debug.SetGCPercent(shortLivedGC)
		debug.SetMemoryLimit(shortLivedMemory)
	}
}
