package lsp

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/watch"
)

// pollTime is how often a folder is looked at that cannot be watched.
const pollTime = 2 * time.Second

// settleTime is how long the disk must be quiet before a burst counts as over.
const settleTime = 50 * time.Millisecond

// external watches what the client does not.
type external struct {
	mu       sync.Mutex
	watcher  *watch.Watcher
	projects bool            // also the folders of the workspace, not only ~/.dbt
	watched  map[string]bool // roots and resource folders that were walked
	polls    bool            // a person was told that some are polled
}

// watchDisk watches ~/.dbt and, for a client that watches no files, the folders
// that dbt reads. It returns at the end of the session.
func (s *Server) watchDisk(ctx context.Context, projects bool) {
	w, err := s.options.watch(s.log, settleTime)
	if errors.Is(err, watch.ErrLimit) {
		w, err = watch.NewPolling(s.log, settleTime), nil
	}
	if err != nil {
		s.log.Warn("files are not watched", zap.Error(err))
		return
	}
	e := &s.external
	e.mu.Lock()
	e.watcher, e.projects, e.watched = w, projects, map[string]bool{}
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		e.watcher = nil
		e.mu.Unlock()
		_ = w.Close()
	}()
	if s.options.Home != "" {
		s.watchFolder(filepath.Join(s.options.Home, dbt.HomeFolder))
	}
	if known, seen := s.publish.lastProjects(); seen {
		s.follow(known)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case batch, ok := <-w.Batches():
			if !ok {
				return
			}
			s.events.Store(true)
			if batch.Rescan {
				s.workspace.Rescan()
				s.changed()
				continue
			}
			for _, path := range batch.Paths {
				if info, err := os.Lstat(path); err == nil && info.IsDir() {
					s.walk(path)
				}
			}
			s.filesChanged(batch.Paths)
		}
	}
}

// follow watches the folders that projects are read from. What changed between
// the reading and the watching is looked for.
func (s *Server) follow(projects []Checked) {
	e := &s.external
	e.mu.Lock()
	on := e.watcher != nil && e.projects
	e.mu.Unlock()
	if !on {
		return
	}
	more := false
	folders := *s.folders.Load()
	for _, f := range folders {
		more = s.watchFolder(f.path) || more
	}
	for _, c := range projects {
		p := c.Project
		for _, f := range folders {
			more = s.watchBetween(f.path, p.Root) || more
		}
		more = s.watchFolder(p.Root) || more
		more = s.watchFolder(p.WorkingDir) || more
		if p.ProfilesFile != nil {
			more = s.watchFolder(filepath.Dir(p.ProfilesFile.Path)) || more
		}
		for _, dirs := range (dbt.ProjectFile{YAML: p.File.YAML()}).Paths() {
			for _, dir := range dirs {
				more = s.walk(filepath.Join(p.Root, dir)) || more
			}
		}
	}
	if more {
		s.background("look at the disk", s.lookAgain)
	}
}

// walk watches a folder and all below it, the first time that it is named, and
// reports whether that is new.
func (s *Server) walk(dir string) bool {
	if !s.watchFolder(dir) {
		return false
	}
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // what cannot be read is not watched
		case !entry.IsDir():
			return nil
		case path != dir && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		}
		s.watchFolder(path)
		return nil
	})
	return true
}

// watchBetween watches the folders between one of the workspace and a project in it:
// when one of them is renamed, nothing else tells that the project is elsewhere.
func (s *Server) watchBetween(folder, root string) (more bool) {
	for dir := filepath.Dir(root); dir != folder && fspath.Within(folder, dir); dir = filepath.Dir(dir) {
		more = s.watchFolder(dir) || more
	}
	return more
}

// watchFolder watches a folder and reports whether that is new. One that the
// system allows no watch for is looked at every now and then.
func (s *Server) watchFolder(dir string) bool {
	e := &s.external
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.watcher == nil || e.watched[dir] {
		return false
	}
	e.watched[dir] = true
	err := e.watcher.Add(dir)
	if errors.Is(err, watch.ErrLimit) {
		s.sayPolled(err)
		if err = e.watcher.Poll(dir, pollTime); err == nil {
			s.log.Debug("polling", zap.String("folder", dir))
			return true
		}
	}
	if err != nil {
		s.log.Warn("a folder is not watched", zap.String("folder", dir), zap.Error(err))
	} else {
		s.log.Debug("watching", zap.String("folder", dir))
	}
	return true
}

// sayPolled tells a person, once, that changes are seen late. The caller holds
// the lock.
func (s *Server) sayPolled(err error) {
	if s.external.polls {
		return
	}
	s.external.polls = true
	s.log.Warn("folders are polled", zap.Error(err))
	s.showMessage(protocol.MessageTypeWarning, "This system allows no more file watches, so that dbt Hybrid looks for changes every "+
		pollTime.String()+". To have it see them at once, raise the limit (on Linux: fs.inotify.max_user_watches and fs.inotify.max_user_instances).")
}
