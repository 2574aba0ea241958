package lsp

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/watch"
)

// settleTime is how long the disk must be quiet before a burst counts as over.
const settleTime = 50 * time.Millisecond

// external watches what the client does not.
type external struct {
	mu       sync.Mutex
	watcher  *watch.Watcher
	projects bool            // also the folders of the workspace, not only ~/.dbt
	watched  map[string]bool // roots and resource folders that were walked
}

// watchDisk watches ~/.dbt and, for a client that watches no files, the folders
// that dbt reads. It returns at the end of the session.
func (s *Server) watchDisk(ctx context.Context, projects bool) {
	w, err := watch.New(s.log, settleTime)
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
		e.add(filepath.Join(s.options.Home, dbt.HomeFolder), s.log)
	}
	if known, seen := s.publish.lastProjects(); seen {
		s.follow(known)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case batch := <-w.Batches():
			if batch.Rescan {
				s.workspace.Rescan()
				s.changed()
				continue
			}
			for _, path := range batch.Paths {
				if info, err := os.Lstat(path); err == nil && info.IsDir() {
					e.walk(path, s.log)
				}
			}
			s.filesChanged(batch.Paths)
		}
	}
}

// follow watches the folders that projects are read from.
func (s *Server) follow(projects []Checked) {
	e := &s.external
	e.mu.Lock()
	on := e.watcher != nil && e.projects
	e.mu.Unlock()
	if !on {
		return
	}
	for _, f := range *s.folders.Load() {
		e.add(f.path, s.log)
	}
	for _, c := range projects {
		p := c.Project
		e.add(p.Root, s.log)
		e.add(p.WorkingDir, s.log)
		if p.ProfilesFile != nil {
			e.add(filepath.Dir(p.ProfilesFile.Path), s.log)
		}
		for _, dirs := range (dbt.ProjectFile{YAML: p.File.YAML()}).Paths() {
			for _, dir := range dirs {
				e.walk(filepath.Join(p.Root, dir), s.log)
			}
		}
	}
}

// walk watches a folder and all below it, the first time that it is named.
func (e *external) walk(dir string, log *zap.Logger) {
	if !e.add(dir, log) {
		return
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
		e.add(path, log)
		return nil
	})
}

// add watches a folder and reports whether that is new.
func (e *external) add(dir string, log *zap.Logger) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.watcher == nil || e.watched[dir] {
		return false
	}
	e.watched[dir] = true
	if err := e.watcher.Add(dir); err != nil {
		log.Warn("a folder is not watched", zap.String("folder", dir), zap.Error(err))
	} else {
		log.Debug("watching", zap.String("folder", dir))
	}
	return true
}
