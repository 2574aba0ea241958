// Package workspace is the model of the dbt projects on disk and in open
// editors: what dbt v2 would load, resolve and link, from the files alone.
//
// State changes in one place, Workspace, in the order in which changes arrive.
// Everything else works on a Snapshot, which never changes.
package workspace

import (
	"maps"
	"path/filepath"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Workspace holds the folders and documents that an editor has open. Its
// methods may be called from several goroutines; none of them waits for the
// disk.
type Workspace struct {
	mu      sync.Mutex
	current *Snapshot
}

// New returns a workspace without folders. The machine's environment is the one
// of the process that dbt would be started from.
func New(machine *Machine) *Workspace {
	none := func(string) Settings { return Settings{} }
	return &Workspace{current: &Snapshot{inputs: inputs{machine: machine, settings: none, engine: &Engine{}}}}
}

// Fork returns a workspace of its own that begins as the snapshot, for trying
// out changes.
func (s *Snapshot) Fork() *Workspace { return &Workspace{current: s} }

// Snapshot returns the workspace as of now.
func (w *Workspace) Snapshot() *Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.current
}

// change makes the next snapshot of the current one.
func (w *Workspace) change(edit func(s *Snapshot)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := &Snapshot{inputs: w.current.inputs, changed: map[string]bool{}}
	next.parent.Store(w.current)
	if !w.current.started.Load() {
		next.tree = w.current.tree
	}
	edit(next)
	if len(next.changed) > 0 || next.rescan {
		next.tree = nil
	}
	w.current = next
}

// SetFolders names the folders in which projects are looked for.
func (w *Workspace) SetFolders(folders []string) {
	w.change(func(s *Snapshot) { s.folders = folders })
}

// SetTree gives what was read of the folders a moment ago, so that the next
// snapshot need not read them again.
func (w *Workspace) SetTree(t *Tree) {
	w.change(func(s *Snapshot) { s.tree = t })
}

// SetFolderLimit bounds how many folders are looked into for projects, if that is
// not to be what it is without.
func (w *Workspace) SetFolderLimit(folders int) {
	w.change(func(s *Snapshot) { s.limit = folders })
}

// SetSettings gives the settings of a project by its root.
func (w *Workspace) SetSettings(settings func(root string) Settings) {
	w.change(func(s *Snapshot) { s.settings = settings })
}

// SetEngine tells what was found out about the dbts of this machine.
func (w *Workspace) SetEngine(engine *Engine) {
	w.change(func(s *Snapshot) { s.engine = engine })
}

// SetDocument tells that an editor holds a document with a content, which must
// not change afterwards.
func (w *Workspace) SetDocument(path string, version int32, content []byte) {
	path = filepath.Clean(path)
	w.overlay(path, func(before *File) *File { return editedFile(before, path, version, content) })
}

// EditDocument is SetDocument for a content of which it is known what it has in
// common with another one, which it was made of.
func (w *Workspace) EditDocument(path string, version int32, content, from []byte, common text.Common) {
	path = filepath.Clean(path)
	w.overlay(path, func(before *File) *File {
		f := editedFile(before, path, version, content)
		f.shares(from, common)
		return f
	})
}

// Assume tells what to take for the file at a path instead of what is on the
// disk: a content, which must not change afterwards, or an error such as
// fs.ErrNotExist. CloseDocument ends that.
func (w *Workspace) Assume(path string, content []byte, err error) {
	path = filepath.Clean(path)
	w.overlay(path, func(*File) *File { return newFile(path, content, err) })
}

// overlay puts a file in the place of what is at its path. It is made of the one
// that was there before, nil if none was.
func (w *Workspace) overlay(path string, file func(before *File) *File) {
	w.change(func(s *Snapshot) {
		s.overlays = maps.Clone(s.overlays)
		if s.overlays == nil {
			s.overlays = map[string]*File{}
		}
		s.overlays[path] = file(s.overlays[path])
		s.changed[path] = true
		s.typed = true
	})
}

// CloseDocument tells that the file on disk counts again.
func (w *Workspace) CloseDocument(path string) {
	w.change(func(s *Snapshot) {
		path = filepath.Clean(path)
		s.overlays = maps.Clone(s.overlays)
		delete(s.overlays, path)
		s.changed[path] = true
	})
}

// FilesChanged tells that files were written, created, renamed or deleted.
func (w *Workspace) FilesChanged(paths []string) {
	w.change(func(s *Snapshot) {
		for _, path := range paths {
			s.changed[filepath.Clean(path)] = true
		}
	})
}

// Rescan tells that anything on disk may have changed.
func (w *Workspace) Rescan() {
	w.change(func(s *Snapshot) { s.rescan = true })
}
