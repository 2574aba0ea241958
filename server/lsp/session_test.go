package lsp

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.lsp.dev/uri"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/internal/lsptest"
)

// canary stands for every secret in the projects of the tests. It may be in
// what the client sends, and nowhere else.
const canary = "CANARY-7f3a"

// program is what the tests start in the place of a server in this process.
var program = flag.String("program", "", "test this program, such as the one in the package")

// asServer makes the test binary a server, for tests of a whole process.
const asServer = "DBT_HYBRID_TEST_SERVE"

func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv(asServer) != "" {
		os.Exit(Serve(os.Stdin, os.Stdout, Options{Version: "1.2.3", Environ: os.Environ()}))
	}
	goleak.VerifyTestMain(m)
}

// all is what a client says that can do everything.
const all = `{
	"general": {"positionEncodings": ["utf-8", "utf-16"]},
	"workspace": {
		"applyEdit": true, "configuration": true, "workspaceFolders": true,
		"workspaceEdit": {"documentChanges": true, "resourceOperations": ["create", "rename", "delete"], "snippetEditSupport": true},
		"didChangeConfiguration": {"dynamicRegistration": true},
		"didChangeWatchedFiles": {"dynamicRegistration": true, "relativePatternSupport": true}
	},
	"textDocument": {
		"codeAction": {"isPreferredSupport": true, "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
		"publishDiagnostics": {"relatedInformation": true, "codeDescriptionSupport": true, "versionSupport": true},
		"hover": {"contentFormat": ["markdown", "plaintext"]}
	},
	"window": {"showDocument": {"support": true}},
	"experimental": {"serverStatusNotification": true}
}`

// little is what a client says that can do next to nothing.
const little = `{}`

// session is a server with a client, over a project on disk.
type session struct {
	*lsptest.Client
	t      *testing.T
	dir    string
	home   string
	logs   *observer.ObservedLogs
	exit   chan int
	output *lockedBuffer
	logged func() []entry // what the server has logged

	registered chan string // params of client/registerCapability

	mu       sync.Mutex
	settings map[string]any // by folder; "" for none
}

// entry is a line of the server's log.
type entry struct {
	message string
	fields  map[string]any
}

type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (b *lockedBuffer) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b.Reset()
}

// newSession starts a server over the files of an archive. Nothing is sent yet.
// It is in this process, unless the tests are about a program.
func newSession(t *testing.T, files string) *session {
	t.Helper()
	if *program != "" {
		return newProgramSession(t, *program, files)
	}
	return newSessionWith(t, files, Options{})
}

// prepare writes the files of an archive for a session.
func prepare(t *testing.T, files string) *session {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, dir: dir, home: filepath.Join(t.TempDir(), "home"), exit: make(chan int, 1), output: &lockedBuffer{}, registered: make(chan string, 100), settings: map[string]any{}}
	for _, f := range txtar.Parse([]byte(files)).Files {
		s.write(f.Name, string(f.Data))
	}
	s.program("dbt")
	return s
}

// newSessionWith starts a server in this process, with options that a program
// does not take.
func newSessionWith(t *testing.T, files string, o Options) *session {
	t.Helper()
	if *program != "" {
		t.Skip("needs a server in this process")
	}
	s := prepare(t, files)
	o.Environ = append(o.Environ, "PATH="+filepath.Join(s.home, "bin"))
	core, logs := observer.New(zap.DebugLevel)
	s.logs = logs
	s.logged = func() (all []entry) {
		for _, e := range logs.All() {
			all = append(all, entry{e.Message, e.ContextMap()})
		}
		return all
	}
	serverIn, clientOut := io.Pipe()
	clientIn, serverOut := io.Pipe()
	s.Client = lsptest.New(t, clientIn, clientOut)
	s.Tap(s.output)
	go func() {
		o.Version, o.Log, o.Home = "1.2.3", zap.New(core), s.home
		s.exit <- Serve(serverIn, serverOut, o)
		_ = serverIn.Close()
		_ = serverOut.Close()
	}()
	s.Listen()
	t.Cleanup(func() {
		_ = clientOut.Close()
		s.Finish()
		s.keepsSecrets()
	})
	return s
}

// keepsSecrets fails if a secret got out: in a message or a log line. A change
// that moves a value within its file is the one place where one may be.
func (s *session) keepsSecrets() {
	if strings.Contains(s.output.String(), canary) {
		s.t.Error("a secret is in a message of the server")
	}
	for _, e := range s.logged() {
		if line := fmt.Sprint(e); strings.Contains(line, canary) {
			s.t.Errorf("a secret is in the log: %s", strings.ReplaceAll(line, canary, "(the secret)"))
		}
	}
}

// program puts a program on the search path that leaves a trace when it is
// started.
func (s *session) program(name string) {
	s.t.Helper()
	bin := filepath.Join(s.home, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		s.t.Fatal(err)
	}
	script := "#!/bin/sh\n/usr/bin/touch '" + s.trace() + "'\necho 'dbt 2.0.8'\n"
	if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) trace() string { return filepath.Join(s.home, "started") }

func (s *session) started() bool {
	_, err := os.Stat(s.trace())
	return err == nil
}

func (s *session) write(name, content string) {
	s.t.Helper()
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *session) must(errs ...error) {
	s.t.Helper()
	if err := errors.Join(errs...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) uri(name string) string {
	return string(uri.File(filepath.Join(s.dir, filepath.FromSlash(name))))
}

// start initializes with the capabilities and options of a client, and answers
// what the server asks in the beginning.
func (s *session) start(capabilities string, options map[string]any, folders ...string) json.RawMessage {
	s.t.Helper()
	if len(folders) == 0 {
		folders = []string{""}
	}
	list := make([]map[string]string, len(folders))
	for i, f := range folders {
		list[i] = map[string]string{"uri": s.uri(f), "name": f}
	}
	s.Handle("workspace/configuration", func(m lsptest.Message) any { return s.configuration(m.Params) })
	s.Handle("client/registerCapability", func(m lsptest.Message) any { s.registered <- string(m.Params); return nil })
	s.Handle("dbtHybrid/status", func(lsptest.Message) any { return nil })
	s.Handle("experimental/serverStatus", func(lsptest.Message) any { return nil })
	// A question that is answered too late, where the machine is that slow.
	s.Handle("$/cancelRequest", func(lsptest.Message) any { return nil })
	if options == nil {
		options = map[string]any{}
	}
	if options["rules"] == nil {
		options["rules"] = rules(nil)
	}
	var result json.RawMessage
	s.Call("initialize", map[string]any{
		"processId": nil, "rootUri": nil, "capabilities": json.RawMessage(capabilities),
		"workspaceFolders": list, "initializationOptions": options,
	}, &result)
	s.Notify("initialized", map[string]any{})
	return result
}

// rules are settings that leave only the rules on that the tests speak of, with
// the given severities. Otherwise every new rule would send something that no
// test here expects.
func rules(severities map[string]string) map[string]any {
	all := map[string]any{}
	for _, rule := range diagnostics.Rules() {
		switch rule.Code {
		case "env-absent", "env-duplicate", "env-missing", "env-parse", "example-missing-key", "profiles-not-found":
		default:
			all[rule.Code] = "off"
		}
	}
	for code, severity := range severities {
		all[code] = severity
	}
	return all
}

func (s *session) configuration(params json.RawMessage) any {
	var p struct {
		Items []struct{ ScopeURI, Section string }
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return err.Error()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answers := make([]any, len(p.Items))
	for i, item := range p.Items {
		answers[i] = s.settings[item.ScopeURI]
	}
	return answers
}

func (s *session) open(name string, version int, text string) {
	s.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": s.uri(name), "languageId": "plaintext", "version": version, "text": text,
	}})
}

func (s *session) close(name string) {
	s.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": s.uri(name)}})
}

// edit replaces a range.
func (s *session) edit(name string, version int, changes ...any) {
	s.Notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": s.uri(name), "version": version},
		"contentChanges": changes,
	})
}

func replace(line, from, toLine, to int, text string) any {
	return map[string]any{"range": span(line, from, toLine, to), "text": text}
}

func whole(text string) any { return map[string]any{"text": text} }

func span(line, from, toLine, to int) map[string]any {
	return map[string]any{
		"start": map[string]int{"line": line, "character": from},
		"end":   map[string]int{"line": toLine, "character": to},
	}
}

type position struct{ Line, Character int }

type textRange struct{ Start, End position }

type published struct {
	URI         string
	Version     *int
	Diagnostics []diagnosticJSON
}

type diagnosticJSON struct {
	Range              textRange
	Severity           int
	Code               string
	CodeDescription    struct{ Href string }
	Source             string
	Message            string
	RelatedInformation []struct {
		Location struct {
			URI   string
			Range textRange
		}
		Message string
	}
}

// codes is a published set in short: "env-duplicate@1:0 env-empty@2:0".
func (p published) codes() string {
	var all []string
	for _, d := range p.Diagnostics {
		all = append(all, fmt.Sprintf("%s@%d:%d", d.Code, d.Range.Start.Line, d.Range.Start.Character))
	}
	return strings.Join(all, " ")
}

// diagnostics waits for the next set of a file.
func (s *session) diagnostics(name string) published {
	s.t.Helper()
	want := s.uri(name)
	m := s.Find("textDocument/publishDiagnostics", func(params json.RawMessage) bool {
		var p published
		return json.Unmarshal(params, &p) == nil && p.URI == want
	})
	var p published
	if err := json.Unmarshal(m.Params, &p); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// shutdown ends the session as clients do; whatever was not asked for by then
// is unexpected.
func (s *session) shutdown() {
	s.t.Helper()
	s.Call("shutdown", nil, nil)
	s.Notify("exit", nil)
	if status := <-s.exit; status != 0 {
		s.t.Errorf("exit status %d", status)
	}
}
