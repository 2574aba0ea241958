package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// manyRequests is how many requests a test leaves open at a time. All of them
// can say that they wait before anybody listens.
const manyRequests = 1000

// fixture is a server of small methods, one for each thing that can go wrong.
type fixture struct {
	*lsptest.Client
	conn    *Conn
	logs    *observer.ObservedLogs
	ended   chan error
	waiting chan string // names of requests that have begun to wait

	mu    sync.Mutex
	notes []int
}

type number struct {
	N int `json:"n"`
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	f := &fixture{logs: logs, ended: make(chan error, 1), waiting: make(chan string, manyRequests)}
	serverIn, clientOut := io.Pipe()
	clientIn, serverOut := io.Pipe()
	f.conn = New(serverIn, serverOut, f.route, nil, zap.New(core))
	f.Client = lsptest.New(t, clientIn, clientOut)
	go func() {
		f.ended <- f.conn.Run()
		f.conn.Close(time.Second)
		_ = serverIn.Close()
		_ = serverOut.Close()
	}()
	t.Cleanup(func() {
		_ = clientOut.Close()
		f.Finish()
	})
	return f
}

func (f *fixture) route(method string, request bool) (Handler, error) {
	switch method {
	case "echo":
		return On(func(p *number) (any, error) { return p.N, nil }), nil
	case "note":
		return On(func(p *number) (any, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.notes = append(f.notes, p.N)
			return nil, nil
		}), nil
	case "notes":
		return func(jsonrpc2.RawMessage) (any, error) {
			f.mu.Lock()
			seen := slices.Clone(f.notes)
			f.mu.Unlock()
			return Later(func(context.Context) (any, error) { return seen, nil }), nil
		}, nil
	case "wait":
		return func(params jsonrpc2.RawMessage) (any, error) {
			return Later(func(ctx context.Context) (any, error) {
				f.waiting <- string(params)
				<-ctx.Done()
				return nil, ctx.Err()
			}), nil
		}, nil
	case "stubborn": // finishes although it was cancelled
		return func(params jsonrpc2.RawMessage) (any, error) {
			return Later(func(ctx context.Context) (any, error) {
				f.waiting <- string(params)
				<-ctx.Done()
				return "done", nil
			}), nil
		}, nil
	case "ask":
		return func(jsonrpc2.RawMessage) (any, error) {
			return Later(func(ctx context.Context) (any, error) {
				var answer number
				err := f.conn.Call(ctx, "client/ask", number{7}, &answer)
				return answer.N, err
			}), nil
		}, nil
	case "panic":
		return func(jsonrpc2.RawMessage) (any, error) { panic("CANARY") }, nil
	case "panicLater":
		return func(params jsonrpc2.RawMessage) (any, error) {
			return Later(func(context.Context) (any, error) {
				return "CANARY"[:len(params)-1], nil
			}), nil
		}, nil
	case "fail":
		return func(jsonrpc2.RawMessage) (any, error) { return nil, errors.New("CANARY in /a/path") }, nil
	case "unencodable":
		return func(jsonrpc2.RawMessage) (any, error) { return make(chan int), nil }, nil
	case "exit":
		return func(jsonrpc2.RawMessage) (any, error) { return nil, ErrExit }, nil
	}
	if request {
		return nil, jsonrpc2.Errorf(jsonrpc2.MethodNotFound, "%s is not known", method)
	}
	return nil, nil
}

func (f *fixture) echo(t *testing.T, n int) {
	t.Helper()
	var got int
	f.Call("echo", number{n}, &got)
	if got != n {
		t.Errorf("echo of %d: %d", n, got)
	}
}

func (f *fixture) logged() string {
	var all strings.Builder
	for _, e := range f.logs.All() {
		fmt.Fprintf(&all, "%s %v\n", e.Message, e.ContextMap())
	}
	return all.String()
}

func TestFaultsAreAnsweredAndTheConnectionGoesOn(t *testing.T) {
	for _, test := range []struct {
		name, send string
		id         string
		code       int // 0: no reply
	}{
		{"not JSON", "}{", "null", -32700},
		{"cut JSON", `{"jsonrpc":"2.0","id":1,"method":"echo"`, "null", -32700},
		{"a number", "5", "null", -32700},
		{"empty body", "", "null", -32700},
		{"trailing text", `{"jsonrpc":"2.0","id":1,"method":"x"} x`, "null", -32700},
		{"byte order mark", "\ufeff" + `{"jsonrpc":"2.0","id":1,"method":"echo","params":{"n":1}}`, "null", -32700},
		{"no version", `{"id":1,"method":"echo","params":{"n":1}}`, "null", -32600},
		{"another version", `{"jsonrpc":"1.0","id":1,"method":"echo"}`, "null", -32600},
		{"id of another type", `{"jsonrpc":"2.0","id":{"a":1},"method":"echo"}`, "null", -32600},
		{"method and result", `{"jsonrpc":"2.0","id":1,"method":"echo","result":1}`, "null", -32600},
		{"unknown request", `{"jsonrpc":"2.0","id":901,"method":"nothing"}`, "901", -32601},
		{"unknown $ request", `{"jsonrpc":"2.0","id":902,"method":"$/nothing"}`, "902", -32601},
		{"unknown notification", `{"jsonrpc":"2.0","method":"nothing"}`, "", 0},
		{"unknown $ notification", `{"jsonrpc":"2.0","method":"$/nothing","params":[1]}`, "", 0},
		{"absent params", `{"jsonrpc":"2.0","id":903,"method":"echo"}`, "903", -32602},
		{"null params", `{"jsonrpc":"2.0","id":904,"method":"echo","params":null}`, "904", -32602},
		{"array params", `{"jsonrpc":"2.0","id":905,"method":"echo","params":[1]}`, "905", -32602},
		{"params of another type", `{"jsonrpc":"2.0","id":906,"method":"echo","params":{"n":"CANARY"}}`, "906", -32602},
		{"params that are not JSON", `{"jsonrpc":"2.0","id":907,"method":"echo","params":{"n":nope}}`, "907", -32602},
		{"brackets that do not fit", `{"jsonrpc":"2.0","id":913,"method":"echo","params":{]}}`, "null", -32700},
		{"bad notification", `{"jsonrpc":"2.0","method":"note","params":{"n":"CANARY"}}`, "", 0},
		{"panic", `{"jsonrpc":"2.0","id":908,"method":"panic"}`, "908", -32603},
		{"panic later", `{"jsonrpc":"2.0","id":909,"method":"panicLater"}`, "909", -32603},
		{"panic in a notification", `{"jsonrpc":"2.0","method":"panic"}`, "", 0},
		{"error of ours", `{"jsonrpc":"2.0","id":910,"method":"fail"}`, "910", -32603},
		{"result that cannot be encoded", `{"jsonrpc":"2.0","id":911,"method":"unencodable"}`, "911", -32603},
		{"reply that nobody waits for", `{"jsonrpc":"2.0","id":77,"result":1}`, "", 0},
		{"reply with a null id", `{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"x"}}`, "", 0},
		{"cancel of nothing", `{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":4711}}`, "", 0},
		{"cancel without an id", `{"jsonrpc":"2.0","method":"$/cancelRequest","params":{}}`, "", 0},
		{"cancel without params", `{"jsonrpc":"2.0","method":"$/cancelRequest"}`, "", 0},
		{"cancel of an odd id", `{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":[1]}}`, "", 0},
		{"deep nesting", `{"jsonrpc":"2.0","id":912,"method":"echo","params":{"n":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}}`, "912", -32602},
		{"empty batch", `[]`, "null", -32600},
		{"batch that is not JSON", `[{"jsonrpc":"2.0"`, "null", -32600},
		{"batch of notifications", `[{"jsonrpc":"2.0","method":"nothing"}]`, "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.Listen()
			f.Body(test.send)
			if test.code != 0 {
				reply := f.Wait(test.id)
				if reply.Code() != test.code {
					t.Errorf("got %v, want code %d", reply, test.code)
				}
				if strings.Contains(reply.String(), "CANARY") {
					t.Errorf("the reply tells a secret: %v", reply)
				}
			}
			f.echo(t, 1)
			if strings.Contains(test.send, "panic") && !strings.Contains(f.logged(), "panic") {
				t.Error("the panic is not in the log")
			}
			// An error of ours may stand in the log in full; a panic's value and
			// what a client sent may not.
			if test.name != "error of ours" && strings.Contains(f.logged(), "CANARY") {
				t.Errorf("the log tells a secret:\n%s", f.logged())
			}
		})
	}
}

func TestNotificationsKeepTheirOrder(t *testing.T) {
	f := newFixture(t)
	f.Listen()
	var ids []string
	const count = 2000
	for i := range count {
		f.Notify("note", number{i})
		if i%100 == 99 {
			ids = append(ids, f.Start("notes", nil))
		}
	}
	for i, id := range ids {
		var seen []int
		if err := json.Unmarshal(f.Wait(id).Result, &seen); err != nil {
			t.Fatal(err)
		}
		if len(seen) != (i+1)*100 || !slices.IsSorted(seen) {
			t.Fatalf("request %d saw %d notes, sorted %v", i, len(seen), slices.IsSorted(seen))
		}
	}
}

func TestCancel(t *testing.T) {
	for _, id := range []string{"1", "-5", "2147483648", "9007199254740993", `"text"`, `"with \"quotes\" and ü"`} {
		t.Run(id, func(t *testing.T) {
			f := newFixture(t)
			f.Listen()
			f.StartAs(id, "wait", nil)
			<-f.waiting
			f.echo(t, 3) // a waiting request keeps none from running
			f.Cancel(id)
			reply := f.Wait(id)
			if reply.Code() != -32800 {
				t.Errorf("got %v, want code -32800", reply)
			}
			f.StartAs(id, "echo", number{4}) // the id is free again
			if reply := f.Wait(id); string(reply.Result) != "4" {
				t.Errorf("got %v", reply)
			}
		})
	}
}

func TestCancelledButDone(t *testing.T) {
	f := newFixture(t)
	f.Listen()
	id := f.Start("stubborn", nil)
	<-f.waiting
	f.Cancel(id)
	f.Cancel(id)
	if reply := f.Wait(id); string(reply.Result) != `"done"` {
		t.Errorf("got %v, want the result", reply)
	}
}

func TestIDInUse(t *testing.T) {
	f := newFixture(t)
	f.Listen()
	f.StartAs("5", "wait", nil)
	<-f.waiting
	f.StartAs("5", "echo", number{1})
	if reply := f.Wait("5"); reply.Code() != -32600 {
		t.Errorf("second use: %v", reply)
	}
	f.Cancel("5")
	if reply := f.Wait("5"); reply.Code() != -32800 {
		t.Errorf("first use: %v", reply)
	}
}

func TestBatch(t *testing.T) {
	f := newFixture(t)
	f.Listen()
	f.Body(`[
		{"jsonrpc":"2.0","id":1,"method":"echo","params":{"n":11}},
		{"jsonrpc":"2.0","method":"note","params":{"n":5}},
		{"id":2},
		{"jsonrpc":"2.0","id":3,"method":"wait"},
		7,
		{"jsonrpc":"2.0","id":4,"method":"notes"}]`)
	<-f.waiting
	f.Body(`[{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":3}}]`)
	got := map[string]string{}
	for _, m := range f.WaitBatch() {
		got[string(m.ID)] += fmt.Sprintf("%s%d;", m.Result, m.Code())
	}
	want := map[string]string{"1": "110;", "null": "0", "3": "-32800;", "4": "[5]0;"}
	want["null"] = got["null"]
	if !strings.Contains(got["null"], "-32600;") || strings.Count(got["null"], ";") != 2 {
		t.Errorf("the bad members: %q", got["null"])
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCallsToTheClient(t *testing.T) {
	f := newFixture(t)
	f.Listen()

	id := f.Start("ask", nil)
	question := f.Next("client/ask")
	f.echo(t, 2) // the server goes on while it waits
	f.Answer(question, number{9})
	if reply := f.Wait(id); string(reply.Result) != "9" {
		t.Errorf("got %v, want 9", reply)
	}

	id = f.Start("ask", nil)
	question = f.Next("client/ask")
	f.Body(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no such thing"}}`, question.ID))
	if reply := f.Wait(id); reply.Code() != -32601 {
		t.Errorf("a client that refuses: %v", reply)
	}

	id = f.Start("ask", nil)
	question = f.Next("client/ask")
	f.Answer(question, "not an object")
	if reply := f.Wait(id); reply.Code() != -32603 {
		t.Errorf("a client that answers nonsense: %v", reply)
	}

	id = f.Start("ask", nil)
	question = f.Next("client/ask")
	f.Cancel(id)
	if reply := f.Wait(id); reply.Code() != -32800 {
		t.Errorf("cancelled while asking: %v", reply)
	}
	if cancel := f.Next("$/cancelRequest"); string(cancel.Params) != fmt.Sprintf(`{"id":%s}`, question.ID) {
		t.Errorf("got %s", cancel.Params)
	}
	f.Answer(question, number{1}) // too late, and no harm
	f.echo(t, 3)
}

func TestManyRequestsBeforeTheFirstRead(t *testing.T) {
	f := newFixture(t)
	const count = 20_000
	for i := range count {
		f.StartAs(fmt.Sprint(1_000_000+i), "echo", number{i})
	}
	f.Listen()
	for i := range count {
		if reply := f.Wait(fmt.Sprint(1_000_000 + i)); string(reply.Result) != fmt.Sprint(i) {
			t.Fatalf("request %d: %v", i, reply)
		}
	}
}

func TestHalfOfManyCancelled(t *testing.T) {
	f := newFixture(t)
	f.Listen()
	const count = manyRequests
	for i := range count {
		f.StartAs(fmt.Sprint(i+1000), "wait", nil)
		if i%2 == 0 {
			f.Cancel(fmt.Sprint(i + 1000))
		}
	}
	for i := range count {
		if i%2 != 0 {
			f.Cancel(fmt.Sprint(i + 1000))
		}
		if reply := f.Wait(fmt.Sprint(i + 1000)); reply.Code() != -32800 {
			t.Fatalf("request %d: %v", i, reply)
		}
		<-f.waiting
	}
}

func TestEnds(t *testing.T) {
	t.Run("exit while a request hangs", func(t *testing.T) {
		f := newFixture(t)
		f.Listen()
		id := f.Start("wait", nil)
		<-f.waiting
		f.Notify("exit", nil)
		if err := <-f.ended; !errors.Is(err, ErrExit) {
			t.Errorf("got %v, want ErrExit", err)
		}
		// The contexts end, so the request may still get its answer out.
		f.Finished(id)
	})
	t.Run("exit as a request", func(t *testing.T) {
		f := newFixture(t)
		f.Listen()
		id := f.Start("exit", nil)
		if err := <-f.ended; !errors.Is(err, ErrExit) {
			t.Errorf("got %v, want ErrExit", err)
		}
		f.Finished(id)
	})
	t.Run("exit in a batch", func(t *testing.T) {
		f := newFixture(t)
		f.Listen()
		f.Body(`[{"jsonrpc":"2.0","method":"exit"}]`)
		if err := <-f.ended; !errors.Is(err, ErrExit) {
			t.Errorf("got %v, want ErrExit", err)
		}
	})
}

func TestInputEndsWhileARequestHangs(t *testing.T) {
	in, clientOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	begun := make(chan struct{})
	gone := make(chan struct{})
	conn := New(in, io.Discard, func(string, bool) (Handler, error) {
		return func(jsonrpc2.RawMessage) (any, error) {
			return Later(func(ctx context.Context) (any, error) {
				defer close(gone)
				close(begun)
				<-ctx.Done()
				return nil, ctx.Err()
			}), nil
		}, nil
	}, nil, zap.NewNop())
	defer conn.Close(time.Second)
	if _, err := clientOut.Write(lsptest.Frame(`{"jsonrpc":"2.0","id":1,"method":"x"}`)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- conn.Run() }()
	<-begun
	_ = clientOut.Close()
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want EOF", err)
	}
	<-gone
}

func TestOutputBreaks(t *testing.T) {
	in, clientOut := io.Pipe()
	clientIn, out := io.Pipe()
	conn := New(in, out, func(string, bool) (Handler, error) { return nil, nil }, nil, zap.NewNop())
	ended := make(chan error, 1)
	go func() { ended <- conn.Run() }()
	_ = clientIn.Close()
	if err := conn.Notify("x", nil); err != nil {
		t.Fatal(err)
	}
	<-conn.Broken()
	if conn.WriteError() == nil {
		t.Error("no reason for the break")
	}
	if err := conn.Notify("y", nil); err != nil {
		t.Errorf("a notification after the break: %v", err)
	}
	_ = clientOut.Close()
	if err := <-ended; err == nil {
		t.Error("the session ended without a reason")
	}
	conn.Close(time.Second)
}

// TestClientThatReadsNothing: closing must not wait longer than its limit.
func TestClientThatReadsNothing(t *testing.T) {
	clientIn, out := io.Pipe()
	conn := New(strings.NewReader(""), out, nil, nil, zap.NewNop())
	if err := conn.Notify("x", nil); err != nil {
		t.Fatal(err)
	}
	if err := conn.Run(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want EOF", err)
	}
	conn.Close(10 * time.Millisecond)
	_ = clientIn.Close() // frees the writer
	<-conn.Broken()
}

func TestQueueGivesUpOnAClientThatNeverReads(t *testing.T) {
	clientIn, out := io.Pipe()
	q := newQueue(out)
	q.limit = 1000
	for range 3 { // the writer may have taken one and the next
		q.push(make([]byte, 600))
		q.push(make([]byte, 600))
	}
	<-q.broken
	if err := q.failure(); !errors.Is(err, errNotRead) {
		t.Errorf("got %v", err)
	}
	_ = clientIn.Close()
	<-q.done
}
