// Package lspdrive drives a language server over its standard streams, as an
// editor does, and measures it. It knows the protocol by hand, not by a library
// that one of the measured servers uses.
package lspdrive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// limit is how long a server may take for one answer.
const limit = 60 * time.Second

// Command says how a server is started.
type Command struct {
	Name       string
	Args       []string
	Env        []string       // nil: this process's own
	Settings   map[string]any // answers to workspace/configuration, by section
	Initialize any            // initializationOptions
	LanguageID string         // of the documents that are opened
}

// Publish is one textDocument/publishDiagnostics notification.
type Publish struct {
	URI     string // decoded
	Version *int
	Count   int
	At      time.Time // when its frame had been read
}

// Server is one running language server. Use it from one goroutine.
type Server struct {
	command  Command
	process  *exec.Cmd
	stdin    io.WriteCloser
	writing  sync.Mutex
	replies  chan reply
	publish  chan Publish
	done     chan struct{}
	readErr  error // valid after done is closed
	lastID   int
	fullSync bool
}

type reply struct {
	id     int
	result json.RawMessage
	failed json.RawMessage
	at     time.Time
}

// Start starts the server and returns how long it took from there to the answer
// to `initialize` for the folder.
func Start(command Command, folder string) (*Server, time.Duration, error) {
	process := exec.Command(command.Args[0], command.Args[1:]...)
	process.Env = command.Env
	process.Dir = os.TempDir()
	stdin, err := process.StdinPipe()
	if err != nil {
		return nil, 0, err
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	s := &Server{
		command: command, process: process, stdin: stdin,
		replies: make(chan reply, 16), publish: make(chan Publish, 4096), done: make(chan struct{}),
	}
	body := s.request("initialize", initialize(command, folder))
	begin := time.Now()
	if err := process.Start(); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", command.Name, err)
	}
	go s.read(bufio.NewReaderSize(stdout, 1<<20))
	answer, err := s.send(body)
	if err != nil {
		return nil, 0, errors.Join(err, s.kill())
	}
	if err := s.capabilities(answer.result); err != nil {
		return nil, 0, errors.Join(err, s.kill())
	}
	return s, answer.at.Sub(begin), s.notify("initialized", map[string]any{})
}

func initialize(command Command, folder string) map[string]any {
	return map[string]any{
		"processId":             os.Getpid(),
		"rootUri":               URI(folder),
		"workspaceFolders":      []any{map[string]any{"uri": URI(folder), "name": filepath.Base(folder)}},
		"initializationOptions": command.Initialize,
		"capabilities": map[string]any{
			"workspace": map[string]any{"configuration": true, "workspaceFolders": true},
			"textDocument": map[string]any{
				"synchronization":    map[string]any{"didSave": true},
				"publishDiagnostics": map[string]any{"relatedInformation": true, "versionSupport": true},
			},
		},
	}
}

// capabilities remembers how the server wants to hear of changes.
func (s *Server) capabilities(result json.RawMessage) error {
	var known struct {
		Capabilities struct {
			TextDocumentSync json.RawMessage `json:"textDocumentSync"`
		} `json:"capabilities"`
	}
	if err := json.Unmarshal(result, &known); err != nil {
		return fmt.Errorf("%s: the answer to initialize: %w", s.command.Name, err)
	}
	var kind int
	var options struct {
		Change int `json:"change"`
	}
	if json.Unmarshal(known.Capabilities.TextDocumentSync, &kind) != nil {
		if err := json.Unmarshal(known.Capabilities.TextDocumentSync, &options); err != nil {
			return fmt.Errorf("%s: textDocumentSync: %w", s.command.Name, err)
		}
		kind = options.Change
	}
	s.fullSync = kind == 1
	return nil
}

// PID returns the number of the server's process.
func (s *Server) PID() int { return s.process.Process.Pid }

// Close asks the server to end, and ends it if it does not.
func (s *Server) Close() error {
	if _, err := s.send(s.request("shutdown", nil)); err != nil {
		return errors.Join(err, s.kill())
	}
	err := s.notify("exit", nil)
	err = errors.Join(err, s.stdin.Close())
	select {
	case <-s.done:
		return errors.Join(err, s.wait())
	case <-time.After(limit):
		return errors.Join(err, fmt.Errorf("%s does not end", s.command.Name), s.kill())
	}
}

func (s *Server) kill() error {
	err := s.process.Process.Kill()
	<-s.done
	var exit *exec.ExitError
	if waited := s.process.Wait(); !errors.As(waited, &exit) {
		err = errors.Join(err, waited)
	}
	return err
}

func (s *Server) wait() error {
	if err := s.process.Wait(); err != nil {
		return fmt.Errorf("%s: %w", s.command.Name, err)
	}
	return nil
}

// URI returns the file URI of a path.
func URI(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

func (s *Server) request(method string, params any) []byte {
	s.lastID++
	return message(map[string]any{"jsonrpc": "2.0", "id": s.lastID, "method": method, "params": params})
}

// send writes a request and waits for its answer.
func (s *Server) send(body []byte) (reply, error) {
	if err := s.write(body); err != nil {
		return reply{}, err
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case r := <-s.replies:
			if r.id != s.lastID {
				continue
			}
			if r.failed != nil {
				return r, fmt.Errorf("%s: %s", s.command.Name, r.failed)
			}
			return r, nil
		case <-s.done:
			return reply{}, fmt.Errorf("%s has ended: %w", s.command.Name, s.readErr)
		case <-timer.C:
			return reply{}, fmt.Errorf("%s does not answer", s.command.Name)
		}
	}
}

func (s *Server) notify(method string, params any) error {
	return s.write(message(map[string]any{"jsonrpc": "2.0", "method": method, "params": params}))
}

// message returns the frame of a body. The bodies are maps of plain values, so
// they can always be encoded.
func message(body map[string]any) []byte {
	if body["params"] == nil {
		delete(body, "params")
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return append([]byte("Content-Length: "+strconv.Itoa(len(text))+"\r\n\r\n"), text...)
}

func (s *Server) write(frame []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if _, err := s.stdin.Write(frame); err != nil {
		return fmt.Errorf("%s: %w", s.command.Name, err)
	}
	return nil
}

func (s *Server) read(in *bufio.Reader) {
	defer close(s.done)
	for {
		body, err := readFrame(in)
		if err != nil {
			s.readErr = err
			return
		}
		if err := s.receive(body, time.Now()); err != nil {
			s.readErr = err
			return
		}
	}
}

func (s *Server) receive(body []byte, at time.Time) error {
	var m struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
		Params json.RawMessage `json:"params"`
		Result json.RawMessage `json:"result"`
		Error  json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	switch {
	case m.Method == "textDocument/publishDiagnostics":
		return s.published(m.Params, at)
	case m.Method != "" && m.ID != nil:
		return s.answer(m.ID, m.Method, m.Params)
	case m.Method == "" && m.ID != nil:
		id, err := strconv.Atoi(string(m.ID))
		if err != nil {
			return fmt.Errorf("an answer to the unknown request %s", m.ID)
		}
		s.replies <- reply{id: id, result: m.Result, failed: m.Error, at: at}
	}
	return nil
}

func (s *Server) published(params json.RawMessage, at time.Time) error {
	var p struct {
		URI         string            `json:"uri"`
		Version     *int              `json:"version"`
		Diagnostics []json.RawMessage `json:"diagnostics"`
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return err
	}
	// Servers escape differently; the decoded form is the same for all.
	decoded, err := url.PathUnescape(p.URI)
	if err != nil {
		return err
	}
	s.publish <- Publish{URI: decoded, Version: p.Version, Count: len(p.Diagnostics), At: at}
	return nil
}

// answer replies to a request of the server: its settings, and null to all else.
func (s *Server) answer(id json.RawMessage, method string, params json.RawMessage) error {
	var result any
	if method == "workspace/configuration" {
		var asked struct {
			Items []struct {
				Section string `json:"section"`
			} `json:"items"`
		}
		if err := json.Unmarshal(params, &asked); err != nil {
			return err
		}
		settings := make([]any, len(asked.Items))
		for i, item := range asked.Items {
			settings[i] = s.command.Settings[item.Section]
		}
		result = settings
	}
	return s.write(message(map[string]any{"jsonrpc": "2.0", "id": id, "result": result}))
}

func readFrame(in *bufio.Reader) ([]byte, error) {
	length := -1
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		name, value, found := strings.Cut(strings.TrimSpace(line), ":")
		switch {
		case found && strings.EqualFold(name, "Content-Length"):
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return nil, err
			}
		case !found && length >= 0:
			var body bytes.Buffer
			body.Grow(length)
			_, err := io.CopyN(&body, in, int64(length))
			return body.Bytes(), err
		case !found:
			return nil, fmt.Errorf("a frame without a length")
		}
	}
}
