package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/lspdrive"
)

// measureMemory looks at the resident memory of a server that has read a
// project.
func measureMemory(b *bench) error {
	for _, size := range []struct{ models, megabytes int }{{0, 12}, {1000, 20}, {10_000, 30}, {100_000, 80}} {
		if b.quick && size.models > 10_000 {
			continue
		}
		folder, err := b.home, error(nil)
		if size.models > 0 {
			folder, err = b.project(size.models)
		}
		if err != nil {
			return err
		}
		resident, err := b.resident(folder, size.models > 0)
		if err != nil {
			return err
		}
		b.table.add(row{
			work: fmt.Sprintf("T3 memory of serve, %s models", thousands(size.models)), ours: fmt.Sprintf("%.1f MB", resident),
			bar: fmt.Sprintf("≤ %d MB", size.megabytes), verdict: holds(resident, float64(size.megabytes)),
		})
	}
	return nil
}

// resident starts a server on a folder and returns its resident memory in
// megabytes when it has published something about the project there, or has started.
func (b *bench) resident(folder string, project bool) (megabytes float64, err error) {
	command := b.ourServer()
	command.Args[0] = asLinked(b.ours)
	server, _, err := lspdrive.Start(command, folder)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if project {
		page := envPage(generate.Clean, 10)
		document, err := server.Open(filepath.Join(folder, page.name), page.content, page.key, page.at)
		if err == nil {
			_, err = document.Key()
		}
		if err != nil {
			return 0, err
		}
	}
	return settled(server.PID())
}

// settled returns the resident memory of a process in megabytes, as soon as it has
// not fallen for a second: a garbage collection goes on beside the answers.
func settled(pid int) (megabytes float64, err error) {
	lowest, falls := math.Inf(1), 0
	for since := 0; since < 10 && falls < 100; since++ {
		now, err := residentOf(pid)
		if err != nil {
			return 0, err
		}
		if now < lowest {
			lowest, since = now, 0
			falls++
		}
		time.Sleep(100 * time.Millisecond)
	}
	return residentOf(pid)
}

func residentOf(pid int) (megabytes float64, err error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(content), "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(rest + " -")[0])
	return float64(kilobytes) / 1024, err
}
