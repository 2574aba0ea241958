// Bench measures dbt-hybrid against its peers and against floors: programs that
// do nothing, built from the same libraries. All contenders of one line of the
// table run in turns, so that a busy machine slows them alike, and only ratios
// count. It ends with status 1 when a bar is missed.
//
//	npm run bench                  everything
//	npm run bench -- -quick        fewer repetitions
//	npm run bench -- -only T2,T4   some lines
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	quick := flag.Bool("quick", false, "fewer repetitions, less certain")
	only := flag.String("only", "", "measure only these, for example T1,T4")
	flag.Parse()
	met, err := run(*quick, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if !met {
		os.Exit(1)
	}
}

// A measurement adds its lines to the table.
type measurement struct {
	name string
	run  func(*bench) error
}

func measurements() []measurement {
	return []measurement{
		{"size", measureSize},
		{"T1", measureVersion},
		{"T2", measureInitialize},
		{"T3", measureMemory},
		{"T4", measureEnvKeys},
		{"T5", measureLongEnvKeys},
		{"T6", measureProfilesKeys},
		{"T9", measureEnvCheck},
		{"T12", measureScan},
		{"T14", measureSave},
		{"check", measureCheck},
	}
}

// bench is what the measurements share.
type bench struct {
	quick bool
	programs
	folder string // temporary, for projects
	table  table
}

// times returns the number of repetitions: n, or a fifth of it.
func (b *bench) times(n int) int {
	if b.quick {
		return max(3, n/5)
	}
	return n
}

func run(quick bool, only string) (met bool, err error) {
	folder, err := os.MkdirTemp("", "dbt-hybrid-bench-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	b := &bench{quick: quick, folder: folder}
	if b.programs, err = build(folder); err != nil {
		return false, err
	}
	for _, m := range measurements() {
		if only != "" && !slices.Contains(strings.Split(only, ","), m.name) {
			continue
		}
		begin := time.Now()
		fmt.Fprintf(os.Stderr, "measuring %s … ", m.name)
		if err := m.run(b); err != nil {
			b.table.add(row{work: m.name, bar: "runs to its end", verdict: missed})
			b.note("%s failed: %v", m.name, err)
		}
		fmt.Fprintf(os.Stderr, "%.1f s\n", time.Since(begin).Seconds())
	}
	b.table.print(os.Stdout)
	for _, note := range b.notes {
		fmt.Println("Note:", note)
	}
	return b.table.met(), nil
}
