package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
)

// fixFlags say what check does about what it finds.
type fixFlags struct {
	apply  bool
	unsafe bool
	diff   bool
}

func (f *fixFlags) options() []option {
	return []option{
		yes(&f.apply, "fix", "Apply the safe fixes, and print what changed."),
		yes(&f.unsafe, "unsafe-fixes", "With --fix or --diff: also those that create, rename or delete files, touch several, or need a value, which is left as a comment."),
		yes(&f.diff, "diff", "Print the fixes as a unified diff, with values masked, and change nothing."),
	}
}

// valid holds what must be true of the flags together.
func (f *fixFlags) valid() error {
	if f.unsafe && !f.apply && !f.diff {
		return errors.New("--unsafe-fixes needs --fix or --diff")
	}
	return nil
}

// printDiff prints what --fix would change.
func (c *checkCommand) printDiff(w *workspace.Workspace, o diagnostics.Options) error {
	cwd, err := currentFolder()
	if err != nil {
		return err
	}
	plan := fix.Make(w, c.fixOptions(o))
	plan.Forget(w)
	changes := plan.Changes()
	return report.Diff(os.Stdout, report.DiffFolder(cwd, w.Snapshot().Projects(), changes), changes, styleOf(os.Stdout))
}

// fix applies fixes and prints what changed; written is false where a file
// could not be.
func (c *checkCommand) fix(w *workspace.Workspace, o diagnostics.Options) (written bool, err error) {
	cwd, err := currentFolder()
	if err != nil {
		return false, err
	}
	cleanUp(w.Snapshot(), time.Now())
	result := fix.Run(w, c.fixOptions(o))
	for _, f := range result.Failures {
		fmt.Fprintf(os.Stderr, "dbt-hybrid: %s is not fixed: %v\n", f.Path, f.Err)
	}
	out := os.Stdout
	if c.format != "text" {
		out = os.Stderr
	}
	return len(result.Failures) == 0, report.Fixes(out, cwd, result)
}

func (c *checkCommand) fixOptions(o diagnostics.Options) fix.Options {
	given := c.given()
	return fix.Options{
		Find:   c.finder(o),
		Unsafe: c.unsafe,
		Within: func(path string) bool { return fspath.WithinAny(given, path) },
	}
}

// given are the paths that a person named, without links. Nothing outside of
// them is changed.
func (c *checkCommand) given() []string {
	paths := c.paths
	if c.projectDir != "" {
		paths = append(paths[:len(paths):len(paths)], c.projectDir)
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	var given []string
	for _, path := range paths {
		if absolute, err := filepath.Abs(path); err == nil {
			if real, err := filepath.EvalSymlinks(absolute); err == nil {
				given = append(given, real)
			}
		}
	}
	return given
}

// finder returns the function that finds what is to be fixed: all that check
// shows. Projects that did not change are not looked at again.
func (c *checkCommand) finder(o diagnostics.Options) func(*workspace.Snapshot) []diagnostics.Finding {
	files := c.files()
	known := map[*workspace.Project][]diagnostics.Finding{}
	return func(s *workspace.Snapshot) []diagnostics.Finding {
		var all []diagnostics.Finding
		next := map[*workspace.Project][]diagnostics.Finding{}
		for _, p := range s.Projects() {
			findings, ok := known[p]
			if !ok {
				findings = diagnostics.Check(p, o)
			}
			next[p] = findings
			for _, f := range findings {
				if len(files) == 0 || files[f.At.File.Path] {
					all = append(all, f)
				}
			}
		}
		known = next
		return all
	}
}

// cleanUp removes what a program that was killed while it wrote has left in the
// folders of the projects' files.
func cleanUp(s *workspace.Snapshot, now time.Time) {
	folders := map[string]bool{}
	for _, p := range s.Projects() {
		files := append([]*workspace.File{p.File, p.EnvFile, p.Example, p.ProfilesFile, p.GitIgnore}, p.Properties...)
		for _, c := range p.Calls {
			files = append(files, c.File)
		}
		for _, file := range files {
			if file != nil {
				folders[filepath.Dir(file.Path)] = true
			}
		}
	}
	for folder := range folders {
		fix.Clean(folder, now)
	}
}
