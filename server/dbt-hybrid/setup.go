package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"github.com/dbt-hybrid/dbt-hybrid/server/setup"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

type setupCommand struct {
	projectFlags
	what, path string
	diff       bool
}

func newSetup(s *syntax) action {
	c := &setupCommand{}
	s.flags = append(c.projectFlags.options(), yes(&c.diff, "diff", "Print what would be written as a unified diff, and change nothing."))
	what := word(&c.what, "what", "devcontainer: a dev container with the newest dbt. dev-target: the target dev of Makefile, justfile or Taskfile.yml. contributing: a section of CONTRIBUTING.md. env-script: a script that fills .env from a secrets manager. PATH is a folder, the current one without it.",
		"devcontainer", "dev-target", "contributing", "env-script")
	what.needed = true
	s.arguments = []option{what, one(&c.path, takesFolder, "path", "", "A folder; the current one without it.")}
	return c.run
}

// run writes the files of one way to stay in step. Nothing that is in them is
// changed.
func (c *setupCommand) run(log *zap.Logger) error {
	project, err := c.project(log)
	if err != nil {
		return err
	}
	plan, err := setup.Make(setup.Request{Project: project, Read: setup.ReadDisk}, setup.What(c.what))
	if err != nil {
		return err
	}
	cwd, err := currentFolder()
	if err != nil {
		return err
	}
	changes, err := changesOf(plan, setup.What(c.what))
	if err != nil {
		return err
	}
	todo := fix.Direct(changes)
	if c.diff {
		if err := report.Diff(os.Stdout, report.DiffFolder(cwd, []*workspace.Project{project}, todo.Changes()), todo.Changes(), styleOf(os.Stdout)); err != nil {
			return err
		}
		return tell(os.Stderr, plan.Notes)
	}
	if err := writePlan(todo, cwd); err != nil {
		return err
	}
	var out strings.Builder
	for _, change := range todo.Changes() {
		verb := "Changed"
		if !change.Before.Exists() {
			verb = "Created"
		}
		fmt.Fprintf(&out, "%s %s\n", verb, relative(cwd, change.Path))
	}
	if len(todo.Changes()) == 0 {
		out.WriteString("Nothing to do.\n")
	}
	if _, err := os.Stdout.WriteString(out.String()); err != nil {
		return err
	}
	return tell(os.Stdout, plan.Notes)
}

// project returns the one that things are set up for.
func (c *setupCommand) project(log *zap.Logger) (*workspace.Project, error) {
	c.offline = true // the newest release does not matter
	var paths []string
	if c.path != "" {
		paths = []string{c.path}
	}
	machine := thisMachine()
	w, err := c.open(paths, machine)
	if err != nil {
		return nil, err
	}
	w.SetEngine(c.findEngine(machine, w.Snapshot().Folders(), paths, log))
	projects := w.Snapshot().Projects()
	if len(projects) != 1 {
		var names []string
		for _, p := range projects {
			names = append(names, p.Root)
		}
		return nil, fmt.Errorf("there are %d dbt projects, name the folder of one: %s", len(projects), strings.Join(names, ", "))
	}
	return projects[0], nil
}

// changesOf returns what becomes of each file.
func changesOf(plan *setup.Plan, what setup.What) ([]*fix.Change, error) {
	done := []fix.Done{{Rule: "setup " + string(what), Title: what.Title()}}
	var changes []*fix.Change
	for _, n := range plan.Create {
		changes = append(changes, &fix.Change{
			Path: n.Path, Before: setup.ReadDisk(n.Path), After: workspace.NewFile(n.Path, []byte(n.Content)), Done: done,
		})
	}
	for _, group := range fix.ByFile(plan.Edits) {
		content, err := text.Apply(group[0].File.Content, textEdits(group))
		if err != nil {
			return nil, err
		}
		file := group[0].File
		changes = append(changes, &fix.Change{Path: file.Path, Before: file, After: workspace.NewFile(file.Path, content), Done: done})
	}
	return changes, nil
}

func textEdits(edits []diagnostics.Edit) []text.Edit {
	all := make([]text.Edit, len(edits))
	for i, e := range edits {
		all[i] = e.Edit
	}
	return all
}

// writePlan makes the folders of new files, and then all changes or none.
func writePlan(plan *fix.Plan, cwd string) error {
	for _, change := range plan.Changes() {
		dir := filepath.Dir(change.Path)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return fmt.Errorf("the folder %s cannot be made: %s", relative(cwd, dir), whyNoFolder(err, cwd))
		}
		fix.Clean(dir, time.Now())
	}
	if failures := plan.Write(); len(failures) > 0 {
		var out bytes.Buffer
		for _, f := range failures {
			why := workspace.Reason(f.Err)
			if errors.Is(f.Err, fs.ErrPermission) {
				why = "the permissions of the file or of its folder do not allow it. Let yourself write there, or ask who owns it"
			}
			fmt.Fprintf(&out, "\n%s is not written: %s", relative(cwd, f.Path), why)
		}
		return errors.New(strings.TrimSpace(out.String()))
	}
	return nil
}

// whyNoFolder says why a folder cannot be made, and what helps.
func whyNoFolder(err error, cwd string) string {
	var path *fs.PathError // of the first of several folders that cannot be made
	if !errors.As(err, &path) {
		return err.Error()
	}
	around := relative(cwd, filepath.Dir(path.Path))
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("the permissions of %s do not allow it. Let yourself write there, or ask who owns it", around)
	case errors.Is(err, syscall.EROFS):
		return around + " is on a disk that can only be read. Work in a copy"
	}
	return path.Err.Error()
}

func tell(to *os.File, notes []string) error {
	for _, note := range notes {
		if _, err := fmt.Fprintln(to, note); err != nil {
			return err
		}
	}
	return nil
}

// relative names a path as seen from the current folder.
func relative(cwd, path string) string {
	if rel, err := filepath.Rel(cwd, path); err == nil {
		return filepath.ToSlash(rel)
	}
	return path
}
