// Floor lsp is the language server that does nothing: it decodes every message
// with go.lsp.dev and answers with constants. How much slower a real server is
// than this one is what its own work costs.
package main

import (
	"context"
	"fmt"
	"os"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// stdio joins the two standard streams to the one that a connection wants.
type stdio struct{}

func (stdio) Read(p []byte) (int, error)  { return os.Stdin.Read(p) }
func (stdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }
func (stdio) Close() error                { return os.Stdout.Close() }

func main() {
	conn := jsonrpc2.NewConn(jsonrpc2.NewStream(stdio{}))
	conn.Go(context.Background(), server{conn}.handle)
	<-conn.Done()
}

type server struct {
	conn jsonrpc2.Conn
}

func (s server) handle(ctx context.Context, request *jsonrpc2.Request) (any, error) {
	switch request.Method() {
	case protocol.MethodInitialize:
		if _, err := decoded[protocol.InitializeParams](request); err != nil {
			return nil, err
		}
		return encoded(&protocol.InitializeResult{
			Capabilities: protocol.ServerCapabilities{TextDocumentSync: protocol.TextDocumentSyncKindIncremental},
		})
	case protocol.MethodTextDocumentDidOpen:
		params, err := decoded[protocol.DidOpenTextDocumentParams](request)
		if err != nil {
			return nil, err
		}
		return nil, s.publish(ctx, params.TextDocument.URI, params.TextDocument.Version)
	case protocol.MethodTextDocumentDidChange:
		params, err := decoded[protocol.DidChangeTextDocumentParams](request)
		if err != nil {
			return nil, err
		}
		return nil, s.publish(ctx, params.TextDocument.URI, params.TextDocument.Version)
	case protocol.MethodExit:
		os.Exit(0)
	}
	return nil, nil
}

// publish sends one constant diagnostic.
func (s server) publish(ctx context.Context, at uri.URI, version int32) error {
	params, err := encoded(&protocol.PublishDiagnosticsParams{
		URI:     at,
		Version: protocol.NewOptional(version),
		Diagnostics: []protocol.Diagnostic{{
			Severity: protocol.DiagnosticSeverityWarning,
			Source:   protocol.NewOptional("floor"),
			Message:  protocol.String("A constant."),
		}},
	})
	if err != nil {
		return err
	}
	return s.conn.Notify(ctx, protocol.MethodTextDocumentPublishDiagnostics, params)
}

func decoded[P any](request *jsonrpc2.Request) (*P, error) {
	params := new(P)
	if err := protocol.Unmarshal(request.Params(), params); err != nil {
		return nil, fmt.Errorf("%s: %w", request.Method(), err)
	}
	return params, nil
}

func encoded(v any) (jsonrpc2.RawMessage, error) {
	body, err := protocol.Marshal(v)
	return jsonrpc2.RawMessage(body), err
}
