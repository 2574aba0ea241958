package lsp

import (
	"cmp"
	"context"
	"hash/maphash"
	"maps"
	"math"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/server/words"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// quickLook is the time up to which the goroutine that reads publishes by itself.
const quickLook = 2 * time.Millisecond

// longestRest is how long input may rest before a look that takes long. Nobody
// notices so little.
const longestRest = 2 * time.Millisecond

// publisher sends diagnostics for the newest state, from one goroutine at a time.
type publisher struct {
	quick   time.Duration // quickLook, or what Options have in its place
	wake    chan struct{} // one token: something changed
	pending atomic.Bool   // changed, and the publisher was not woken for it
	took    atomic.Int64  // nanoseconds of the last looks; at first for ever
	looking sync.Mutex    // held during a look
	looked  int           // the count of changes at the last one; of who holds looking
	seed    maphash.Seed

	engine       *workspace.Engine // that engineStatus tells of
	engineStatus engineStatus
	variables    map[string]*knownVariables // by root

	mu        sync.Mutex
	ended     bool               // nothing is sent any more
	changes   int                // counts changes of the workspace
	unsettled bool               // it does not have the last one yet
	open      map[string]uri.URI // by path, as the client spells them
	fresh     map[string]bool    // opened or closed since the last time
	shown     map[string]shown   // by path
	projects  []Checked
	seen      bool // projects was filled once
	seenAt    int  // the count of changes that projects is of
	status    *status
	hints     uint64 // what hints say of all variables
	hinted    bool   // hints was filled once
}

// shown is what the client has of one file.
type shown struct {
	uri     uri.URI
	hash    uint64 // of the diagnostics as they were sent
	empty   bool
	open    bool
	version int32
}

// item is one diagnostic of a file.
type item struct {
	project *workspace.Project
	finding *diagnostics.Finding
	where   protocol.Range
	encoded []byte // as the client is told if no other project has the file
}

// itemKey is what makes diagnostics of several projects one.
type itemKey struct {
	rule, message string
	start, end    int
}

func (it *item) key() itemKey {
	f := it.finding
	return itemKey{f.Rule.Code, f.Text(), f.At.Span.Start, f.At.Span.End}
}

// like reports whether two items are encoded alike.
func (it *item) like(other *item) bool {
	f, g := it.finding, other.finding
	return it.where == other.where && f.Rule == g.Rule && f.Severity == g.Severity && f.Message == g.Message && f.Remedy == g.Remedy &&
		len(f.Related)+len(g.Related) == 0
}

func (p *publisher) init(quick time.Duration) {
	p.quick = cmp.Or(quick, quickLook)
	p.wake, p.seed = make(chan struct{}, 1), maphash.MakeSeed()
	p.took.Store(math.MaxInt64)
	p.open, p.fresh, p.shown = map[string]uri.URI{}, map[string]bool{}, map[string]shown{}
}

// changed makes what is being worked on stale.
func (p *publisher) changed() {
	p.mu.Lock()
	p.changes++
	p.mu.Unlock()
	p.pending.Store(true)
}

// unsettle is changed for an edit that the workspace does not have yet: until
// settled is called there is nothing to look at.
func (p *publisher) unsettle() {
	p.mu.Lock()
	p.unsettled = true
	p.mu.Unlock()
	p.changed()
}

func (p *publisher) settled() {
	p.mu.Lock()
	p.unsettled = false
	p.mu.Unlock()
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
	if p.took.Load() > int64(p.quick) || !p.looking.TryLock() {
		p.poke()
		return
	}
	defer p.looking.Unlock()
	p.pending.Store(false)
	s.settle()
	s.look()
}

// end lets nothing be sent any more.
func (p *publisher) end() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
}

// opened notes that a document was opened and lets the workspace have it, in one
// step: a look between the two would tell the client too much or too little.
func (p *publisher) opened(path string, u uri.URI, set func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	set()
	p.open[path] = u
	p.refresh(path)
}

// closed is opened for a document that was closed.
func (p *publisher) closed(path string, unset func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	unset()
	delete(p.open, path)
	p.refresh(path)
}

// refresh makes what is being worked on stale, and the file one to tell of. The
// caller holds the lock.
func (p *publisher) refresh(path string) {
	p.fresh[path] = true
	p.changes++
	p.pending.Store(true)
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

// currentProjects is lastProjects if nothing has changed since.
func (p *publisher) currentProjects() ([]Checked, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.projects, p.seen && p.seenAt == p.changes
}

// state returns the count of changes, and whether the workspace has them all.
func (p *publisher) state() (changes int, settled bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changes, !p.unsettled
}

// publishLoop publishes until the session ends. A panic costs one look at the
// state; the next change gets another.
func (s *Server) publishLoop(ctx context.Context) {
	s.changed()
	tidied := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.publish.wake:
			s.publish.rest(ctx)
			s.publish.looking.Lock()
			s.settle()
			s.look()
			s.publish.looking.Unlock()
			if _, seen := s.publish.lastProjects(); seen && !tidied {
				tidied = true
				s.background("memory", func(context.Context) { giveBack() })
			}
		}
	}
}

// rest waits until nothing has changed for a little of the time that the last look
// took: of a burst of edits in a long file only the end is worth another one.
func (p *publisher) rest(ctx context.Context) {
	took := time.Duration(p.took.Load())
	if took <= p.quick || took == math.MaxInt64 {
		return
	}
	for begin := time.Now(); time.Since(begin) < took; {
		at, _ := p.state()
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(took/16, longestRest)):
		}
		if now, _ := p.state(); now == at {
			return
		}
	}
}

// look publishes the newest state, if that has not been done, and notes how long
// it took. What makes it stale meanwhile brings another look. The caller holds the
// lock.
func (s *Server) look() {
	p := &s.publish
	at, _ := p.state()
	if at == p.looked {
		return
	}
	begin := time.Now()
	done := s.publishNow()
	if done {
		p.looked = at
		p.note(time.Since(begin))
	}
	if known, seen := s.publish.lastProjects(); seen && done {
		s.follow(known)
	}
}

// note takes down how long a look took. A single one that took longer says little
// about the next: the garbage collector may have run.
func (p *publisher) note(took time.Duration) {
	if last := time.Duration(p.took.Load()); last != math.MaxInt64 && took > last {
		took = last + (took-last)/4
	}
	p.took.Store(int64(took))
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
	at, settled := s.publish.state()
	if !settled {
		return false
	}
	snapshot := s.workspace.Snapshot()
	snapshot.Projects() // the long part: while it ran, more may have come
	if now, _ := s.publish.state(); now != at {
		return false
	}
	found := s.checked(snapshot)
	sent, done := s.sendFindings(snapshot, found, at)
	if sent {
		runtime.Gosched() // the writer goes first: nobody waits for the status
		s.sendSummary(found)
	}
	return done
}

// sendFindings sends what was found if nothing has changed since a count of
// changes. done says that there is nothing more to do about this state.
func (s *Server) sendFindings(snapshot *workspace.Snapshot, found []*check, at int) (sent, done bool) {
	next := s.merge(found)
	p := &s.publish
	p.mu.Lock() // until the frames are queued: no change can come between
	defer p.mu.Unlock()
	if p.ended || p.changes != at {
		return false, p.ended
	}
	p.projects, p.seen, p.seenAt = plain(found), true, at
	for _, path := range p.due(next) {
		s.send(snapshot, path, next[path])
	}
	clear(p.fresh)
	return true, true
}

// sendSummary tells what clients show beside the findings.
func (s *Server) sendSummary(found []*check) {
	status := s.statusOf(found)
	var hints uint64
	if s.client.refreshesHints {
		hints = hintState(s.publish.seed, found)
	}
	p := &s.publish
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		s.sendStatus(status)
		s.refreshHints(hints)
	}
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
func (p *publisher) due(next map[string][][]byte) []string {
	paths := make([]string, 0, len(next)+len(p.shown)+len(p.fresh))
	paths = slices.AppendSeq(paths, maps.Keys(next))
	paths = slices.AppendSeq(paths, maps.Keys(p.shown))
	paths = slices.AppendSeq(paths, maps.Keys(p.fresh))
	slices.Sort(paths)
	return slices.Compact(paths)
}

// send publishes the diagnostics of one file if the client does not have them.
// The caller holds the publisher's lock.
func (s *Server) send(snapshot *workspace.Snapshot, path string, list [][]byte) {
	p := &s.publish
	now := shown{uri: uri.File(path), hash: p.hash(list), empty: len(list) == 0}
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
	if p.wanted(path, now, before, had) {
		s.sendEncoded(now, list)
	}
	p.keep(path, now)
}

// hash tells encoded items from others.
func (p *publisher) hash(list [][]byte) uint64 {
	var h maphash.Hash
	h.SetSeed(p.seed)
	for _, one := range list {
		_, _ = h.Write(one)
		_ = h.WriteByte(0) // which no JSON holds
	}
	return h.Sum64()
}

// sendEncoded publishes diagnostics that are encoded already. One that could not
// be encoded is left out.
func (s *Server) sendEncoded(now shown, list [][]byte) {
	address, err := protocol.Marshal(now.uri)
	if err != nil {
		s.log.Error("encoding an address", zap.Error(err))
		return
	}
	head := append(append(make([]byte, 0, len(address)+64), `{"uri":`...), address...)
	if now.open {
		head = strconv.AppendInt(append(head, `,"version":`...), int64(now.version), 10)
	}
	params := append(make([][]byte, 0, 2*len(list)+2), append(head, `,"diagnostics":[`...))
	for _, one := range list {
		if len(params) > 1 && one != nil {
			params = append(params, []byte{','})
		}
		params = append(params, one)
	}
	s.conn.NotifyEncoded(protocol.MethodTextDocumentPublishDiagnostics, append(params, []byte("]}"))...)
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

// items makes the diagnostics of one project, by file. What was encoded for the
// state before is used again.
func (s *Server) items(p *workspace.Project, findings []diagnostics.Finding, before map[string][]item) map[string][]item {
	files := map[string][]item{}
	for i := range findings {
		f := &findings[i]
		path := f.At.File.Path
		it := item{project: p, finding: f, where: s.rangeOf(f.At.File, f.At.Span)}
		it.encoded = encodedBefore(&it, before[path], len(files[path]))
		if it.encoded == nil {
			it.encoded = s.encode(s.diagnostic(f))
		}
		if files[path] == nil {
			files[path] = make([]item, 0, len(before[path])+1)
		}
		files[path] = append(files[path], it)
	}
	return files
}

// encodedBefore finds what an item like this one was encoded to, nil if it was
// not. An edit adds or removes a few: the place is about the same.
func encodedBefore(it *item, before []item, at int) []byte {
	const near = 4
	for i := max(0, at-near); i < min(len(before), at+near); i++ {
		if it.like(&before[i]) {
			return before[i].encoded
		}
	}
	return nil
}

// encode returns nil for a diagnostic that cannot be encoded.
func (s *Server) encode(d protocol.Diagnostic) []byte {
	encoded, err := protocol.Marshal(d)
	if err != nil {
		s.log.Error("encoding a diagnostic", zap.Error(err))
	}
	return encoded
}

// merge joins the diagnostics of all projects. In a file that several projects
// share each names its project, and equal ones are one. What is about the
// machine is said in the first project that it concerns.
func (s *Server) merge(found []*check) map[string][][]byte {
	type machine struct {
		rule            *diagnostics.Rule
		message, remedy string
	}
	said := map[machine]*check{}
	all := map[string][]item{}
	for _, c := range found {
		for path, items := range c.files {
			for _, it := range items {
				if f := it.finding; f.Rule.Everywhere {
					about := machine{f.Rule, f.Message, f.Remedy}
					if first := said[about]; first != nil && first != c {
						continue
					}
					said[about] = c
				}
				if all[path] == nil {
					all[path] = make([]item, 0, len(items))
				}
				all[path] = append(all[path], it)
			}
		}
	}
	next := make(map[string][][]byte, len(all))
	for path, items := range all {
		next[path] = s.mergeFile(path, items, found)
	}
	return next
}

func (s *Server) mergeFile(path string, items []item, found []*check) [][]byte {
	shared := 0
	for _, c := range found {
		if c.Project.Reads(path) {
			shared++
		}
	}
	list := make([][]byte, 0, len(items))
	if shared < 2 {
		for i := range items {
			list = append(list, items[i].encoded)
		}
		return list
	}
	slices.SortStableFunc(items, func(x, y item) int {
		a, b := x.key(), y.key()
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end),
			cmp.Compare(a.rule, b.rule), cmp.Compare(a.message, b.message))
	})
	for len(items) > 0 {
		n := 1
		for n < len(items) && items[n].key() == items[0].key() {
			n++
		}
		list = append(list, s.encode(s.joined(items[:n])))
		items = items[n:]
	}
	return list
}

// joined makes one diagnostic of equal ones.
func (s *Server) joined(equal []item) protocol.Diagnostic {
	d := s.diagnostic(equal[0].finding)
	if len(equal) == 1 || !s.client.relatedInformation {
		names := make([]string, len(equal))
		for i, it := range equal {
			names[i] = projectName(it.project)
		}
		d.Message = protocol.String(equal[0].finding.Text() + " (" + words.Plural(len(names), "project") + " " + joinNames(names) + ")")
		return d
	}
	for _, it := range equal {
		d.RelatedInformation = append(d.RelatedInformation, protocol.DiagnosticRelatedInformation{
			Location: protocol.Location{URI: uri.File(it.project.File.Path)},
			Message:  "project " + projectName(it.project),
		})
	}
	return d
}
