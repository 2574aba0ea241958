// Package lsptest is the client that the tests of the language server speak
// through. It is strict: what the server sends and no test asks for, and every
// byte that is not as the protocol says, fails the test. It shares no code with
// the server's own connection.
package lsptest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Patience is how long a wait for the server may take: long enough for a machine
// that is busy with other things, since a test that waits for it has failed anyway.
const Patience = time.Minute

// Message is one message of the server, or a batch of them.
type Message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Result  json.RawMessage `json:"result"`
	Error   *Error          `json:"error"`
	Batch   []Message       `json:"-"`
}

// Error is the error of a reply.
type Error struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// Code returns the code of the reply's error, 0 when it has none.
func (m Message) Code() int {
	if m.Error == nil {
		return 0
	}
	return m.Error.Code
}

func (m Message) String() string {
	if m.Batch != nil {
		return fmt.Sprintf("batch of %d", len(m.Batch))
	}
	out, _ := json.Marshal(m)
	return string(out[:min(len(out), 2000)])
}

// Client is one client of one server.
type Client struct {
	t      testing.TB
	in     *bufio.Reader
	out    io.Writer
	lastID int

	writing sync.Mutex // one frame at a time

	mu       sync.Mutex
	changed  chan struct{}        // closed and replaced with every message
	inbox    []Message            // requests, notifications and batches
	replies  map[string][]Message // by id
	ended    bool
	failure  error
	handlers map[string]func(Message) any
	tap      io.Writer
}

// New makes a client that reads what the server writes from in.
func New(t testing.TB, in io.Reader, out io.Writer) *Client {
	const firstID = 1000 // leaves small ones to tests that choose their own
	return &Client{t: t, lastID: firstID, in: bufio.NewReader(in), out: out,
		changed: make(chan struct{}), replies: map[string][]Message{}, handlers: map[string]func(Message) any{}}
}

// Tap copies every body that the server sends to w.
func (c *Client) Tap(w io.Writer) { c.tap = w }

// Handle answers the server's requests and notifications of a method instead
// of keeping them for Next. The result of a notification is ignored.
func (c *Client) Handle(method string, f func(Message) any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handlers[method] = f
}

// Ignore lets the server send notifications of a method that no test asks for,
// those included that it has sent already.
func (c *Client) Ignore(method string) {
	c.Handle(method, func(Message) any { return nil })
	c.update(func() {
		c.inbox = slices.DeleteFunc(c.inbox, func(m Message) bool { return m.Method == method })
	})
}

// Listen starts reading, until the server's output ends.
func (c *Client) Listen() *Client {
	go func() {
		for {
			body, err := c.readFrame()
			if err == nil {
				err = c.receive(body)
			}
			if err != nil {
				c.update(func() {
					c.ended = true
					if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
						c.failure = err
					}
				})
				return
			}
		}
	}()
	return c
}

// Raw sends bytes as they are.
func (c *Client) Raw(raw []byte) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if _, err := c.out.Write(raw); err != nil {
		c.t.Errorf("writing to the server: %v", err)
	}
}

// Body sends a frame with a body as it is.
func (c *Client) Body(body string) { c.Raw(Frame(body)) }

// Frame returns the frame of a body.
func Frame(body string) []byte {
	return fmt.Appendf(nil, "Content-Length: %d\r\n\r\n%s", len(body), body)
}

// Notify sends a notification; nil params are left out.
func (c *Client) Notify(method string, params any) { c.Body(body("", method, params)) }

// Start sends a request and returns its id.
func (c *Client) Start(method string, params any) string {
	c.lastID++
	id := strconv.Itoa(c.lastID)
	c.StartAs(id, method, params)
	return id
}

// StartAs sends a request with an id given as JSON.
func (c *Client) StartAs(id, method string, params any) { c.Body(body(id, method, params)) }

// Cancel asks to cancel the request with an id given as JSON.
func (c *Client) Cancel(id string) {
	c.Notify("$/cancelRequest", map[string]any{"id": json.RawMessage(id)})
}

// Wait returns the reply to a request.
func (c *Client) Wait(id string) Message {
	c.t.Helper()
	return c.take("the reply to "+id, func() (Message, bool) {
		got := c.replies[id]
		if len(got) == 0 {
			return Message{}, false
		}
		if c.replies[id] = got[1:]; len(got) == 1 {
			delete(c.replies, id)
		}
		return got[0], true
	})
}

// WaitBatch returns the next array of replies.
func (c *Client) WaitBatch() []Message {
	c.t.Helper()
	return c.find("a batch", func(m Message) bool { return m.Batch != nil }).Batch
}

// Next returns the next request or notification of a method.
func (c *Client) Next(method string) Message {
	c.t.Helper()
	return c.find(method, func(m Message) bool { return m.Method == method })
}

// Find returns the first request or notification of a method whose params fit.
func (c *Client) Find(method string, fits func(params json.RawMessage) bool) Message {
	c.t.Helper()
	return c.find(method, func(m Message) bool { return m.Method == method && fits(m.Params) })
}

// Call sends a request, fails on an error, and decodes the result.
func (c *Client) Call(method string, params, result any) {
	c.t.Helper()
	reply := c.Wait(c.Start(method, params))
	if reply.Error != nil {
		c.t.Fatalf("%s: error %d: %s", method, reply.Error.Code, reply.Error.Message)
	}
	if result != nil {
		if err := json.Unmarshal(reply.Result, result); err != nil {
			c.t.Fatalf("%s: %v in %s", method, err, reply.Result)
		}
	}
}

// Answer replies to a request of the server.
func (c *Client) Answer(m Message, result any) { c.Body(answer(m, result)) }

func answer(m Message, result any) string {
	encoded, err := json.Marshal(result)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, m.ID, encoded)
}

// Unread returns the messages that nothing has asked for yet.
func (c *Client) Unread() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.unread()
}

func (c *Client) unread() []Message {
	all := slices.Clone(c.inbox)
	for _, id := range slices.Sorted(maps.Keys(c.replies)) {
		all = append(all, c.replies[id]...)
	}
	return all
}

// Finished allows, but does not ask for, a reply to a request: the server may
// end before it is written.
func (c *Client) Finished(id string) {
	c.t.Helper()
	deadline := time.After(Patience)
	for {
		c.mu.Lock()
		delete(c.replies, id)
		ended, changed := c.ended, c.changed
		c.mu.Unlock()
		if ended {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			c.t.Fatal("the server's output does not end")
		}
	}
}

// Finish waits for the end of the server's output and fails if anything that
// it sent was not asked for.
func (c *Client) Finish() {
	c.t.Helper()
	deadline := time.After(Patience)
	for {
		c.mu.Lock()
		ended, changed, left, failure := c.ended, c.changed, c.unread(), c.failure
		c.mu.Unlock()
		if ended {
			if failure != nil {
				c.t.Errorf("the server's output: %v", failure)
			}
			for _, m := range left {
				c.t.Errorf("unexpected message: %s", m)
			}
			return
		}
		select {
		case <-changed:
		case <-deadline:
			c.t.Fatal("the server's output does not end")
		}
	}
}

// find takes the first message of the inbox that fits.
func (c *Client) find(what string, fits func(Message) bool) Message {
	c.t.Helper()
	return c.take(what, func() (Message, bool) {
		i := slices.IndexFunc(c.inbox, fits)
		if i < 0 {
			return Message{}, false
		}
		m := c.inbox[i]
		c.inbox = slices.Delete(c.inbox, i, i+1)
		return m, true
	})
}

// take waits until pick, which runs under the lock, has a message.
func (c *Client) take(what string, pick func() (Message, bool)) Message {
	c.t.Helper()
	deadline := time.After(Patience)
	for {
		c.mu.Lock()
		m, ok := pick()
		ended, changed, failure := c.ended, c.changed, c.failure
		c.mu.Unlock()
		if ok {
			return m
		}
		if ended {
			c.t.Fatalf("the server ended before %s (%v); unread: %v", what, failure, c.Unread())
		}
		select {
		case <-changed:
		case <-deadline:
			c.t.Fatalf("no %s; unread: %v", what, c.Unread())
		}
	}
}

func (c *Client) update(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *Client) receive(body []byte) error {
	if c.tap != nil {
		if _, err := c.tap.Write(body); err != nil {
			return err
		}
	}
	var m Message
	if bytes.HasPrefix(body, []byte("[")) {
		if err := json.Unmarshal(body, &m.Batch); err != nil {
			return fmt.Errorf("a batch that is not JSON: %w", err)
		}
		for _, member := range m.Batch {
			if err := member.check(); err != nil {
				return err
			}
		}
	} else if err := json.Unmarshal(body, &m); err != nil {
		return fmt.Errorf("a body that is not JSON: %w", err)
	} else if err := m.check(); err != nil {
		return err
	}
	var handler func(Message) any
	c.update(func() { // in one step, so that Ignore misses none
		switch handler = c.handlers[m.Method]; {
		case m.Method == "" && m.Batch == nil:
			c.replies[string(m.ID)] = append(c.replies[string(m.ID)], m)
		case m.Method == "" || handler == nil:
			c.inbox = append(c.inbox, m)
		}
	})
	if handler == nil {
		return nil
	}
	result := handler(m)
	if m.ID != nil {
		// The reader must not wait for a frame that is being written, and the
		// server may have ended meanwhile.
		go func() {
			c.writing.Lock()
			defer c.writing.Unlock()
			_, _ = c.out.Write(Frame(answer(m, result)))
		}()
	}
	return nil
}

// check holds a message against JSON-RPC 2.0.
func (m Message) check() error {
	reply := m.Method == ""
	switch {
	case m.Version != "2.0":
		return fmt.Errorf("a message of version %q", m.Version)
	case reply && len(m.ID) == 0:
		return errors.New("a reply without an id")
	case reply && (m.Error != nil) == (m.Result != nil):
		return fmt.Errorf("a reply with both or neither of result and error: %s", m)
	case m.Error != nil && (m.Error.Code == 0 || m.Error.Message == ""):
		return fmt.Errorf("an error without code or message: %s", m)
	case string(m.Params) == "null":
		return fmt.Errorf("parameters of null: %s", m)
	case !reply && (m.Error != nil || m.Result != nil):
		return fmt.Errorf("a request with a result: %s", m)
	}
	return nil
}

func (c *Client) readFrame() ([]byte, error) {
	header, err := c.in.ReadString('\n')
	if err != nil {
		if header == "" {
			return nil, err
		}
		return nil, fmt.Errorf("output ends within a header: %q", header)
	}
	value, ok := strings.CutPrefix(header, "Content-Length: ")
	length, numberErr := strconv.Atoi(strings.TrimSuffix(value, "\r\n"))
	if !ok || numberErr != nil || !strings.HasSuffix(header, "\r\n") {
		return nil, fmt.Errorf("not a header: %q", header)
	}
	if blank, err := c.in.ReadString('\n'); err != nil || blank != "\r\n" {
		return nil, fmt.Errorf("after the header: %q, %w", blank, err)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(c.in, body); err != nil {
		return nil, fmt.Errorf("output ends within a body: %w", io.ErrUnexpectedEOF)
	}
	return body, nil
}

func body(id, method string, params any) string {
	var out strings.Builder
	out.WriteString(`{"jsonrpc":"2.0"`)
	if id != "" {
		out.WriteString(`,"id":` + id)
	}
	out.WriteString(`,"method":` + quote(method))
	if params != nil {
		encoded, err := json.Marshal(params)
		if err != nil {
			panic(err)
		}
		out.WriteString(`,"params":` + string(encoded))
	}
	out.WriteString("}")
	return out.String()
}

func quote(s string) string {
	out, _ := json.Marshal(s)
	return string(out)
}
