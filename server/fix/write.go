package fix

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
)

// Failure is a file that could not be changed.
type Failure struct {
	Path string
	Err  error
}

// ErrChanged says that a file is not what the fix was made for.
var ErrChanged = errors.New("it has changed meanwhile, nothing was done to it")

// errPartner says that a file was left alone because another one that changes
// with it could not be changed.
var errPartner = errors.New("another file that changes with it could not be changed")

// Write changes the files on the disk. Each becomes the new content in one
// step, and stays as it is where anything fails; the others go on. Files that
// change together are prepared together, so that a full disk changes none of
// them; what creates text comes before what deletes it.
func (p *Plan) Write() (failures []Failure) {
	all := p.Changes()
	for _, group := range p.groups {
		var changes []*Change
		for _, c := range all {
			if slices.Contains(group, c.Path) {
				changes = append(changes, c)
			}
		}
		failures = append(failures, writeTogether(changes)...)
	}
	return failures
}

// writeTogether prepares all files of a group before it changes one.
func writeTogether(changes []*Change) (failures []Failure) {
	staged := make([]*stage, len(changes))
	defer func() {
		for _, s := range staged {
			if s != nil {
				s.discard()
			}
		}
	}()
	for i, c := range changes {
		s, err := prepare(c)
		if err != nil {
			failures = append(failures, Failure{c.Path, err})
		}
		staged[i] = s
	}
	failed := len(failures) > 0
	for _, step := range [...]func(c *Change) bool{
		func(c *Change) bool { return !c.Before.Exists() },
		func(c *Change) bool { return c.Before.Exists() && c.After.Exists() },
		func(c *Change) bool { return !c.After.Exists() },
	} {
		for i, c := range changes {
			switch {
			case !step(c) || slices.ContainsFunc(failures, func(f Failure) bool { return f.Path == c.Path }):
			case failed:
				failures = append(failures, Failure{c.Path, errPartner})
			default:
				if err := staged[i].commit(c); err != nil {
					failed = true
					failures = append(failures, Failure{c.Path, err})
				}
			}
		}
	}
	return failures
}

// A stage is a new content that lies ready beside the file whose place it will
// take. It stands in a folder of its own, in one named .git: git takes nothing
// from a folder of that name, so that a program that is killed at any moment
// leaves nothing behind that could be committed.
type stage struct {
	target string // where the links of the path lead
	folder string // "" where nothing is written
	lock   *os.File
}

// The folder of a stage, the one within it, and the file in that.
const (
	stagePattern = ".dbt-hybrid-*.tmp"
	stageHidden  = ".git"
	stageContent = "content"
)

func (s *stage) file() string { return filepath.Join(s.folder, stageHidden, stageContent) }

// prepare writes what a change leaves, next to its target and with the target's
// mode and owner.
func prepare(c *Change) (*stage, error) {
	s := &stage{target: realPath(c.Path)}
	var info fs.FileInfo
	if c.Before.Exists() {
		var err error
		if info, err = writable(s.target); err != nil {
			return nil, err
		}
	}
	if !c.After.Exists() {
		return s, nil
	}
	if !c.Before.Exists() {
		if err := os.MkdirAll(filepath.Dir(s.target), 0o777); err != nil { // less the umask
			return nil, fspath.WithoutPath(err)
		}
	}
	folder, err := os.MkdirTemp(filepath.Dir(s.target), stagePattern)
	if err != nil {
		return nil, fspath.WithoutPath(err)
	}
	s.folder, s.lock = folder, hold(folder)
	if err := s.write(c, info); err != nil {
		s.discard()
		return nil, fspath.WithoutPath(err)
	}
	return s, nil
}

// writable returns the state of a file that may be written to. A file that is
// read-only is meant to stay as it is, although its folder would let it be
// replaced.
func writable(path string) (fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, fspath.WithoutPath(err)
	}
	info, err := f.Stat()
	if closed := f.Close(); err == nil {
		err = closed
	}
	return info, fspath.WithoutPath(err)
}

func (s *stage) write(c *Change, info fs.FileInfo) error {
	if err := os.Mkdir(filepath.Join(s.folder, stageHidden), 0o700); err != nil {
		return err
	}
	mode := fs.FileMode(0o666) // less the umask
	if info != nil || workspace.IsEnvFile(c.Path) {
		mode = 0o600
	}
	f, err := os.OpenFile(s.file(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(c.After.Content)
	if err == nil && info != nil {
		err = imitate(f, info)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// commit lets the new content take the place of the old one, if that is still
// there byte for byte.
func (s *stage) commit(c *Change) error {
	if !c.Before.Exists() {
		return fspath.WithoutPath(s.create())
	}
	now, err := os.ReadFile(s.target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrChanged
	case err != nil:
		return fspath.WithoutPath(err)
	case !bytes.Equal(now, c.Before.Content) || realPath(c.Path) != s.target:
		return ErrChanged
	}
	if !c.After.Exists() {
		err = os.Remove(c.Path)
	} else {
		err = os.Rename(s.file(), s.target)
	}
	if err == nil {
		syncFolder(filepath.Dir(s.target))
	}
	return fspath.WithoutPath(err)
}

// create puts the new content where nothing is. A link fails where there is
// something by now; a file system without links is asked first.
func (s *stage) create() error {
	err := os.Link(s.file(), s.target)
	if errors.Is(err, fs.ErrExist) {
		return ErrChanged
	}
	if err != nil {
		if _, there := os.Lstat(s.target); !errors.Is(there, fs.ErrNotExist) {
			return ErrChanged
		}
		err = os.Rename(s.file(), s.target)
	}
	if err == nil {
		syncFolder(filepath.Dir(s.target))
	}
	return err
}

// discard removes what a stage has left.
func (s *stage) discard() {
	if s.folder != "" {
		removeStage(s.folder)
	}
	if s.lock != nil {
		_ = s.lock.Close()
	}
}

func removeStage(folder string) {
	_ = os.Remove(filepath.Join(folder, stageHidden, stageContent))
	_ = os.Remove(filepath.Join(folder, stageHidden)) // fails, as it should, where somebody put something else into it
	_ = os.Remove(folder)
}

// syncFolder makes a renaming last. Not every system can, and the renaming is
// whole without.
func syncFolder(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}

// A stage belongs to a program that was killed if nobody holds it after the
// first moment, or, where that cannot be told, after a time that no writing
// takes.
const (
	firstMoment = time.Second
	longest     = time.Minute
)

// Clean removes what programs that were killed have left in a folder.
func Clean(dir string, now time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if ours, err := filepath.Match(stagePattern, entry.Name()); err != nil || !ours || !entry.IsDir() {
			continue
		}
		info, err := entry.Info()
		if err != nil || now.Sub(info.ModTime()) < firstMoment {
			continue
		}
		folder := filepath.Join(dir, entry.Name())
		if held, known := held(folder); !held && (known || now.Sub(info.ModTime()) > longest) {
			removeStage(folder)
		}
	}
}
