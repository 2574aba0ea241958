package lsp

import (
	"sync"

	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// checks keeps the findings of projects that have not changed.
type checks struct {
	mu   sync.Mutex
	last []*check
	cut  bool // a person was told that projects are not looked for everywhere
}

// check is one project and what was found about it with some settings.
type check struct {
	Checked
	settings *folderSettings
	files    map[string][]item // diagnostics by file
}

// checked returns all projects of a snapshot with their findings. A project
// that has not changed since the last time is not looked at again.
func (s *Server) checked(snapshot *workspace.Snapshot) []*check {
	projects := snapshot.Projects()
	current := s.settings.Load()
	s.checks.mu.Lock()
	defer s.checks.mu.Unlock()
	next := make([]*check, len(projects))
	for i, p := range projects {
		own := current.of(p.Root)
		if next[i] = s.checks.find(p, own); next[i] == nil {
			findings := s.options.check(p, s.checkOptions(own))
			next[i] = &check{Checked: Checked{p, findings}, settings: own, files: s.items(p, findings, s.checks.files(p.Root))}
		}
	}
	s.checks.last = next
	if snapshot.Cut() && !s.checks.cut {
		s.checks.cut = true
		s.showMessage(protocol.MessageTypeWarning, "This window holds so many folders that dbt Hybrid does not look for dbt projects in all of them. Open a folder that is nearer to your project.")
	}
	return next
}

// checkedAside returns the projects of a snapshot that is only tried out with
// their findings, without keeping them.
func (s *Server) checkedAside(snapshot *workspace.Snapshot) []Checked {
	projects := snapshot.Projects()
	current := s.settings.Load()
	all := make([]Checked, len(projects))
	for i, p := range projects {
		own := current.of(p.Root)
		s.checks.mu.Lock()
		known := s.checks.find(p, own)
		s.checks.mu.Unlock()
		if known != nil {
			all[i] = known.Checked
			continue
		}
		all[i] = Checked{p, s.options.check(p, s.checkOptions(own))}
	}
	return all
}

// checkOptions are those of a folder's settings. A rule that panics is logged and
// takes nothing of the others with it.
func (s *Server) checkOptions(own *folderSettings) diagnostics.Options {
	return diagnostics.Options{Severities: own.rules, Scope: diagnostics.Machine, Failed: func(rule *diagnostics.Rule, cause any) {
		s.log.Error("panic", zap.String("in", rule.Code), rpc.Panic(cause), zap.StackSkip("stack", 2))
	}}
}

// files returns what was found last about the project at a root, by file.
func (c *checks) files(root string) map[string][]item {
	for _, old := range c.last {
		if old.Project.Root == root {
			return old.files
		}
	}
	return nil
}

func (c *checks) find(p *workspace.Project, own *folderSettings) *check {
	for _, old := range c.last {
		if old.Project == p && old.settings == own {
			return old
		}
	}
	return nil
}
