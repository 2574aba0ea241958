// Package dbttest asks a real dbt engine what it does with a small project, so
// that tests can hold our model against it. The engine is the open-source build
// of dbt v2 that PyPI offers as dbt-core 2.0.0a4.
package dbttest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Version is what the engine answers to --version.
const Version = "dbt-core 2.0.0-alpha.4"

// VersionV1 is the version of dbt v1 that FindV1 returns.
const VersionV1 = "1.11.16"

// PatienceV1 is how long a run of dbt v1 may take on a busy machine.
const PatienceV1 = 5 * time.Minute

// parallel is how many engines run at a time. Each is busy for a tenth of a
// second on one core.
const parallel = 2

// Engine is an installed dbt. Its methods may be called by several goroutines.
type Engine struct {
	path  string
	slots chan struct{}
}

// Path is the program, for a test that starts it in a way of its own.
func (e *Engine) Path() string { return e.path }

// Find returns the engine at $DBT_V2, else the one that
// "node scripts/install-engine.mjs" puts into the repository's .cache. Without
// one the test fails: a test that asks the engine is worth nothing unasked.
func Find(t testing.TB) *Engine {
	t.Helper()
	return find(t, os.Getenv("DBT_V2"), "dbt-v2", "node scripts/install-engine.mjs")
}

// FindV1 returns dbt v1 at $DBT_V1, else the one that
// "node scripts/install-engine.mjs v1" puts into the repository's .cache.
func FindV1(t testing.TB) *Engine {
	t.Helper()
	return find(t, os.Getenv("DBT_V1"), "dbt-v1", "node scripts/install-engine.mjs v1")
}

func find(t testing.TB, path, folder, install string) *Engine {
	t.Helper()
	if path == "" {
		path = filepath.Join(Repository(t), ".cache", folder, "bin", "dbt")
		if runtime.GOOS == "windows" {
			path = filepath.Join(Repository(t), ".cache", folder, "Scripts", "dbt.exe")
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("no dbt engine to ask (%v); install one with: %s", err, install)
	}
	return &Engine{path: path, slots: make(chan struct{}, parallel)}
}

// Repository returns the root of this repository: the nearest folder above the
// test's with a go.mod.
func Repository(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("no go.mod above the test's folder")
		}
		folder = parent
	}
}

// Scenario is a small project and a command. In Files, Home, Env and Args the
// words {root} and {home} stand for the two folders.
type Scenario struct {
	Name    string            // for messages only
	Files   map[string]string // content by path below the root; a path that ends in "/" is a folder
	Links   map[string]string // symbolic links below the root, by path
	Home    map[string]string // content by path below $HOME
	Env     map[string]string // added to the clean environment of Environment
	Cwd     string            // where dbt runs, below the root
	Args    []string          // of dbt; "parse" if empty
	Read    []string          // files below the root to return
	Timeout time.Duration     // a minute if zero
}

// Environment returns the process environment in which the engine runs a
// scenario, without HOME, which differs from run to run.
func (s Scenario) Environment() map[string]string {
	env := map[string]string{
		"PATH":                           "/usr/bin:/bin",
		"DO_NOT_TRACK":                   "1",
		"DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
	}
	for name, value := range s.Env {
		env[name] = value
	}
	return env
}

// Observation is what can be seen of a run. Colours are removed and the two
// folders are written as {root} and {home}.
type Observation struct {
	Exit    int // -1 if the process was ended by a signal or by the timeout
	Timeout bool
	Stdout  string
	Stderr  string
	Diags   []Diag
	Missing []string                  // names of "environment variable 'X' not found", in order
	Values  map[string]map[string]any // config.meta by node name, nil if dbt wrote no manifest
	Read    map[string]string         // the files asked for that exist
}

// Run runs one scenario. What keeps it from running fails the test; what dbt
// says does not.
func (e *Engine) Run(t testing.TB, s Scenario) Observation {
	t.Helper()
	got, err := e.run(t.Context(), s)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	return got
}

// Batch runs many scenarios, two at a time, and returns their observations in
// the same order.
func (e *Engine) Batch(t testing.TB, scenarios []Scenario) []Observation {
	t.Helper()
	observations := make([]Observation, len(scenarios))
	failures := make([]error, len(scenarios))
	var group sync.WaitGroup
	next := make(chan int)
	for range parallel {
		group.Go(func() {
			for i := range next {
				observations[i], failures[i] = e.run(t.Context(), scenarios[i])
			}
		})
	}
	for i := range scenarios {
		next <- i
	}
	close(next)
	group.Wait()
	for i, err := range failures {
		if err != nil {
			t.Fatalf("scenario %d %s: %v", i, scenarios[i].Name, err)
		}
	}
	return observations
}

func (e *Engine) run(ctx context.Context, s Scenario) (Observation, error) {
	e.slots <- struct{}{}
	defer func() { <-e.slots }()

	top, err := os.MkdirTemp("", "dbttest-")
	if err != nil {
		return Observation{}, err
	}
	defer os.RemoveAll(top) //nolint:errcheck // nothing depends on it
	if top, err = filepath.EvalSymlinks(top); err != nil {
		return Observation{}, err
	}
	place := folders{root: filepath.Join(top, "root"), home: filepath.Join(top, "home")}
	if err := place.write(s); err != nil {
		return Observation{}, err
	}
	timeout := s.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	got, err := e.command(ctx, s, place)
	if err != nil {
		return Observation{}, err
	}
	got.Diags = diagsOf(got.Stdout + "\n" + got.Stderr)
	got.Missing = missingIn(got.Stdout + "\n" + got.Stderr)
	if got.Values, err = place.values(); err != nil {
		return Observation{}, err
	}
	got.Read = make(map[string]string)
	for _, path := range s.Read {
		if content, err := os.ReadFile(filepath.Join(place.root, path)); err == nil {
			got.Read[path] = place.mask(string(content))
		}
	}
	return got, nil
}

func (e *Engine) command(ctx context.Context, s Scenario, place folders) (Observation, error) {
	args := s.Args
	if len(args) == 0 {
		args = []string{"parse"}
	}
	args = append([]string(nil), args...)
	for i := range args {
		args[i] = place.fill(args[i])
	}
	cmd := exec.CommandContext(ctx, e.path, args...)
	cmd.Dir = filepath.Join(place.root, s.Cwd)
	cmd.Env = []string{"HOME=" + place.home}
	for name, value := range s.Environment() {
		cmd.Env = append(cmd.Env, name+"="+place.fill(value))
	}
	cmd.WaitDelay = time.Second
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && ctx.Err() == nil {
		return Observation{}, fmt.Errorf("start the engine: %w", err)
	}
	return Observation{
		Exit:    cmd.ProcessState.ExitCode(),
		Timeout: ctx.Err() != nil,
		Stdout:  place.mask(stdout.String()),
		Stderr:  place.mask(stderr.String()),
	}, nil
}

// folders are the two folders of one run.
type folders struct {
	root, home string
}

func (f folders) fill(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "{root}", f.root), "{home}", f.home)
}

// mask removes colours and names the two folders.
func (f folders) mask(s string) string { return f.name(withoutColours(s)) }

func (f folders) name(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, f.root, "{root}"), f.home, "{home}")
}

func (f folders) write(s Scenario) error {
	for _, folder := range []string{f.root, f.home, filepath.Join(f.root, s.Cwd)} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	if err := f.writeTree(f.root, s.Files); err != nil {
		return err
	}
	if err := f.writeTree(f.home, s.Home); err != nil {
		return err
	}
	for path, target := range s.Links {
		full := filepath.Join(f.root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(f.fill(target), full); err != nil {
			return err
		}
	}
	return nil
}

func (f folders) writeTree(base string, files map[string]string) error {
	for path, content := range files {
		full := filepath.Join(base, path)
		if strings.HasSuffix(path, "/") {
			if err := os.MkdirAll(full, 0o755); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(full, []byte(f.fill(content)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// values reads the newest manifest below the root.
func (f folders) values() (map[string]map[string]any, error) {
	var newest string
	var when time.Time
	err := filepath.WalkDir(f.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "manifest.json" {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() && (newest == "" || info.ModTime().After(when)) {
			newest, when = path, info.ModTime()
		}
		return err
	})
	if err != nil || newest == "" {
		return nil, err
	}
	content, err := os.ReadFile(newest)
	if err != nil {
		return nil, err
	}
	return metaOf(f.name(string(content)))
}
