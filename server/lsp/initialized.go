package lsp

import (
	"context"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"
)

// initialized begins the work: settings first, so that nothing is published
// that they would take back.
func (s *Server) initialized(jsonrpc2.RawMessage) (any, error) {
	s.background("start", func(ctx context.Context) {
		s.pullConfiguration(ctx)
		s.background("publisher", s.publishLoop)
		s.background("engine", s.findEngine)
		if s.client.configurationEvents {
			if err := s.register(ctx, protocol.MethodWorkspaceDidChangeConfiguration, map[string]string{"section": section}); err != nil {
				s.log.Warn("the client does not tell of changed settings", zap.Error(err))
			}
		}
		clientWatches := s.registerWatches(ctx)
		if !clientWatches || !s.client.relativeWatches {
			s.watchDisk(ctx, !clientWatches)
		}
	})
	return nil, nil
}
