package main

import "testing"

// pipe ends a test: folders hold no pipes here.
func pipe(t *testing.T, _ string) {
	t.Helper()
	t.Skip("no folder holds a pipe on Windows")
}
