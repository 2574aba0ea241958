package lsp

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

// buildBinary gives the program that the tests are about, or builds one.
func buildBinary(t *testing.T) string {
	t.Helper()
	if *program != "" {
		return *program
	}
	bin := filepath.Join(t.TempDir(), "dbt-hybrid")
	build := exec.Command("go", "build", "-ldflags", "-X main.version=9.8.7", "-o", bin, "../dbt-hybrid")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// newProgramSession is newSession with the program in a process of its own.
func newProgramSession(t *testing.T, bin, files string) *session {
	t.Helper()
	s := prepare(t, files)
	log := &lockedBuffer{}
	s.logged = func() []entry { return readLog(log.String()) }
	cmd := exec.Command(bin, "serve", "--log-level", "debug")
	// A session that is trusted asks for the newest release; nobody is there.
	cmd.Env = []string{"HOME=" + s.home, "PATH=" + filepath.Join(s.home, "bin"), "DBT_CDN_URL=http://127.0.0.1:1"}
	p := startCommand(t, cmd, log)
	s.Client = p.Client
	s.Tap(s.output)
	go func() {
		if err := <-p.ended; err != nil {
			t.Logf("the program: %v", err)
		}
		s.exit <- p.cmd.ProcessState.ExitCode()
	}()
	s.Listen()
	t.Cleanup(func() {
		_ = p.stdin.Close()
		s.Finish()
		s.keepsSecrets()
		if strings.Contains(log.String(), canary) {
			t.Error("a secret is in the log")
		}
	})
	return s
}

// readLog reads what the program writes on its standard error: time, level,
// message and fields.
func readLog(text string) (all []entry) {
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 4)
		if len(parts) < 3 {
			all = append(all, entry{message: line})
			continue
		}
		e := entry{message: parts[2]}
		if len(parts) == 4 && json.Unmarshal([]byte(parts[3]), &e.fields) != nil {
			e.message = line
		}
		all = append(all, e)
	}
	return all
}

// process is a server in a process of its own.
type process struct {
	*lsptest.Client
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.ReadCloser
	ended  chan error
}

func startProcess(t *testing.T) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = []string{asServer + "=1"}
	if *program != "" {
		cmd = exec.Command(*program, "serve")
	}
	return startCommand(t, cmd, os.Stderr)
}

// startCommand starts a server in a folder of its own, and in a home of its own
// unless the command has one.
func startCommand(t *testing.T, cmd *exec.Cmd, stderr io.Writer) *process {
	t.Helper()
	p := &process{cmd: cmd, ended: make(chan error, 1)}
	home, bin := t.TempDir(), t.TempDir()
	// Something called dbt, which an untrusted session must not start.
	if err := os.WriteFile(filepath.Join(bin, "dbt"), []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	p.cmd.Env = append([]string{"HOME=" + home, "XDG_CACHE_HOME=" + home, "PATH=" + bin}, p.cmd.Env...)
	p.cmd.Dir = t.TempDir()
	p.cmd.Stderr = stderr
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	// A pipe of our own: that of the command is closed when the command ends.
	var serverOut *os.File
	if p.stdout, serverOut, err = os.Pipe(); err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout = serverOut
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = serverOut.Close()
	go func() { p.ended <- p.cmd.Wait() }()
	p.Client = lsptest.New(t, p.stdout, p.stdin)
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.stdin.Close()
		_ = p.stdout.Close()
	})
	return p
}

// status waits for the end of the process, however busy the machine is: one that
// does not end is found by the limit of the test run.
func (p *process) status(t *testing.T) int {
	t.Helper()
	err := <-p.ended
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode() // -1 for a signal
}
