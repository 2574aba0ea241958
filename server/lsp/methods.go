package lsp

import (
	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
)

// methods is the table of everything that the server answers.
func (s *Server) methods() map[string]rpc.Handler {
	return map[string]rpc.Handler{
		protocol.MethodInitialize:  rpc.On(s.initialize),
		protocol.MethodInitialized: s.initialized,
		protocol.MethodShutdown:    s.shutdown,
		protocol.MethodExit:        s.exit,
		protocol.MethodSetTrace:    ignored,
		methodFocus:                s.focused,
		methodStatusView:           s.viewStatus,

		protocol.MethodTextDocumentDidOpen:   rpc.On(s.didOpen),
		protocol.MethodTextDocumentDidChange: s.didChange,
		protocol.MethodTextDocumentDidClose:  rpc.On(s.didClose),
		protocol.MethodTextDocumentDidSave:   rpc.On(s.didSave),

		protocol.MethodWorkspaceDidChangeWatchedFiles:     rpc.On(s.didChangeWatchedFiles),
		protocol.MethodWorkspaceDidChangeWorkspaceFolders: rpc.On(s.didChangeWorkspaceFolders),
		protocol.MethodWorkspaceDidChangeConfiguration:    rpc.On(s.didChangeConfiguration),
		protocol.MethodWorkspaceExecuteCommand:            rpc.On(s.executeCommand),

		protocol.MethodTextDocumentCodeAction: rpc.On(s.codeAction),
		protocol.MethodTextDocumentCompletion: rpc.On(s.completion),
		protocol.MethodTextDocumentDefinition: rpc.On(s.definition),
		protocol.MethodTextDocumentHover:      rpc.On(s.hover),
		protocol.MethodTextDocumentInlayHint:  rpc.On(s.inlayHint),
	}
}

// route finds a handler, or the error of a message that comes at the wrong time
// (LSP, "Lifecycle messages").
func (s *Server) route(method string, request bool) (rpc.Handler, error) {
	if method != protocol.MethodTextDocumentDidChange {
		s.settle()
	}
	handler := s.handlers[method]
	switch {
	case method == protocol.MethodExit:
		return handler, nil
	case !request && s.phase != phaseRunning:
		return nil, nil
	case !request:
		return handler, nil
	case s.phase == phaseShutDown:
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidRequest, "the server is shut down")
	case method == protocol.MethodInitialize && s.phase != phaseNew:
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidRequest, "the server is initialized already")
	case method != protocol.MethodInitialize && s.phase == phaseNew:
		return nil, jsonrpc2.NewError(jsonrpc2.ServerNotInitialized, "the server is not initialized")
	case handler == nil:
		return nil, jsonrpc2.Errorf(jsonrpc2.MethodNotFound, "method %q is not known", method)
	}
	return handler, nil
}

// ignored accepts a notification that changes nothing here.
func ignored(jsonrpc2.RawMessage) (any, error) { return nil, nil }
