package workspace

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// Settings are what flags or an editor say about the projects of a folder.
type Settings struct {
	Target, Profile, ProfilesDir string
	WorkingDir                   string                 // the folder dbt runs in, if not the project's; relative to the project's root
	Environment                  map[string]secret.Text // dbt.environmentVariables of the dbt extension
	Defer                        *bool                  // dbt.flag.defer of the dbt extension; nil when not set
	State                        string                 // dbt.flag.state of the dbt extension
}

// Engine is what is known of the dbts on this machine and of the newest release.
type Engine struct {
	Found     bool             // the search path was looked at
	Installs  []engine.Install // those of the search path in its order, then the others
	Releases  engine.Releases
	Absent    []engine.Absent // settings that name no program
	Extension string          // version of dbt's extension for VS Code, "" without one
}

// First returns the dbt that a terminal starts.
func (e *Engine) First() (engine.Install, bool) {
	if e == nil || len(e.Installs) == 0 || e.Installs[0].OffPath {
		return engine.Install{}, false
	}
	return e.Installs[0], true
}

// inputs are what a Snapshot follows from. They never change.
type inputs struct {
	folders  []string
	overlays map[string]*File // open documents by path
	settings func(folder string) Settings
	machine  *Machine
	engine   *Engine
	limit    int // of folders in which projects are looked for; 0 for the usual one
}

// Snapshot is the workspace as of one moment. It never changes, and may be used
// by any number of goroutines. What costs time is done when Projects is called
// first, in the goroutine that calls it.
type Snapshot struct {
	inputs
	tree    *Tree           // what was read of folders just before; nil for nothing
	changed map[string]bool // paths that changed since the parent
	rescan  bool            // anything may have changed since the parent
	typed   bool            // nothing has since the parent, but in an open document
	parent  atomic.Pointer[Snapshot]

	once    sync.Once
	started atomic.Bool
	read    atomic.Int64 // projects, so far
	result  atomic.Pointer[built]
}

// built is a computed Snapshot.
type built struct {
	projects []*Project
	all      []*Project       // also those that are only packages of others
	disk     map[string]*File // files read from the disk, by path; absent ones too
	good     map[string]*File // the newest content of open YAML documents that dbt could read
	cut      bool             // projects were not looked for everywhere
}

// Projects returns the projects of the workspace, sorted by their root.
func (s *Snapshot) Projects() []*Project { return s.get().projects }

// Cut reports whether the folders hold too many others, so that projects were not
// looked for in all of them.
func (s *Snapshot) Cut() bool { return s.get().cut }

// Read returns how many projects were read so far, while others are being read.
func (s *Snapshot) Read() int { return int(s.read.Load()) }

// Open returns an open document.
func (s *Snapshot) Open(path string) (*File, bool) {
	f, ok := s.overlays[path]
	return f, ok
}

// File returns a file that a project of the snapshot depends on, or an open
// document.
func (s *Snapshot) File(path string) (*File, bool) {
	if f, ok := s.overlays[path]; ok {
		return f, true
	}
	if f, ok := s.get().disk[path]; ok {
		return f, true
	}
	for _, p := range s.get().projects {
		if src := p.index.source(path); src != nil {
			return src.file, true
		}
	}
	return nil, false
}

// OpenPaths returns the paths of the open documents.
func (s *Snapshot) OpenPaths() []string { return slices.Sorted(maps.Keys(s.overlays)) }

// MayMoveProjects reports whether a project may come or go with a change of a
// path, by its name alone: it is a project's file, or may be a folder that is
// looked into.
func (s *Snapshot) MayMoveProjects(path string) bool {
	path = filepath.Clean(path)
	return filepath.Base(path) == dbt.ProjectFileName || mayBeFolder(path) && s.searched(path)
}

// Outdated looks at the disk and returns the paths of the files, but those below
// the resource paths, that are no longer as they were read. It is for disks that
// tell of no changes.
func (s *Snapshot) Outdated() []string {
	var changed []string
	for path, f := range s.get().disk {
		if s.overlays[path] == nil && stampOf(path) != f.stamp {
			changed = append(changed, path)
		}
	}
	for _, p := range s.Projects() {
		if git := p.around.from; git.top != "" && stampOf(git.index()) != git.gitIndex {
			changed = append(changed, git.index())
		}
		for _, a := range p.publications {
			if a.moved() {
				changed = append(changed, a.Path)
			}
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed)
}

// Folders returns the folders of the workspace.
func (s *Snapshot) Folders() []string { return s.folders }

// Engine returns what is known of the dbts of this machine.
func (s *Snapshot) Engine() *Engine { return s.engine }

func (s *Snapshot) get() *built {
	s.started.Store(true)
	s.once.Do(func() {
		s.result.Store(s.build())
		s.parent.Store(nil) // what is computed does not need what it came from
	})
	return s.result.Load()
}

// changes are what has changed since a predecessor.
type changes struct {
	paths  map[string]bool
	rescan bool // anything may have changed
	typed  bool // nothing has, but in open documents
}

// ancestor returns the nearest predecessor that is computed or being computed,
// with all that changed since; nil where there is none.
func (s *Snapshot) ancestor() (*Snapshot, changes) {
	since := changes{paths: map[string]bool{}, typed: true}
	for at := s; ; {
		parent := at.parent.Load()
		if parent == nil && at != s && at.started.Load() { // it was computed just now
			return at, since
		}
		maps.Copy(since.paths, at.changed)
		since.rescan, since.typed = since.rescan || at.rescan, since.typed && at.typed
		switch {
		case parent == nil:
			return nil, changes{paths: since.paths, rescan: true}
		case parent.started.Load():
			return parent, since
		}
		at = parent
	}
}

// maxLooks bounds how often the disk is read for one snapshot while projects go
// from it.
const maxLooks = 3

// build reads what has changed. A project whose folder goes meanwhile, or went
// before anybody told of more than one of its files, goes as a whole: half of it
// would be full of mistakes that nobody made.
func (s *Snapshot) build() *built {
	base, since := s.ancestor()
	b, made := s.look(base, since, cmp.Or(s.tree, NewTree()))
	for range maxLooks - 1 {
		if since.typed { // nobody waits for the disk at a key
			break
		}
		gone := slices.DeleteFunc(made, func(p *Project) bool { return !vanished(p.File.Path) })
		if len(gone) == 0 {
			break
		}
		for _, p := range gone {
			since.paths[p.Root] = true
		}
		b, made = s.look(base, since, NewTree())
	}
	return b
}

// vanished reports whether nothing is at a path, whatever there is around it.
func vanished(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// look reads what has changed since a predecessor, once, and returns the projects
// that are not the ones of before too.
func (s *Snapshot) look(base *Snapshot, since changes, tree *Tree) (b *built, made []*Project) {
	b = &built{disk: map[string]*File{}, good: map[string]*File{}}
	var before []*Project
	if base != nil {
		old := base.get()
		before, b.good, b.cut = old.all, maps.Clone(old.good), old.cut
		if !since.rescan {
			b.disk = maps.Clone(old.disk)
			s.forget(b.disk, since.paths)
		}
	}
	previous := map[string]*Project{}
	for _, p := range before {
		previous[p.Root] = p
	}
	tree.limit = cmp.Or(s.limit, tree.limit)
	roots, again := s.roots(tree, before, base, since)
	if _, cut := tree.Cut(); again {
		b.cut = cut
	}
	tree.addTo(b.disk)
	s.read.Store(0)
	for _, root := range roots {
		p := s.project(b, tree, root, previous[root], since)
		if b.all = append(b.all, p); p != previous[root] {
			made = append(made, p)
		}
		s.read.Add(1)
	}
	b.drop(before)
	b.projects = withoutPackages(b.all)
	return b, made
}

// drop forgets the files that were read for the projects before and that no
// project follows from any more: nobody tells when they change.
func (b *built) drop(before []*Project) {
	now := make(map[string]*Project, len(b.all))
	for _, p := range b.all {
		now[p.Root] = p
	}
	for _, old := range before {
		next := now[old.Root]
		if next == old {
			continue
		}
		for _, paths := range [...]map[string]bool{old.inputs, old.around.inputs} {
			for path := range paths {
				if (next == nil || !next.loaded(path)) && !slices.ContainsFunc(b.all, func(p *Project) bool { return p.loaded(path) }) {
					delete(b.disk, path)
				}
			}
		}
	}
}

// withoutPackages leaves out what is only a package: a project that another one
// lists with `local:`, and that has no connection of its own. What it asks for is
// asked of the project that installs it.
func withoutPackages(all []*Project) []*Project {
	installed := map[string]bool{}
	for _, p := range all {
		for _, root := range p.index.layout.locals {
			installed[root] = true
		}
	}
	if len(installed) == 0 {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(p *Project) bool {
		return installed[p.Root] && p.Profile.Problem != dbt.ProfileFine
	})
}

// forget drops what was read of changed files, and of those below changed folders.
func (s *Snapshot) forget(disk map[string]*File, changed map[string]bool) {
	folders := false
	for path := range changed {
		delete(disk, path)
		folders = folders || s.overlays[path] == nil
	}
	if folders {
		maps.DeleteFunc(disk, func(path string, _ *File) bool { return liesBelow(path, changed) })
	}
}

// liesBelow reports whether a path lies in one of the folders, at any depth.
func liesBelow(path string, folders map[string]bool) bool {
	for dir := filepath.Dir(path); dir != path; path, dir = dir, filepath.Dir(dir) {
		if folders[dir] {
			return true
		}
	}
	return false
}

// roots returns the folders of projects. They are looked for again only when
// one may have come or gone.
func (s *Snapshot) roots(tree *Tree, before []*Project, base *Snapshot, since changes) (roots []string, again bool) {
	again = since.rescan || base == nil || !slices.Equal(base.folders, s.folders)
	for path := range since.paths {
		if again {
			break
		}
		again = s.movesProjects(before, path)
	}
	if again {
		return tree.Projects(s.folders...), true
	}
	roots = make([]string, len(before))
	for i, p := range before {
		roots[i] = p.Root
	}
	return roots, false
}

// movesProjects reports whether a project may have come or gone with a path:
// its file, a folder around it, or a folder that is new.
func (s *Snapshot) movesProjects(before []*Project, path string) bool {
	switch {
	case filepath.Base(path) == dbt.ProjectFileName:
		return true
	case s.overlays[path] != nil || !s.searched(path):
		return false
	case slices.ContainsFunc(before, func(p *Project) bool { _, ok := fspath.Rel(path, p.Root); return ok }):
		return true
	}
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

// searched reports whether a folder at a path would be looked into for projects.
func (s *Snapshot) searched(path string) bool {
	for _, folder := range s.folders {
		if path == folder || strings.HasPrefix(folder, path+string(filepath.Separator)) {
			return true
		}
		rel, ok := fspath.Rel(folder, path)
		if ok && !slices.ContainsFunc(strings.Split(rel, "/"), skipped) {
			return true
		}
	}
	return false
}

// project returns the project at a root: the previous one if nothing that it
// follows from has changed.
func (s *Snapshot) project(b *built, tree *Tree, root string, previous *Project, since changes) *Project {
	settings := s.settings(root)
	if previous != nil && !since.rescan && previous.Engine == s.engine && previous.Machine == s.machine && previous.given.equal(settings) {
		if !previous.touched(since.paths) {
			return previous
		}
		if env := previous.EnvFile.Path; since.typed && len(since.paths) == 1 && since.paths[env] {
			if p := previous.retyped(s.file(b, env)); p != nil {
				return p
			}
		}
	}
	before := previous
	if before == nil {
		before = &Project{ledger: &ledger{}}
	}
	p := &Project{
		Root: root, given: settings, Machine: s.machine, Engine: s.engine,
		inputs: make(map[string]bool, len(before.inputs)), units: make(map[*File][]*unit, len(before.units)),
	}
	builder := &builder{Project: p, before: before, paths: since.paths, typed: since.typed && previous != nil}
	builder.load = func(path string) *File {
		p.inputs[path] = true
		return s.file(b, path)
	}
	builder.changed = func(inputs map[string]bool) bool {
		for path := range since.paths {
			if holds(inputs, path) {
				return true
			}
		}
		return since.rescan
	}
	builder.good = func(f *File) *File {
		if good := b.good[f.Path]; good != nil && f.YAML().Broken() {
			return good
		}
		return f
	}
	builder.scan = func(l layout) *index {
		if previous != nil && !since.rescan && previous.index.layout.equal(l) {
			if x := previous.index.update(since.paths, s.overlays); x != nil {
				return x
			}
		}
		return scan(l, tree, s.overlays)
	}
	if builder.typed {
		builder.top = previous.around.from.top
	} else {
		builder.top = gitRoot(root)
	}
	builder.configure()
	return builder.build()
}

// file returns an open document, or reads the disk once.
func (s *Snapshot) file(b *built, path string) *File {
	if f, ok := s.overlays[path]; ok {
		if f.Open && IsYAML(path) && !f.YAML().Broken() {
			b.good[path] = f
		}
		return f
	}
	delete(b.good, path)
	f, ok := b.disk[path]
	if !ok {
		f = readFile(path)
		b.disk[path] = f
	}
	return f
}

func (s Settings) equal(other Settings) bool {
	return s.Target == other.Target && s.Profile == other.Profile && s.ProfilesDir == other.ProfilesDir &&
		s.WorkingDir == other.WorkingDir && s.State == other.State && maps.Equal(s.Environment, other.Environment) &&
		(s.Defer == nil) == (other.Defer == nil) && (s.Defer == nil || *s.Defer == *other.Defer)
}

// touched reports whether a project follows from one of the changed paths, or
// from what lies below one that is a folder.
func (p *Project) touched(changed map[string]bool) bool {
	for path := range changed {
		if p.follows(path) || p.index.reads(path) {
			return true
		}
	}
	return false
}

// loaded reports whether the file at a path was asked for, for the project itself or
// what stands around it.
func (p *Project) loaded(path string) bool { return p.inputs[path] || p.around.inputs[path] }

// Reads reports whether the file at a path is one of the project's own, and not only
// of what stands around it, such as the project that it lies in.
func (p *Project) Reads(path string) bool { return p.inputs[path] || p.index.reads(path) }

// Watched reports whether a change of the file at a path may change what is
// known of the project.
func (p *Project) Watched(path string) bool { return p.follows(path) || p.index.reads(path) }
