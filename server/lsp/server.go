// Package lsp is the language server: one file per method of the protocol, over
// the model of package workspace and the rules of package diagnostics. It is
// the only code that knows the protocol.
package lsp

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/watch"
)

// Source is the source of every diagnostic.
const Source = "dbt-hybrid"

// flushLimit is how long the end waits for a client that does not read.
const flushLimit = time.Second

// Options are what the server is told by the program that starts it.
type Options struct {
	Version  string         // of this program
	Log      *zap.Logger    // nil: none
	Environ  []string       // of the process, as NAME=value
	Home     string         // "" when unknown
	Releases *engine.Client // asks for the release list; nil: never

	folderLimit int           // of folders that are looked into for projects; the workspace's when zero
	probeLimit  time.Duration // for a dbt to tell its version; engine.DefaultTimeout when zero
	quickLook   time.Duration // up to which the goroutine that reads publishes by itself; the constant when zero

	check func(*workspace.Project, diagnostics.Options) []diagnostics.Finding // diagnostics.Check when nil
	watch func(*zap.Logger, time.Duration) (*watch.Watcher, error)            // watch.New when nil
}

// Checked is one project and what was found about it.
type Checked struct {
	Project  *workspace.Project
	Findings []diagnostics.Finding
}

// Server is one session with one client.
type Server struct {
	options   Options
	log       *zap.Logger
	conn      *rpc.Conn
	workspace *workspace.Workspace
	machine   *workspace.Machine
	handlers  map[string]rpc.Handler
	ctx       context.Context // of everything that runs beside requests
	stop      context.CancelFunc
	orphaned  chan struct{} // closed when the parent process is gone
	prober    engine.Prober
	engines   engineSearch

	// What follows belongs to the goroutine that reads, until noted otherwise.
	phase     phase
	documents map[uri.URI]*document

	editing   sync.Mutex  // guards what follows, and what is in these documents
	unsettled []*document // with edits that the workspace does not know yet

	// Set by initialize, before any other goroutine starts; then only read.
	client client

	folders  atomic.Pointer[[]folder]
	settings atomic.Pointer[settings]
	pulling  sync.Mutex // one question about settings at a time
	checks   checks
	publish  publisher
	external external
	beside   beside
	events   atomic.Bool // somebody tells of changes on the disk
}

type phase int

const (
	phaseNew phase = iota
	phaseRunning
	phaseShutDown
)

// Serve speaks with a client until the session ends, and returns the exit
// status: 0 after a shutdown request, else 1 (LSP, "exit").
func Serve(in io.Reader, out io.Writer, o Options) int {
	defer tolerateBrokenPipe()()
	s := newServer(in, out, o)
	ended := make(chan error, 1)
	go func() { ended <- s.conn.Run() }()
	select {
	case err := <-ended:
		s.log.Info("session ended", zap.Error(err))
		if s.phase == phaseShutDown && (errors.Is(err, rpc.ErrExit) || errors.Is(err, io.EOF)) {
			s.close()
			return 0
		}
	case <-s.conn.Broken():
		s.log.Error("the client cannot be written to", zap.Error(s.conn.WriteError()))
	case <-s.orphaned:
		s.log.Warn("the client's process is gone")
	}
	s.close()
	return 1
}

func newServer(in io.Reader, out io.Writer, o Options) *Server {
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.check == nil {
		o.check = diagnostics.Check
	}
	if o.watch == nil {
		o.watch = watch.New
	}
	ctx, stop := context.WithCancel(context.Background())
	machine := &workspace.Machine{Environ: environ(o.Environ), Home: o.Home, Editor: true}
	s := &Server{
		options: o, log: o.Log, machine: machine, workspace: workspace.New(machine),
		ctx: ctx, stop: stop, orphaned: make(chan struct{}),
		documents: map[uri.URI]*document{},
	}
	s.workspace.SetFolderLimit(o.folderLimit)
	s.prober.Env, s.prober.Timeout = s.lookup(), o.probeLimit
	s.folders.Store(&[]folder{})
	s.settings.Store(&settings{})
	s.publish.init(o.quickLook)
	s.handlers = s.methods()
	s.conn = rpc.New(in, out, s.route, s.idle, o.Log)
	return s
}

func (s *Server) close() {
	s.publish.end()
	s.conn.Close(flushLimit)
	s.stop()
	s.beside.end(flushLimit)
}

// environ reads the environment of a process. A name that is there twice has
// its first value, as for os.Getenv.
func environ(list []string) map[string]secret.Text {
	all := make(map[string]secret.Text, len(list))
	for _, entry := range list {
		name, value, ok := strings.Cut(entry, "=")
		if _, twice := all[name]; ok && name != "" && !twice {
			all[name] = secret.New(value)
		}
	}
	return all
}

// lookup gives the environment of this process.
func (s *Server) lookup() engine.Lookup { return lookupIn(s.machine.Environ) }

func lookupIn(environment map[string]secret.Text) engine.Lookup {
	return func(name string) (secret.Text, bool) {
		v, ok := environment[name]
		return v, ok
	}
}

// changed tells the publisher that there is something to look at. Whoever
// changes the workspace calls it afterwards.
func (s *Server) changed() {
	s.publish.changed()
	s.publish.poke()
}

// edited is changed for handlers of notifications: the publisher is woken when
// all that has arrived is handled, so that a burst of edits is looked at once.
func (s *Server) edited() { s.publish.changed() }

// notify sends a notification; one that cannot be encoded is logged.
func (s *Server) notify(method string, params any) {
	if err := s.conn.Notify(method, params); err != nil {
		s.log.Error("notification", zap.String("method", method), zap.Error(err))
	}
}

// showMessage tells a person something that happened because they asked.
func (s *Server) showMessage(kind protocol.MessageType, message string) {
	s.notify(protocol.MethodWindowShowMessage, &protocol.ShowMessageParams{Type: kind, Message: message})
}
