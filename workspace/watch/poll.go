package watch

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"
)

// NewPolling starts a watcher where New could not for want of watches: Add fails
// with ErrLimit, and Poll works.
func NewPolling(log *zap.Logger, settle time.Duration) *Watcher {
	none := func(string) error { return ErrLimit }
	return start(log, settle, backend{
		add: none, remove: func(string) error { return nil }, watched: func() []string { return nil }, close: func() error { return nil },
	})
}

// Poll looks at the entries of a folder every so often, for a folder that Add
// could not watch. Changes arrive with the batches. Remove and Close end it;
// polling a folder twice is harmless.
func (w *Watcher) Poll(dir string, every time.Duration) error {
	if every <= 0 {
		return fmt.Errorf("polling %s: the time between two looks must be positive", dir)
	}
	name, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(every)
	if !w.poll(name, ticker.C, ticker.Stop) {
		ticker.Stop()
		return ErrClosed
	}
	return nil
}

// poll looks at a folder at every tick and calls stop at the end. It reports
// whether the watcher is open.
func (w *Watcher) poll(name string, tick <-chan time.Time, stop func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed() {
		return false
	}
	if w.polls[name] != nil {
		stop()
		return true
	}
	ended := make(chan struct{})
	w.polls[name] = ended
	seen := look(name)
	w.running.Go(func() {
		defer stop()
		for {
			select {
			case <-w.done:
				return
			case <-ended:
				return
			case <-tick:
			}
			now := look(name)
			if changed := differences(name, seen, now); len(changed) > 0 {
				w.note(func() { w.polled = append(w.polled, changed...) })
			}
			seen = now
		}
	})
	return true
}

// entry is what polling compares.
type entry struct {
	size     int64
	modified time.Time
	mode     fs.FileMode
}

// look returns the entries of a folder; nil when it cannot be read.
func look(dir string) map[string]entry {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	entries := make(map[string]entry, len(list))
	for _, e := range list {
		if info, err := e.Info(); err == nil {
			entries[e.Name()] = entry{info.Size(), info.ModTime(), info.Mode()}
		}
	}
	return entries
}

func differences(dir string, before, now map[string]entry) []string {
	var changed []string
	if (before == nil) != (now == nil) {
		changed = append(changed, dir)
	}
	for name, e := range now {
		if old, ok := before[name]; !ok || old != e {
			changed = append(changed, filepath.Join(dir, name))
		}
	}
	for name := range before {
		if _, ok := now[name]; !ok {
			changed = append(changed, filepath.Join(dir, name))
		}
	}
	return changed
}
