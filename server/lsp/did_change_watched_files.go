package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// watchedPatterns are the files to be told of: all, since a folder that comes or
// goes takes files with it, and clients then report the folder only. What does
// not matter is passed over here. The patterns behind the first are for Eglot,
// which finds hardly a file with it.
var watchedPatterns = [...]string{
	"**/*",
	"**/*.{yml,yaml,sql,csv}",
	"**/{.env,.env.*,*.env,env.*,.gitignore,.dbtignore}",
}

func (s *Server) didChangeWatchedFiles(p *protocol.DidChangeWatchedFilesParams) (any, error) {
	s.events.Store(true)
	changed := make([]string, 0, len(p.Changes))
	for _, event := range p.Changes {
		if event.URI.IsFile() {
			changed = append(changed, event.URI.FsPath())
		}
	}
	s.filesChanged(changed)
	return nil, nil
}

// filesChanged passes on what may matter. While a look at the disk is due or under
// way, nobody knows yet what it reads, and anything may.
func (s *Server) filesChanged(changed []string) {
	if known, current := s.publish.currentProjects(); current {
		snapshot := s.workspace.Snapshot()
		changed = slices.DeleteFunc(changed, func(path string) bool {
			return !concerns(known, path) && !snapshot.MayMoveProjects(path)
		})
	}
	if len(changed) > 0 {
		s.workspace.FilesChanged(changed)
		s.changed()
	}
}

// concerns reports whether something follows from the file at a path.
func concerns(known []Checked, path string) bool {
	return slices.ContainsFunc(known, func(c Checked) bool { return c.Project.Watched(path) })
}

// registerWatches asks the client to watch files. It reports whether it does.
func (s *Server) registerWatches(ctx context.Context) bool {
	if !s.client.watches {
		return false
	}
	var watchers []protocol.FileSystemWatcher
	for _, pattern := range watchedPatterns {
		watchers = append(watchers, protocol.FileSystemWatcher{GlobPattern: protocol.Pattern(pattern)})
	}
	if s.client.relativeWatches && s.options.Home != "" {
		watchers = append(watchers, protocol.FileSystemWatcher{GlobPattern: &protocol.RelativePattern{
			BaseURI: protocol.URI(uri.File(filepath.Join(s.options.Home, dbt.HomeFolder))), Pattern: "*.yml",
		}})
	}
	options := &protocol.DidChangeWatchedFilesRegistrationOptions{Watchers: watchers}
	if err := s.register(ctx, protocol.MethodWorkspaceDidChangeWatchedFiles, options); err != nil {
		s.log.Warn("the client does not watch files", zap.Error(err))
		return false
	}
	return true
}

// registrationLimit is how long a client may take to answer a registration.
const registrationLimit = 5 * time.Second

// register asks the client to send a method from now on.
func (s *Server) register(ctx context.Context, method string, options any) error {
	r := protocol.Registration{ID: method, Method: method}
	if options != nil {
		encoded, err := protocol.Marshal(options)
		if err != nil {
			return err
		}
		r.RegisterOptions = encoded
	}
	ctx, cancel := context.WithTimeout(ctx, registrationLimit)
	defer cancel()
	return s.conn.Call(ctx, protocol.MethodClientRegisterCapability, &protocol.RegistrationParams{Registrations: []protocol.Registration{r}}, nil)
}
