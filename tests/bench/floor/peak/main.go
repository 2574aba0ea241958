//go:build linux

// Floor peak runs a program and prints its peak resident memory in KiB. A
// child's peak is never below that of the process which started it, so the
// starter has to be small: this one.
package main

import (
	"fmt"
	"os"
	"syscall"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: peak PROGRAM [ARGUMENT…]")
		os.Exit(2)
	}
	process, err := os.StartProcess(os.Args[1], os.Args[1:], &os.ProcAttr{Files: []*os.File{nil, nil, os.Stderr}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	state, err := process.Wait()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok || !state.Success() {
		fmt.Fprintln(os.Stderr, state)
		os.Exit(1)
	}
	fmt.Println(usage.Maxrss)
}
