//go:build unix

package lsp

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

func (p *process) initialize(processID any) {
	p.Call("initialize", map[string]any{"processId": processID, "rootUri": nil, "capabilities": map[string]any{}}, nil)
	p.Notify("initialized", map[string]any{})
}

func TestProcessEnds(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(p *process)
		want int
	}{
		{"shutdown and exit", func(p *process) { p.Call("shutdown", nil, nil); p.Notify("exit", nil) }, 0},
		{"exit", func(p *process) { p.Notify("exit", nil) }, 1},
		{"the input ends", func(p *process) { _ = p.stdin.Close() }, 1},
		{"the input ends after shutdown", func(p *process) { p.Call("shutdown", nil, nil); _ = p.stdin.Close() }, 0},
		{"the input promises too much", func(p *process) { p.Raw(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", int64(1)<<40)) }, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := startProcess(t)
			p.Handle("dbtHybrid/status", func(lsptest.Message) any { return nil })
			p.Listen()
			p.initialize(nil)
			test.end(p)
			if got := p.status(t); got != test.want {
				t.Errorf("exit status %d, want %d", got, test.want)
			}
			p.Finish()
		})
	}
}

// TestProcessWhoseOutputIsClosed: writing to a closed pipe ends the server, and
// not by a signal.
func TestProcessWhoseOutputIsClosed(t *testing.T) {
	p := startProcess(t)
	_ = p.stdout.Close()
	p.Start("initialize", map[string]any{"processId": nil, "rootUri": nil, "capabilities": map[string]any{}})
	if got := p.status(t); got != 1 {
		t.Errorf("exit status %d, want 1", got)
	}
}

// TestProcessWhoseClientIsGone: the server ends with the process that started
// it, although its input stays open.
func TestProcessWhoseClientIsGone(t *testing.T) {
	parent := exec.Command("/bin/sh", "-c", "read line")
	hold, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	p := startProcess(t)
	p.Handle("dbtHybrid/status", func(lsptest.Message) any { return nil })
	p.Listen()
	p.initialize(parent.Process.Pid)
	p.Call("workspace/executeCommand", map[string]any{"command": "dbtHybrid.status"}, nil) // it lives
	_ = hold.Close()
	if err := parent.Wait(); err != nil {
		t.Logf("the parent: %v", err)
	}
	if got := p.status(t); got != 1 {
		t.Errorf("exit status %d, want 1", got)
	}
	p.Finish()
}

func TestProcessIDsThatAreNone(t *testing.T) {
	for _, id := range []any{nil, 0, -1} {
		p := startProcess(t)
		p.Handle("dbtHybrid/status", func(lsptest.Message) any { return nil })
		p.Listen()
		p.initialize(id)
		p.Call("shutdown", nil, nil)
		p.Notify("exit", nil)
		if got := p.status(t); got != 0 {
			t.Errorf("process id %v: exit status %d", id, got)
		}
		p.Finish()
	}
}

// TestMemoryOverManyRequests: what is answered is forgotten.
func TestMemoryOverManyRequests(t *testing.T) {
	p := startProcess(t)
	p.Handle("dbtHybrid/status", func(lsptest.Message) any { return nil })
	p.Listen()
	p.initialize(nil)
	params := map[string]any{
		"textDocument": map[string]any{"uri": "file:///nowhere/.env"}, "position": map[string]int{"line": 0, "character": 0},
	}
	var sizes []int
	for range 3 {
		for range 20 {
			var ids []string
			for range 1000 {
				ids = append(ids, p.Start("textDocument/hover", params))
			}
			for _, id := range ids {
				_ = p.Wait(id)
			}
		}
		sizes = append(sizes, residentKiB(t, p.cmd.Process.Pid))
	}
	if sizes[0] == 0 {
		return // a system that does not tell
	}
	if sizes[2] > sizes[0]+sizes[0]/2 {
		t.Errorf("resident KiB after 20,000, 40,000 and 60,000 requests: %v", sizes)
	}
	p.Notify("exit", nil)
	_ = p.status(t)
}

// residentKiB reads a process's memory from Linux, 0 elsewhere.
func residentKiB(t *testing.T, pid int) int {
	t.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	var size, resident int
	if _, err := fmt.Fscan(f, &size, &resident); err != nil {
		t.Fatal(err)
	}
	return resident * os.Getpagesize() / 1024
}
