package lsp

import (
	"cmp"
	"context"
	"crypto/sha256"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// quickLook is the time up to which the goroutine that reads publishes by itself.
const quickLook = 2 * time.Millisecond

// publisher sends diagnostics for the newest state, from one goroutine at a time.
type publisher struct {
	wake    chan struct{} // one token: something changed
	pending atomic.Bool   // changed, and the publisher was not woken for it
	quick   atomic.Bool   // the last look took no longer than quickLook
	looking sync.Mutex    // held during a look

	engine       *workspace.Engine // that engineStatus tells of
	engineStatus engineStatus
	variables    map[string]*knownVariables // by root

	mu       sync.Mutex
	ended    bool               // nothing is sent any more
	changes  int                // counts changes of the workspace
	open     map[string]uri.URI // by path, as the client spells them
	fresh    map[string]bool    // opened or closed since the last time
	shown    map[string]shown   // by path
	projects []Checked
	seen     bool // projects was filled once
	status   *status
	hints    uint64 // what hints say of all variables
	hinted   bool   // hints was filled once
}

// shown is what the client has of one file.
type shown struct {
	uri     uri.URI
	hash    [sha256.Size]byte
	empty   bool
	open    bool
	version int32
}

// item is one diagnostic of a file. Equal keys of several projects are one.
type item struct {
	key        itemKey
	project    *workspace.Project
	finding    *diagnostics.Finding
	diagnostic protocol.Diagnostic
}

type itemKey struct {
	rule, message string
	start, end    int
}

func (p *publisher) init() {
	p.wake = make(chan struct{}, 1)
	p.open, p.fresh, p.shown = map[string]uri.URI{}, map[string]bool{}, map[string]shown{}
}

// changed makes what is being worked on stale.
func (p *publisher) changed() {
	p.mu.Lock()
	p.changes++
	p.mu.Unlock()
	p.pending.Store(true)
}

// poke wakes the publisher if something has changed.
func (p *publisher) poke() {
	if !p.pending.Swap(false) {
		return
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// idle publishes, when all that has arrived is handled. A quick look is taken at
// once: to hand it to another goroutine would cost nearly as much again, which a
// person waits for at every key.
func (s *Server) idle() {
	p := &s.publish
	if !p.pending.Load() {
		return
	}
	if !p.quick.Load() || !p.looking.TryLock() {
		p.poke()
		return
	}
	defer p.looking.Unlock()
	p.pending.Store(false)
	s.look()
	runtime.Gosched() // the writer goes first: waiting for input would leave it to be found by another thread
}

// end lets nothing be sent any more.
func (p *publisher) end() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
}

func (p *publisher) opened(path string, u uri.URI) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[path], p.fresh[path] = u, true
}

func (p *publisher) closed(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, path)
	p.fresh[path] = true
}

func (p *publisher) openURI(path string) (uri.URI, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u, ok := p.open[path]
	return u, ok
}

// lastProjects returns the projects that diagnostics were published for.
func (p *publisher) lastProjects() ([]Checked, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.projects, p.seen
}

func (p *publisher) changeCount() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changes
}

// publishLoop publishes until the session ends. A panic costs one look at the
// state; the next change gets another.
func (s *Server) publishLoop(ctx context.Context) {
	s.changed()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.publish.wake:
			s.publish.looking.Lock()
			s.look()
			s.publish.looking.Unlock()
		}
	}
}

// look publishes the newest state and notes how long that took. What makes it
// stale meanwhile brings another look. The caller holds the lock.
func (s *Server) look() {
	begin := time.Now()
	done := s.publishNow()
	s.publish.quick.Store(time.Since(begin) <= quickLook)
	if known, seen := s.publish.lastProjects(); seen && done {
		s.follow(known)
	}
}

// publishNow brings the client to the newest state. It returns false when the
// state has changed meanwhile; then nothing was sent.
func (s *Server) publishNow() (done bool) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic", zap.String("in", "publishing"), rpc.Panic(p), zap.StackSkip("stack", 2))
			done = true
		}
	}()
	at := s.publish.changeCount()
	snapshot := s.workspace.Snapshot()
	snapshot.Projects() // the long part: while it ran, more may have come
	if s.publish.changeCount() != at {
		return false
	}
	found := s.checked(snapshot)
	next := s.merge(found)
	status := s.statusOf(found)
	var hints uint64
	if s.client.refreshesHints {
		hints = hintState(found)
	}

	p := &s.publish
	p.mu.Lock() // until the frames are queued: no change can come between
	defer p.mu.Unlock()
	if p.ended {
		return true
	}
	if p.changes != at {
		return false
	}
	p.projects, p.seen = plain(found), true
	for _, path := range p.due(next) {
		s.send(snapshot, path, next[path])
	}
	clear(p.fresh)
	s.sendStatus(status)
	s.refreshHints(hints)
	return true
}

func plain(found []*check) []Checked {
	all := make([]Checked, len(found))
	for i, c := range found {
		all[i] = c.Checked
	}
	return all
}

// due returns the files to look at, sorted: those with findings, those that
// had some, and those that were opened or closed. The caller holds the lock.
func (p *publisher) due(next map[string][]protocol.Diagnostic) []string {
	paths := map[string]bool{}
	for path := range next {
		paths[path] = true
	}
	for path := range p.shown {
		paths[path] = true
	}
	for path := range p.fresh {
		paths[path] = true
	}
	return slices.Sorted(maps.Keys(paths))
}

// send publishes the diagnostics of one file if the client does not have them.
// The caller holds the publisher's lock.
func (s *Server) send(snapshot *workspace.Snapshot, path string, list []protocol.Diagnostic) {
	p := &s.publish
	if list == nil {
		list = []protocol.Diagnostic{}
	}
	encoded, err := protocol.Marshal(list)
	if err != nil {
		s.log.Error("encoding diagnostics", zap.Error(err))
		return
	}
	now := shown{uri: uri.File(path), hash: sha256.Sum256(encoded), empty: len(list) == 0}
	if file, ok := snapshot.Open(path); ok {
		now.open, now.version = true, file.Version
	}
	if u, ok := p.open[path]; ok {
		now.uri = u
	}
	before, had := p.shown[path]
	if had && before.uri != now.uri && !before.empty {
		s.notify(protocol.MethodTextDocumentPublishDiagnostics, &protocol.PublishDiagnosticsParams{URI: before.uri, Diagnostics: []protocol.Diagnostic{}})
	}
	if !p.wanted(path, now, before, had) {
		p.keep(path, now)
		return
	}
	params := struct {
		URI         uri.URI                  `json:"uri"`
		Version     protocol.Optional[int32] `json:"version,omitzero"`
		Diagnostics protocol.LSPAny          `json:"diagnostics"`
	}{URI: now.uri, Diagnostics: encoded}
	if now.open {
		params.Version = protocol.NewOptional(now.version)
	}
	s.notify(protocol.MethodTextDocumentPublishDiagnostics, &params)
	p.keep(path, now)
}

// wanted reports whether the client needs to be told. Equal sets are told again
// when the document was edited, since replaced text takes marks away.
func (p *publisher) wanted(path string, now, before shown, had bool) bool {
	switch {
	case p.fresh[path] && now.open:
		return true
	case !had || before.uri != now.uri:
		return !now.empty
	case before.hash != now.hash:
		return true
	case now.empty:
		return false
	}
	return before.version != now.version || p.fresh[path]
}

// keep remembers what the client has; of a closed file without diagnostics
// there is nothing to remember.
func (p *publisher) keep(path string, now shown) {
	if now.empty && !now.open {
		delete(p.shown, path)
		return
	}
	p.shown[path] = now
}

// items makes the diagnostics of one project, by file.
func (s *Server) items(p *workspace.Project, findings []diagnostics.Finding) map[string][]item {
	files := map[string][]item{}
	for i := range findings {
		f := &findings[i]
		path := f.At.File.Path
		key := itemKey{f.Rule.Code, f.Text(), f.At.Span.Start, f.At.Span.End}
		files[path] = append(files[path], item{key, p, f, s.diagnostic(f)})
	}
	return files
}

// merge joins the diagnostics of all projects. In a file that several projects
// share each names its project, and equal ones are one. What is about the
// machine is said in the first project that it concerns.
func (s *Server) merge(found []*check) map[string][]protocol.Diagnostic {
	type machine struct{ rule, message string }
	said := map[machine]*check{}
	all := map[string][]item{}
	for _, c := range found {
		for path, items := range c.files {
			for _, it := range items {
				if it.finding.Rule.Everywhere {
					about := machine{it.key.rule, it.key.message}
					if first := said[about]; first != nil && first != c {
						continue
					}
					said[about] = c
				}
				all[path] = append(all[path], it)
			}
		}
	}
	next := make(map[string][]protocol.Diagnostic, len(all))
	for path, items := range all {
		next[path] = s.mergeFile(path, items, found)
	}
	return next
}

func (s *Server) mergeFile(path string, items []item, found []*check) []protocol.Diagnostic {
	shared := 0
	for _, c := range found {
		if c.Project.Watched(path) {
			shared++
		}
	}
	list := make([]protocol.Diagnostic, 0, len(items))
	if shared < 2 {
		for _, it := range items {
			list = append(list, it.diagnostic)
		}
		return list
	}
	slices.SortStableFunc(items, func(a, b item) int {
		return cmp.Or(cmp.Compare(a.key.start, b.key.start), cmp.Compare(a.key.end, b.key.end),
			cmp.Compare(a.key.rule, b.key.rule), cmp.Compare(a.key.message, b.key.message))
	})
	for len(items) > 0 {
		n := 1
		for n < len(items) && items[n].key == items[0].key {
			n++
		}
		list = append(list, s.joined(items[:n]))
		items = items[n:]
	}
	return list
}

// joined makes one diagnostic of equal ones.
func (s *Server) joined(equal []item) protocol.Diagnostic {
	d := equal[0].diagnostic
	if len(equal) == 1 || !s.client.relatedInformation {
		names := make([]string, len(equal))
		for i, it := range equal {
			names[i] = projectName(it.project)
		}
		d.Message = protocol.String(equal[0].key.message + " (" + plural(len(names), "project") + " " + joinNames(names) + ")")
		return d
	}
	d.RelatedInformation = slices.Clone(d.RelatedInformation)
	for _, it := range equal {
		d.RelatedInformation = append(d.RelatedInformation, protocol.DiagnosticRelatedInformation{
			Location: protocol.Location{URI: uri.File(it.project.File.Path)},
			Message:  "project " + projectName(it.project),
		})
	}
	return d
}
