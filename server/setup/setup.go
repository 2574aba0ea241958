// Package setup plans the files by which a team stays in step with dbt platform:
// a dev container, a target that starts a session, a paragraph for contributors,
// and a script that fills .env from a secrets manager.
//
// A plan is data: which file gets which new text. It only adds: no byte that
// stands in a file moves but to make room, and what is there already is left
// alone, so that a second plan is empty.
package setup

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// What is one thing that can be set up.
type What string

// What can be set up.
const (
	DevContainer What = "devcontainer" // .devcontainer/devcontainer.json
	DevTarget    What = "dev-target"   // the target dev of Makefile, justfile or Taskfile.yml
	Contributing What = "contributing" // a section of CONTRIBUTING.md
	EnvScript    What = "env-script"   // a script that fills .env from a secrets manager
)

// All returns all that can be set up, in the order in which it is offered.
func All() []What { return []What{DevContainer, DevTarget, Contributing, EnvScript} }

// Title says what is done, as the label of an action.
func (w What) Title() string {
	switch w {
	case DevContainer:
		return "Add a dev container that brings the newest dbt at each start"
	case DevTarget:
		return "Add a target dev that updates dbt and tests the connection"
	case Contributing:
		return "Tell contributors how to keep their local dbt in step"
	case EnvScript:
		return "Add a script that fills .env from the secrets manager"
	}
	return ""
}

// Request is what a plan follows from.
type Request struct {
	Project *workspace.Project
	Top     string // the outermost folder that is written to; "" for the repository's, or without one the project's
	// Read returns a file as it is now, with its error where there is none.
	Read func(path string) *workspace.File
}

// Plan is what becomes of the files.
type Plan struct {
	Edits  []diagnostics.Edit // insertions, but for a script of ours that is renewed
	Create []diagnostics.NewFile
	Notes  []string // sentences: what is there already, what is left to a person
}

// Empty reports whether nothing is to be done.
func (p *Plan) Empty() bool { return len(p.Edits)+len(p.Create) == 0 }

// Make plans one thing. The error is for people: a file that cannot be read or
// merged with, or nothing to go by.
func Make(r Request, what What) (*Plan, error) {
	if r.Top == "" && r.Project.Git != nil {
		r.Top = r.Project.Git.Root
	}
	r.Top = cmp.Or(r.Top, r.Project.Root)
	m := &maker{Request: r, Plan: &Plan{}}
	var err error
	switch what {
	case DevContainer:
		err = m.devContainer()
	case DevTarget:
		err = m.devTarget()
	case Contributing:
		err = m.contributing()
	case EnvScript:
		err = m.envScript()
	default:
		err = fmt.Errorf("%q cannot be set up", what)
	}
	if err != nil {
		return nil, err
	}
	return m.Plan, nil
}

// maker makes one plan.
type maker struct {
	Request
	*Plan
}

// file reads a text file; nil where there is none.
func (m *maker) file(path string) (*workspace.File, error) {
	file := m.Read(path)
	switch {
	case errors.Is(file.Err, fs.ErrNotExist):
		return nil, nil
	case file.Err != nil:
		return nil, fmt.Errorf("%s cannot be read: %s", m.rel(path), workspace.Reason(file.Err))
	case !utf8.Valid(file.Content) || strings.IndexByte(string(file.Content), 0) >= 0:
		return nil, fmt.Errorf("%s is not a text in UTF-8", m.rel(path))
	}
	return file, nil
}

// firstFile returns the first file that exists of some names in the folders of
// the project, the project's own first.
func (m *maker) firstFile(names ...string) (*workspace.File, error) {
	for _, folder := range m.folders() {
		for _, name := range names {
			if file, err := m.file(filepath.Join(folder, filepath.FromSlash(name))); file != nil || err != nil {
				return file, err
			}
		}
	}
	return nil, nil
}

// folders are the project's folder and the outermost one.
func (m *maker) folders() []string {
	if m.Top == m.Project.Root {
		return []string{m.Top}
	}
	return []string{m.Project.Root, m.Top}
}

// home is the folder that dbt runs in, where .env is.
func (m *maker) home() string {
	if _, ok := fspath.Rel(m.Top, m.Project.WorkingDir); ok {
		return m.Project.WorkingDir
	}
	return m.Project.Root
}

// rel names a path for people.
func (m *maker) rel(path string) string {
	if rel, ok := fspath.Rel(m.Top, path); ok {
		return rel
	}
	return path
}

func (m *maker) note(format string, args ...any) {
	m.Notes = append(m.Notes, fmt.Sprintf(format, args...))
}

// insert adds text to a file that exists, in the file's line endings.
func (m *maker) insert(file *workspace.File, at int, lines string) {
	lines = strings.ReplaceAll(lines, "\n", text.LineEnding(file.Content))
	m.Edits = append(m.Edits, diagnostics.Edit{File: file, Edit: text.Edit{Span: text.At(at), New: lines}})
}

// add puts a paragraph at the end of a file, after an empty line; where there
// is no file it creates one.
func (m *maker) add(file *workspace.File, path, paragraph string) {
	if file == nil {
		m.Create = append(m.Create, diagnostics.NewFile{Path: path, Content: paragraph})
		return
	}
	m.insert(file, len(file.Content), gap(string(file.Content))+paragraph)
}

// gap is what must stand between a text and a paragraph behind it.
func gap(before string) string {
	before = strings.ReplaceAll(before, "\r\n", "\n")
	switch {
	case strings.TrimSpace(before) == "" && (before == "" || strings.HasSuffix(before, "\n")):
		return ""
	case strings.HasSuffix(before, "\n\n"):
		return ""
	case strings.HasSuffix(before, "\n"):
		return "\n"
	}
	return "\n\n"
}
