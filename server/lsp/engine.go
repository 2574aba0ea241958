package lsp

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
)

// engineSearch is what the search for dbts started from last.
type engineSearch struct {
	running sync.Mutex // one search after the other, so that an older answer never replaces a newer one
	inputs  atomic.Pointer[engineInputs]

	// releases is the list as it was had last, without what settings add to it;
	// nil before that. It belongs to whoever holds running.
	releases *engine.Releases
}

// engineInputs are what settings and folders say of the dbts.
type engineInputs struct {
	folders []engine.Folder
	follows string
}

func (s *Server) engineInputs() *engineInputs {
	current := s.settings.Load()
	in := &engineInputs{follows: current.follows()}
	for _, f := range *s.folders.Load() {
		in.folders = append(in.folders, s.engineFolder(f.path))
	}
	return in
}

// engineFolder is what is said of the dbts of a folder. A client of ours passes
// on what counts; for others the settings files of a folder that a person
// trusts are read.
func (s *Server) engineFolder(path string) engine.Folder {
	own := s.settings.Load().of(path)
	return engine.Folder{
		Path: path, Program: own.program, Interpreter: own.interpreter, BadReleases: own.badReleases, ReadSettings: s.client.trusted,
	}
}

// engineAgain looks for the dbts again if the settings or the folders say
// something else of them than last time.
func (s *Server) engineAgain() {
	if last := s.engines.inputs.Load(); last != nil && !reflect.DeepEqual(last, s.engineInputs()) {
		s.background("engine", s.findEngine)
	}
}

// enginesAgain looks for the dbts again if one was updated, installed or removed
// since: a person does that in a terminal, and comes back.
func (s *Server) enginesAgain(ctx context.Context) {
	if known := s.workspace.Snapshot().Engine(); known.Found && engine.Outdated(known.Installs, s.lookup()) {
		s.findEngine(ctx)
	}
}

// findEngine looks for the dbts of this machine. Only for a person who trusts
// the workspace is one started, and the release list asked for. Diagnostics
// wait for none of this: what is known is told at once, the rest when it is.
func (s *Server) findEngine(ctx context.Context) {
	s.engines.running.Lock()
	defer s.engines.running.Unlock()
	inputs := s.engineInputs()
	s.engines.inputs.Store(inputs)
	kept := s.knownReleases(ctx)
	s.setEngine(s.search(inputs, kept))
	inputs = s.withProjects(inputs)
	found := s.search(inputs, kept)
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
	releases, err := s.options.Releases.Latest(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.Info("the release list is not the newest", zap.Error(err))
	}
	s.engines.releases = &releases
	s.setEngine(s.search(inputs, releases))
}

// search looks at the disk; what a dbt has answered before is known.
func (s *Server) search(inputs *engineInputs, releases engine.Releases) *workspace.Engine {
	releases.Follow = inputs.follows
	all := engine.Search{Env: s.lookup(), Exclude: s.inWorkspace, Folders: inputs.folders, Everywhere: true}.All()
	return &workspace.Engine{
		Found: true, Installs: s.prober.Recall(all.Installs), Absent: all.Absent, Extension: all.Extension,
		Releases: releases.WithKnownBad(all.KnownBad),
	}
}

// withProjects adds the folders of the projects that lie deeper than those of
// the workspace: a virtual environment may lie beside dbt_project.yml.
func (s *Server) withProjects(inputs *engineInputs) *engineInputs {
	all := &engineInputs{slices.Clone(inputs.folders), inputs.follows}
	for _, p := range s.workspace.Snapshot().Projects() {
		if !slices.ContainsFunc(inputs.folders, func(f engine.Folder) bool { return f.Path == p.Root }) {
			all.folders = append(all.folders, s.engineFolder(p.Root))
		}
	}
	return all
}

// knownReleases returns the release list as it is known already. The caller
// holds the lock of the search.
func (s *Server) knownReleases(ctx context.Context) engine.Releases {
	if s.engines.releases == nil {
		kept := s.keptReleases(ctx)
		s.engines.releases = &kept
	}
	return *s.engines.releases
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
		if fspath.Within(f.path, realPath) {
			return true
		}
		if real, err := filepath.EvalSymlinks(f.path); err == nil && fspath.Within(real, realPath) {
			return true
		}
	}
	return false
}
