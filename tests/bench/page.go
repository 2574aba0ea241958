package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// lastRun starts the part of the page that the benchmark writes.
const lastRun = "## The last run\n"

// write replaces the end of the page by the table, and says where and when.
func (b *bench) write(path string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, _, found := bytes.Cut(page, []byte(lastRun))
	if !found {
		return fmt.Errorf("%s has no line %q", path, strings.TrimSpace(lastRun))
	}
	out := bytes.NewBuffer(text)
	fmt.Fprintf(out, "%s\n%s, %s/%s with %d cores, %s.\n\n", lastRun,
		time.Now().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	b.table.print(out)
	for _, note := range b.notes {
		fmt.Fprintf(out, "\n%s\n", note)
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}
