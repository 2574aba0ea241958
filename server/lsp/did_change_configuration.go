package lsp

import (
	"context"
	"time"

	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// section is the prefix of the settings.
const section = "dbtHybrid"

// configurationLimit is how long a client may take to tell its settings.
const configurationLimit = 5 * time.Second

// didChangeConfiguration asks for the settings anew. A client that cannot be
// asked sends them with the notification.
func (s *Server) didChangeConfiguration(p *protocol.DidChangeConfigurationParams) (any, error) {
	if s.client.configuration {
		s.background("configuration", s.pullConfiguration)
		return nil, nil
	}
	sent := decodeObject(p.Settings)
	if inner, ok := sent[section].(map[string]any); ok {
		sent = inner
	}
	s.settings.Store(&settings{common: readSettings(sent)})
	s.applySettings()
	s.changed()
	return nil, nil
}

// pullConfiguration asks the client for the settings of every folder, one
// question after the other, so that an older answer never replaces a newer one.
func (s *Server) pullConfiguration(ctx context.Context) {
	if !s.client.configuration {
		return
	}
	s.pulling.Lock()
	defer s.pulling.Unlock()
	current := *s.folders.Load()
	ctx, cancel := context.WithTimeout(ctx, configurationLimit)
	defer cancel()
	name := section
	items := []protocol.ConfigurationItem{{Section: &name}}
	for _, f := range current {
		items = append(items, protocol.ConfigurationItem{ScopeURI: &f.uri, Section: &name})
	}
	var answers []protocol.LSPAny
	err := s.conn.Call(ctx, protocol.MethodWorkspaceConfiguration, &protocol.ConfigurationParams{Items: items}, &answers)
	if err != nil || len(answers) != len(items) {
		if ctx.Err() == nil {
			s.log.Warn("the client does not tell its settings", zap.Error(err))
		}
		return
	}
	initial := s.settings.Load().initial
	next := &settings{initial: initial, common: initial}
	if o := decodeObject(answers[0]); len(o) > 0 {
		next.common = readSettings(o)
	}
	for i, f := range current {
		own := next.common
		if o := decodeObject(answers[i+1]); len(o) > 0 {
			own = readSettings(o)
		}
		next.folders = append(next.folders, scoped{f.path, own})
	}
	s.settings.Store(next)
	s.applySettings()
	s.changed()
}

// applySettings tells the workspace of the settings as they are now.
func (s *Server) applySettings() {
	current := s.settings.Load()
	s.workspace.SetSettings(func(root string) workspace.Settings { return current.of(root).workspace })
	s.engineAgain()
}
