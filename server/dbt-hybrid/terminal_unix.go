//go:build !windows

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminalWidth returns the columns of a terminal; ok is false for anything else.
func terminalWidth(f *os.File) (width int, ok bool) {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0, false
	}
	if size.Col == 0 { // nobody knows
		return maxWidth, true
	}
	return int(size.Col), true
}

// escapes reports whether a terminal takes escape sequences.
func escapes(*os.File) bool { return true }
