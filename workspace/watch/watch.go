// Package watch reports changes in folders that a client does not watch for
// us. It watches folders, never files: an editor that saves by renaming over a
// file makes a watch on that file go silent.
//
// A batch says where to look, not what happened: the receiver looks at each
// path again.
package watch

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/zap"
)

// ErrLimit is wrapped by the errors of New and Add when the system allows no
// more watches. Such a folder can be polled (Poll).
var ErrLimit = errors.New("the system's limit of watches is reached (on Linux: fs.inotify.max_user_watches, fs.inotify.max_user_instances)")

// ErrClosed is the error of Add after Close.
var ErrClosed = fsnotify.ErrClosed

// Batch is what a burst of events touched.
type Batch struct {
	// Paths were changed, created or removed: entries of watched folders, and a
	// folder itself when it went, came back or became another one (a link that
	// points elsewhere); when it came, with all that is in it. Sorted, each
	// once, spelled below the folder as it was added.
	Paths []string
	// Rescan says that events were lost: look at everything again. There are no
	// Paths then.
	Rescan bool
}

// patience is how many times the settling time a burst may go on before what is
// known of it is delivered.
const patience = 10

// maxPending bounds what is kept of a burst. Beyond it, a rescan is cheaper.
const maxPending = 100_000

// Watcher watches folders, not what is below their subfolders. Its methods may
// be called by several goroutines.
type Watcher struct {
	log     *zap.Logger
	settle  time.Duration
	backend backend
	batches chan Batch
	done    chan struct{}
	close   sync.Once
	running sync.WaitGroup
	wake    chan struct{} // one slot: something is pending

	pendingMu sync.Mutex
	pending   map[string]fsnotify.Op // events that the loop has not seen
	polled    []string               // paths that polling found
	overflow  bool

	mu      sync.Mutex
	folders map[string]*folder
	held    map[string]*hold
	polls   map[string]chan struct{} // closed to end the polling of a folder
}

// backend is what the watcher needs of fsnotify. It is a struct of functions so
// that tests can bring about what a file system does rarely.
type backend struct {
	events  <-chan fsnotify.Event
	errors  <-chan error
	add     func(path string) error
	remove  func(path string) error
	watched func() []string
	close   func() error
}

// folder is a folder that was added.
type folder struct {
	name string // as added, cleaned
	real string // where it is, without links; "" while it does not exist
	// parent is watched for entry: the folder's next missing part, or the link
	// that it is; "" without either.
	parent, entry string
}

// hold is a real folder that is watched for the folders that need it.
type hold struct {
	content []*folder
	waiting []*folder
}

// New starts a watcher. A burst of events ends when nothing has happened for
// the settling time.
func New(log *zap.Logger, settle time.Duration) (*Watcher, error) {
	// A queue of our own is behind it, so no buffer is needed.
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, limited(fmt.Errorf("watching folders: %w", err))
	}
	return start(log, settle, backend{n.Events, n.Errors, n.Add, n.Remove, n.WatchList, n.Close}), nil
}

func start(log *zap.Logger, settle time.Duration, b backend) *Watcher {
	w := &Watcher{
		log:     log,
		settle:  settle,
		backend: b,
		batches: make(chan Batch),
		done:    make(chan struct{}),
		wake:    make(chan struct{}, 1),
		pending: map[string]fsnotify.Op{},
		folders: map[string]*folder{},
		held:    map[string]*hold{},
		polls:   map[string]chan struct{}{},
	}
	w.running.Go(w.receive)
	w.running.Go(w.deliver)
	return w
}

func limited(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return fmt.Errorf("%w: %w", ErrLimit, err)
	}
	return err
}

// Batches delivers changes. It is closed by Close.
func (w *Watcher) Batches() <-chan Batch { return w.batches }

// Add watches the entries of a folder. A folder that does not exist is waited
// for, also when it goes later. Adding twice is harmless. The error wraps
// ErrLimit when the system allows no more watches, ErrClosed after Close.
func (w *Watcher) Add(dir string) error {
	name, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed() {
		return ErrClosed
	}
	if w.folders[name] != nil {
		return nil
	}
	f := &folder{name: name}
	if err := w.attach(f); err != nil {
		w.detach(f)
		return fmt.Errorf("watching %s: %w", name, limited(err))
	}
	w.folders[name] = f
	return nil
}

// Remove ends the watch, or the polling, of a folder.
func (w *Watcher) Remove(dir string) {
	name, err := filepath.Abs(dir)
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if f := w.folders[name]; f != nil {
		w.detach(f)
		delete(w.folders, name)
	}
	if stop := w.polls[name]; stop != nil {
		close(stop)
		delete(w.polls, name)
	}
}

// Close ends all watches and closes Batches. It returns when nothing of the
// watcher runs any more.
func (w *Watcher) Close() error {
	var err error
	w.close.Do(func() {
		w.mu.Lock()
		close(w.done)
		w.mu.Unlock()
		err = w.backend.close()
		w.running.Wait()
		close(w.batches)
	})
	return err
}

func (w *Watcher) closed() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// attach watches a folder where it is, or where it will have to appear.
func (w *Watcher) attach(f *folder) error {
	// What is watched and what exists may change between looking and watching.
	for range 10 {
		f.real = locate(f.name)
		f.parent, f.entry = waitFor(f)
		if err := w.watch(f); err != nil {
			if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
				w.detach(f)
				continue
			}
			return err
		}
		if parent, entry := waitFor(f); locate(f.name) == f.real && parent == f.parent && entry == f.entry {
			return nil
		}
		w.detach(f)
	}
	return fmt.Errorf("%s keeps changing", f.name)
}

// locate returns where a folder is, without links; "" when there is none.
func locate(name string) string {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return ""
	}
	if info, err := os.Stat(real); err != nil || !info.IsDir() {
		return ""
	}
	return real
}

// waitFor returns the folder whose entry decides where f is: the nearest one
// that exists, for a folder that does not; the one that holds the link, for a
// link.
func waitFor(f *folder) (parent, entry string) {
	if f.real != "" {
		if info, err := os.Lstat(f.name); err != nil || info.Mode()&os.ModeSymlink == 0 {
			return "", ""
		}
	}
	for name := f.name; ; name = filepath.Dir(name) {
		above := filepath.Dir(name)
		if above == name {
			return "", ""
		}
		if real := locate(above); real != "" {
			return real, filepath.Join(real, filepath.Base(name))
		}
	}
}

// watch takes hold of what f needs.
func (w *Watcher) watch(f *folder) error {
	for i, real := range []string{f.real, f.parent} {
		if real == "" {
			continue
		}
		h := w.held[real]
		if h == nil {
			if err := w.backend.add(real); err != nil {
				return err
			}
			h = &hold{}
			w.held[real] = h
		}
		if i == 0 {
			h.content = append(h.content, f)
		} else {
			h.waiting = append(h.waiting, f)
		}
	}
	return nil
}

// detach lets go of what f holds.
func (w *Watcher) detach(f *folder) {
	is := func(g *folder) bool { return g == f }
	for _, real := range []string{f.real, f.parent} {
		h := w.held[real]
		if h == nil {
			continue
		}
		h.content = slices.DeleteFunc(h.content, is)
		h.waiting = slices.DeleteFunc(h.waiting, is)
		if len(h.content)+len(h.waiting) == 0 {
			delete(w.held, real)
			if err := w.backend.remove(real); err != nil && !errors.Is(err, fsnotify.ErrNonExistentWatch) {
				w.log.Debug("ending a watch", zap.String("folder", real), zap.Error(err))
			}
		}
	}
	f.real, f.parent, f.entry = "", "", ""
}

// receive empties the backend's channels, so that it is never kept waiting
// while one of its methods is called.
func (w *Watcher) receive() {
	events, failures := w.backend.events, w.backend.errors
	for events != nil || failures != nil {
		select {
		case event, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			w.note(func() { w.pending[event.Name] |= event.Op })
		case err, ok := <-failures:
			if !ok {
				failures = nil
				continue
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				w.log.Warn("watching folders", zap.Error(err))
			}
			w.note(func() { w.overflow = true })
		}
	}
}

// note adds to what is pending and wakes the loop.
func (w *Watcher) note(add func()) {
	w.pendingMu.Lock()
	add()
	if len(w.pending)+len(w.polled) > maxPending {
		w.overflow = true
		clear(w.pending)
		w.polled = nil
	}
	w.pendingMu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// deliver turns events into batches until the watcher is closed.
func (w *Watcher) deliver() {
	paths := map[string]bool{}
	rescan := false
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	var began time.Time
	var out chan Batch // set when there is a batch and it has settled
	var batch Batch
	for {
		select {
		case <-w.done:
			return
		case <-w.wake:
			rescan = w.take(paths) || rescan || len(paths) > maxPending
			if rescan {
				clear(paths)
			}
			switch {
			case len(paths) == 0 && !rescan:
			case out != nil:
				batch = Batch{slices.Sorted(maps.Keys(paths)), rescan}
			case began.IsZero():
				began = time.Now()
				quiet.Reset(w.settle)
			default:
				quiet.Reset(min(w.settle, max(0, patience*w.settle-time.Since(began))))
			}
		case <-quiet.C:
			out = w.batches
			batch = Batch{slices.Sorted(maps.Keys(paths)), rescan}
		case out <- batch:
			clear(paths)
			rescan, out, began = false, nil, time.Time{}
		}
	}
}

// take handles what is pending, adds the paths that it touches, and reports
// whether events were lost.
func (w *Watcher) take(paths map[string]bool) (lost bool) {
	w.pendingMu.Lock()
	events, polled := w.pending, w.polled
	lost = w.overflow
	w.pending, w.polled, w.overflow = map[string]fsnotify.Op{}, nil, false
	w.pendingMu.Unlock()

	for _, path := range polled {
		paths[path] = true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	moved, renamed := map[*folder]bool{}, map[string]bool{}
	for name, op := range events {
		w.handle(name, op, paths, moved)
		if op.Has(fsnotify.Rename) {
			renamed[name] = true
		}
	}
	for _, f := range w.folders {
		if lost || len(renamed) > 0 && (liesIn(f.real, renamed) || liesIn(f.parent, renamed)) {
			moved[f] = true
		}
	}
	if len(moved) > 0 {
		w.renew(moved, paths)
		w.renew(w.unwatched(), paths)
	}
	return lost
}

// liesIn reports whether a path is one of the given ones or lies below one.
func liesIn(path string, above map[string]bool) bool {
	for path != "" && !above[path] {
		up := filepath.Dir(path)
		if up == path {
			return false
		}
		path = up
	}
	return path != ""
}

// unwatched returns the folders that are held and not watched. The system watches
// a folder once, whatever its names are: one that was added by its new name while
// the watch by its old name was still there is not watched when that ends.
func (w *Watcher) unwatched() map[*folder]bool {
	if w.closed() {
		return nil
	}
	watched := map[string]bool{}
	for _, real := range w.backend.watched() {
		watched[real] = true
	}
	lost := map[*folder]bool{}
	for real, h := range w.held {
		if !watched[real] {
			for _, f := range slices.Concat(h.content, h.waiting) {
				lost[f] = true
			}
		}
	}
	return lost
}

// handle adds the paths of one event, and to moved the folders that are no
// longer where they were.
func (w *Watcher) handle(name string, op fsnotify.Op, paths map[string]bool, moved map[*folder]bool) {
	if name == "" {
		return // fsnotify's for an event that it swallows
	}
	if h := w.held[filepath.Dir(name)]; h != nil {
		for _, f := range h.content {
			paths[filepath.Join(f.name, filepath.Base(name))] = true
		}
		for _, f := range h.waiting {
			if f.entry == name {
				moved[f] = true
			}
		}
	}
	if h := w.held[name]; h != nil && (op.Has(fsnotify.Remove) || op.Has(fsnotify.Rename)) {
		for _, f := range slices.Concat(h.content, h.waiting) {
			moved[f] = true
		}
	}
}

// renew watches folders anew and adds the paths that this may have changed. All are
// let go of first, so that no watch of what had their names before is kept.
func (w *Watcher) renew(moved map[*folder]bool, paths map[string]bool) {
	before := make(map[*folder]string, len(moved))
	for f := range moved {
		before[f] = f.real
		w.detach(f)
	}
	for f := range moved {
		if err := w.attach(f); err != nil {
			w.log.Warn("a folder is not watched any longer", zap.String("folder", f.name), zap.Error(limited(err)))
		}
		if before[f] != "" || f.real != "" {
			addEntries(f, paths)
		}
	}
}

// addEntries adds a folder and all that is in it.
func addEntries(f *folder, paths map[string]bool) {
	paths[f.name] = true
	if f.real == "" {
		return
	}
	entries, err := os.ReadDir(f.real)
	if err != nil {
		return // gone again: its event is under way
	}
	for _, e := range entries {
		paths[filepath.Join(f.name, e.Name())] = true
	}
}
