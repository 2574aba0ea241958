package lsp

import (
	"go.lsp.dev/jsonrpc2"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
)

// shutdown ends what the server sends by itself; only exit is taken after it.
func (s *Server) shutdown(jsonrpc2.RawMessage) (any, error) {
	s.phase = phaseShutDown
	s.publish.end()
	return nil, nil
}

func (s *Server) exit(jsonrpc2.RawMessage) (any, error) { return nil, rpc.ErrExit }
