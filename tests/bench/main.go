// Bench measures dbt-hybrid against its peers and against floors: programs that
// do nothing, built from the same libraries. All contenders of one line of the
// table run in turns, so that a busy machine slows them alike, and only ratios
// count. It ends with status 1 when a bar is missed.
//
//	npm run bench                  everything; installs the peers that are missing
//	npm run bench -- -quick        fewer repetitions, with the peers that are there
//	npm run bench -- -only T2,T4   some lines
//	npm run bench -- -write        put the table into docs/performance.md
//	npm run bench -- -floors       the floors alone, in half a minute; only what
//	                               costs twice its bar fails
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	var o options
	flag.BoolVar(&o.quick, "quick", false, "fewer repetitions, less certain; installs nothing")
	flag.BoolVar(&o.floors, "floors", false, "only processor time against the floors, with bars twice as high")
	flag.BoolVar(&o.write, "write", false, "put the table into docs/performance.md")
	flag.StringVar(&o.only, "only", "", "measure only these, for example T1,T4")
	flag.Parse()
	met, err := run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if !met {
		os.Exit(1)
	}
}

type options struct {
	quick, floors, write bool
	only                 string
}

// A measurement adds its lines to the table.
type measurement struct {
	name string
	run  func(*bench) error
}

func (o options) measurements() []measurement {
	if o.floors {
		return []measurement{{"floors", measureFloors}}
	}
	all := []measurement{
		{"size", measureSize},
		{"T1", measureVersion},
		{"T2", measureInitialize},
		{"T3", measureMemory},
		{"T4", measureEnvKeys},
		{"T5", measureLongEnvKeys},
		{"T6", measureProfilesKeys},
		{"T8", measureRequests},
		{"T9", measureEnvCheck},
		{"T10", measureLongEnvCheck},
		{"T11", measureExample},
		{"T12", measureScan},
		{"T14", measureSave},
		{"T15", measureMissing},
		{"T16", measureYAML},
		{"T17", measureStatus},
	}
	wanted := strings.Split(o.only, ",")
	return slices.DeleteFunc(all, func(m measurement) bool { return o.only != "" && !slices.Contains(wanted, m.name) })
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

func run(o options) (met bool, err error) {
	folder, err := os.MkdirTemp("", "dbt-hybrid-bench-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	b := &bench{quick: o.quick || o.floors, folder: folder}
	if b.programs, err = build(folder, !b.quick); err != nil {
		return false, err
	}
	for _, m := range o.measurements() {
		begin := time.Now()
		fmt.Fprintf(os.Stderr, "measuring %s … ", m.name)
		if err := m.run(b); err != nil {
			b.table.add(row{work: m.name, bar: "runs to its end", verdict: missed})
			b.note("%s failed: %v", m.name, err)
		}
		fmt.Fprintf(os.Stderr, "%.1f s\n", time.Since(begin).Seconds())
	}
	b.table.print(os.Stdout)
	if !o.floors {
		for _, note := range b.notes {
			fmt.Println("Note:", note)
		}
	}
	if o.write {
		err = b.write(filepath.Join(b.root, "docs", "performance.md"))
	}
	return b.table.met(), err
}
