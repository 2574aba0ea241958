package lsp

import (
	"context"
	"path/filepath"
	"reflect"

	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// findEngine looks for the dbts of this machine. Only for a person who trusts
// the workspace is one started, and the release list asked for.
func (s *Server) findEngine(ctx context.Context) {
	found := &workspace.Engine{Found: true, Installs: engine.Find(s.lookup(), s.inWorkspace), Releases: s.keptReleases(ctx)}
	s.setEngine(found)
	if !s.client.trusted {
		return
	}
	probed := *found
	probed.Installs = s.prober.ProbeAll(ctx, found.Installs)
	s.setEngine(&probed)
	if s.options.Releases == nil || !s.settings.Load().updates() {
		return
	}
	newest := probed
	releases, err := s.options.Releases.Latest(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.Info("the release list is not the newest", zap.Error(err))
	}
	newest.Releases = releases
	s.setEngine(&newest)
}

// keptReleases returns the release list without asking the network.
func (s *Server) keptReleases(ctx context.Context) engine.Releases {
	if s.options.Releases == nil {
		return engine.Builtin()
	}
	offline := *s.options.Releases
	offline.Offline = true
	releases, err := offline.Latest(ctx)
	if err != nil {
		s.log.Debug("the kept release list cannot be read", zap.Error(err))
	}
	return releases
}

// setEngine tells the workspace what was found out, if that is new: every
// project is looked at again after it.
func (s *Server) setEngine(e *workspace.Engine) {
	if s.ctx.Err() == nil && !reflect.DeepEqual(s.workspace.Snapshot().Engine(), e) {
		s.workspace.SetEngine(e)
		s.changed()
	}
}

// inWorkspace reports whether a program lies in a folder of the workspace. Such
// a program is never started.
func (s *Server) inWorkspace(realPath string) bool {
	for _, f := range *s.folders.Load() {
		if within(f.path, realPath) {
			return true
		}
		if real, err := filepath.EvalSymlinks(f.path); err == nil && within(real, realPath) {
			return true
		}
	}
	return false
}
