// Package rpc is the connection of the language server: JSON-RPC 2.0 in the
// frames of the Language Server Protocol, over two byte streams.
//
// It keeps what an editor relies on: notifications take effect in the order in
// which they were sent, a request sees every notification before it, each
// request gets exactly one reply, and nothing that arrives ends the connection
// except its own end, an exit notification, or a stream that cannot be followed.
package rpc

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"
)

// Handler answers one message. It runs on the goroutine that reads, in the
// order of arrival, so it must neither block nor call the client. What takes
// longer it returns as a Later. The params are nil when the message has none.
type Handler func(params jsonrpc2.RawMessage) (any, error)

// Later is the rest of a request: it runs on a goroutine of its own, and its
// context ends when the client cancels the request or the connection ends.
type Later func(ctx context.Context) (any, error)

// Router finds the handler of a method, or the error that answers it. It runs
// on the goroutine that reads. A notification without handler is dropped.
type Router func(method string, request bool) (Handler, error)

// ErrExit ends Run. A handler returns it for the exit notification.
var ErrExit = errors.New("exit")

var (
	errClosed    = errors.New("the connection has ended")
	errIDInUse   = jsonrpc2.NewError(jsonrpc2.InvalidRequest, "a request with this id is not answered yet")
	errEmptyList = jsonrpc2.NewError(jsonrpc2.InvalidRequest, "an empty batch")
)

const methodCancel = "$/cancelRequest"

// Conn is one connection to a client. Its methods may be used from any
// goroutine; Run once.
type Conn struct {
	in     *bufio.Reader
	out    *queue
	router Router
	log    *zap.Logger
	ctx    context.Context // of every Later
	end    context.CancelFunc

	mu       sync.Mutex
	inflight map[jsonrpc2.ID]context.CancelFunc
	waiting  map[jsonrpc2.ID]chan *jsonrpc2.Response
	lastID   int64
}

// inputSize is the buffer for input, in bytes: the edits of a burst fit in.
const inputSize = 64 << 10

// New makes a connection that reads in and writes out. The log never gets a
// parameter or a result: they hold the texts of files. Before the connection
// waits for input, when every message that has arrived has been handled, it
// calls idle, which may be nil.
func New(in io.Reader, out io.Writer, router Router, idle func(), log *zap.Logger) *Conn {
	ctx, end := context.WithCancel(context.Background())
	if idle != nil {
		in = idleReader{in, idle}
	}
	return &Conn{
		in: bufio.NewReaderSize(in, inputSize), out: newQueue(out), router: router, log: log, ctx: ctx, end: end,
		inflight: map[jsonrpc2.ID]context.CancelFunc{},
		waiting:  map[jsonrpc2.ID]chan *jsonrpc2.Response{},
	}
}

// idleReader tells when more input is asked for.
type idleReader struct {
	io.Reader
	idle func()
}

// Read calls idle and reads. What was begun goes first: a thread that waits for
// input would leave it to be found by another one.
func (r idleReader) Read(p []byte) (int, error) {
	r.idle()
	runtime.Gosched()
	return r.Reader.Read(p)
}

// Run reads messages until the connection ends: with ErrExit, io.EOF, or the
// error of a stream that is broken. It does not wait for running requests.
func (c *Conn) Run() error {
	defer c.end()
	for {
		body, err := readFrame(c.in)
		switch {
		case errors.Is(err, errFrame):
			c.log.Warn("unreadable frame")
			c.out.push(jsonrpc2.AppendResponse(nil, jsonrpc2.ID{}, nil, jsonrpc2.ErrParse))
		case err != nil:
			return err
		default:
			if err := c.receive(body); err != nil {
				return err
			}
		}
	}
}

// Close ends the connection: what waits is written, for as long as limit
// allows, and the contexts of running requests end.
func (c *Conn) Close(limit time.Duration) {
	c.end()
	c.out.flush(limit)
}

// Broken is closed when the client can no longer be written to.
func (c *Conn) Broken() <-chan struct{} { return c.out.broken }

// WriteError returns why the client can no longer be written to, or nil.
func (c *Conn) WriteError() error { return c.out.failure() }

// Notify sends a notification. It never waits for the client.
func (c *Conn) Notify(method string, params any) error {
	raw, err := encodeParams(method, params)
	if err != nil {
		return err
	}
	c.out.push(jsonrpc2.AppendNotification(nil, method, raw))
	return nil
}

// NotifyEncoded sends a notification whose parameters are JSON already, in one
// piece or several.
func (c *Conn) NotifyEncoded(method string, params ...[]byte) {
	empty := jsonrpc2.AppendNotification(nil, method, nil)
	head, end := append(empty[:len(empty)-1:len(empty)-1], `,"params":`...), empty[len(empty)-1:]
	c.out.push(append(append([][]byte{head}, params...), end)...)
}

// Call sends a request to the client and decodes its result into result, which
// may be nil. When ctx ends first the client is told to cancel. It must not be
// called from a Handler, only from a Later or another goroutine.
func (c *Conn) Call(ctx context.Context, method string, params, result any) error {
	raw, err := encodeParams(method, params)
	if err != nil {
		return err
	}
	answer := make(chan *jsonrpc2.Response, 1)
	c.mu.Lock()
	c.lastID++
	number := c.lastID
	id := jsonrpc2.NewNumberID(number)
	c.waiting[id] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
	}()

	c.out.push(jsonrpc2.AppendCall(nil, id, method, raw))
	select {
	case reply := <-answer:
		if err := reply.Err(); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		if result == nil {
			return nil
		}
		if err := protocol.Unmarshal(reply.Result(), result); err != nil {
			return fmt.Errorf("%s: the client's result%s", method, where(err))
		}
		return nil
	case <-c.ctx.Done():
		return errClosed
	case <-ctx.Done():
		c.out.push(jsonrpc2.AppendNotification(nil, methodCancel, fmt.Appendf(nil, `{"id":%d}`, number)))
		return ctx.Err()
	}
}

// encodeParams returns nothing for nil: a message without parameters has no
// such member.
func encodeParams(method string, params any) ([]byte, error) {
	if params == nil {
		return nil, nil
	}
	raw, err := protocol.Marshal(params)
	if err != nil {
		return nil, fmt.Errorf("encoding the parameters of %s: %w", method, err)
	}
	return raw, nil
}

// On makes a Handler that decodes its parameters. A message whose parameters
// are absent or of another shape is refused with InvalidParams.
func On[P any](f func(*P) (any, error)) Handler {
	return func(raw jsonrpc2.RawMessage) (any, error) {
		params := new(P)
		if err := protocol.Unmarshal(raw, params); err != nil {
			return nil, jsonrpc2.NewError(jsonrpc2.InvalidParams, "invalid parameters"+where(err))
		}
		return f(params)
	}
}

// where names the member that could not be decoded. The decoder's own message
// may quote the value, which can be the text of a file.
func where(err error) string {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) && semantic.JSONPointer != "" {
		return fmt.Sprintf(": cannot decode %s", semantic.JSONPointer)
	}
	return ""
}

func (c *Conn) receive(body []byte) error {
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		return c.batch(trimmed)
	}
	message, err := jsonrpc2.DecodeMessage(body)
	if err != nil {
		c.out.push(response(jsonrpc2.ID{}, nil, err))
		return nil
	}
	return c.dispatch(message, c.reply)
}

// reply sends a reply.
func (c *Conn) reply(body []byte) { c.out.push(body) }

func (c *Conn) dispatch(message jsonrpc2.Message, reply func([]byte)) error {
	switch m := message.(type) {
	case *jsonrpc2.Call:
		return c.call(m, reply)
	case *jsonrpc2.Notification:
		return c.notification(m)
	case *jsonrpc2.Response:
		c.answered(m)
	}
	return nil
}

// answered hands a reply to whoever waits for it; one that nobody waits for is
// dropped.
func (c *Conn) answered(m *jsonrpc2.Response) {
	c.mu.Lock()
	answer := c.waiting[m.ID()]
	delete(c.waiting, m.ID())
	c.mu.Unlock()
	if answer != nil {
		answer <- m
	}
}

func (c *Conn) notification(m *jsonrpc2.Notification) error {
	if m.Method() == methodCancel {
		c.cancel(m.Params())
		return nil
	}
	_, err := c.begin(m.Method(), m.Params(), false)
	if errors.Is(err, ErrExit) {
		return ErrExit
	}
	if err != nil {
		c.log.Error("notification dropped", zap.String("method", m.Method()), zap.Error(err))
	}
	return nil
}

// cancel ends the context of a running request. Its goroutine answers.
func (c *Conn) cancel(params jsonrpc2.RawMessage) {
	var p struct {
		ID protocol.LSPAny `json:"id"`
	}
	if protocol.Unmarshal(params, &p) != nil || len(p.ID) == 0 {
		c.log.Warn("a cancellation without an id")
		return
	}
	// The library's type for an id holds 32 bits and so not every id.
	carrier := fmt.Appendf(nil, `{"jsonrpc":"2.0","result":0,"id":%s}`, p.ID)
	message, err := jsonrpc2.DecodeMessage(carrier)
	if err != nil {
		c.log.Warn("a cancellation with an id of the wrong type")
		return
	}
	if m, ok := message.(*jsonrpc2.Response); ok {
		c.mu.Lock()
		cancel := c.inflight[m.ID()]
		c.mu.Unlock()
		if cancel != nil {
			cancel()
		}
	}
}

// call starts a request. Whatever happens, reply is called once.
func (c *Conn) call(m *jsonrpc2.Call, reply func([]byte)) error {
	id, method := m.ID(), m.Method()
	ctx, cancel := context.WithCancel(c.ctx)
	if !c.register(id, cancel) {
		cancel()
		reply(response(id, nil, errIDInUse))
		return nil
	}
	finish := func(result any, err error) {
		if err != nil && ctx.Err() != nil {
			err = protocol.ErrRequestCancelled
		}
		body := c.encode(id, method, result, err)
		c.mu.Lock()
		delete(c.inflight, id) // first: with the reply the id is free again
		c.mu.Unlock()
		cancel()
		reply(body)
	}
	result, err := c.begin(method, m.Params(), true)
	if later, ok := result.(Later); ok && err == nil {
		go func() {
			finish(c.guard(method, func() (any, error) { return later(ctx) }))
		}()
		return nil
	}
	finish(result, err)
	if errors.Is(err, ErrExit) {
		return ErrExit
	}
	return nil
}

func (c *Conn) register(id jsonrpc2.ID, cancel context.CancelFunc) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, used := c.inflight[id]; used {
		return false
	}
	c.inflight[id] = cancel
	return true
}

// begin runs the first phase of a message.
func (c *Conn) begin(method string, params jsonrpc2.RawMessage, request bool) (any, error) {
	return c.guard(method, func() (any, error) {
		handler, err := c.router(method, request)
		if err != nil || handler == nil {
			return nil, err
		}
		return handler(params)
	})
}

// guard turns a panic into an error. What the panic carries may hold the text
// of a file, so only the runtime's own messages are logged.
func (c *Conn) guard(method string, f func() (any, error)) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("panic", zap.String("method", method), Panic(p), zap.ByteString("stack", debug.Stack()))
			result, err = nil, jsonrpc2.NewError(jsonrpc2.InternalError, "internal error in "+method)
		}
	}()
	return f()
}

// Panic is the log field for a recovered panic: the message of the runtime,
// else only the type of what was thrown, which may hold a secret.
func Panic(p any) zap.Field {
	if err, ok := p.(runtime.Error); ok {
		return zap.String("panic", err.Error())
	}
	return zap.String("panic", fmt.Sprintf("%T", p))
}

// encode makes the reply to a request. An error that was not made for the
// client is logged and replaced: it can name paths and values.
func (c *Conn) encode(id jsonrpc2.ID, method string, result any, err error) []byte {
	var wire *jsonrpc2.Error
	if err != nil {
		if !errors.As(err, &wire) {
			c.log.Error("request failed", zap.String("method", method), zap.Error(err))
			wire = jsonrpc2.NewError(jsonrpc2.InternalError, method+" failed; the server's log says why")
		}
		return response(id, nil, wire)
	}
	raw, err := c.guard(method, func() (any, error) { return protocol.Marshal(result) })
	if err != nil {
		c.log.Error("result cannot be encoded", zap.String("method", method), zap.String("type", fmt.Sprintf("%T", result)))
		return response(id, nil, jsonrpc2.NewError(jsonrpc2.InternalError, method+": the result cannot be encoded"))
	}
	encoded, _ := raw.([]byte)
	return response(id, encoded, nil)
}

func response(id jsonrpc2.ID, result []byte, err error) []byte {
	return jsonrpc2.AppendResponse(nil, id, result, err)
}
