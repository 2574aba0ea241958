package watch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	settle   = 5 * time.Millisecond
	deadline = time.Minute
)

func open(t *testing.T) *Watcher {
	t.Helper()
	w, err := New(zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel)), settle)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func add(t *testing.T, w *Watcher, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		if err := w.Add(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// until reads batches until every path was in one, and returns all paths.
func until(t *testing.T, w *Watcher, want ...string) []string {
	t.Helper()
	var seen []string
	timeout := time.After(deadline)
	for {
		if !slices.ContainsFunc(want, func(p string) bool { return !slices.Contains(seen, p) }) {
			return seen
		}
		select {
		case b := <-w.Batches():
			if !slices.IsSorted(b.Paths) || len(slices.Compact(slices.Clone(b.Paths))) != len(b.Paths) {
				t.Fatalf("not sorted, or not each once: %q", b.Paths)
			}
			seen = append(seen, b.Paths...)
		case <-timeout:
			t.Fatalf("want %q, seen %q", want, seen)
		}
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCreateWriteRemove(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "profiles.yml")
	w := open(t)
	add(t, w, dir)
	write(t, file, "a")
	until(t, w, file)
	write(t, file, "b")
	until(t, w, file)
	must(t, os.Remove(file))
	until(t, w, file)
}

func TestAtomicSaves(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, ".env")
	write(t, file, "0")
	w := open(t)
	add(t, w, dir)
	for i := range 5 {
		temporary := filepath.Join(dir, ".env.tmp")
		write(t, temporary, fmt.Sprint(i))
		must(t, os.Rename(temporary, file))
		until(t, w, file)
	}
}

// The clock of a synctest stands still while anything runs, so what these tests
// say of time is exact.
func TestBurstIsOneBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		events := make(chan fsnotify.Event)
		w := start(zap.NewNop(), settle, fake(events, nil))
		add(t, w, dir)
		real := w.folders[dir].real
		began := time.Now()
		for i := range 100 {
			events <- fsnotify.Event{Name: filepath.Join(real, fmt.Sprintf("%03d", i%10)), Op: fsnotify.Write}
			if i == 50 {
				<-time.After(settle - 1)
			}
		}
		b := <-w.Batches()
		if len(b.Paths) != 10 || b.Rescan || b.Paths[0] != filepath.Join(dir, "000") {
			t.Errorf("got %+v", b)
		}
		if after := time.Since(began); after != 2*settle-1 {
			t.Errorf("after %v", after)
		}
		must(t, w.Close())
	})
}

// A burst that does not end is delivered all the same.
func TestEndlessBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		events := make(chan fsnotify.Event)
		w := start(zap.NewNop(), settle, fake(events, nil))
		add(t, w, dir)
		event := fsnotify.Event{Name: filepath.Join(w.folders[dir].real, "x"), Op: fsnotify.Write}
		began := time.Now()
		for {
			select {
			case b := <-w.Batches():
				if !slices.Equal(b.Paths, []string{filepath.Join(dir, "x")}) || time.Since(began) != settle/2+patience*settle {
					t.Errorf("got %+v after %v", b, time.Since(began))
				}
				must(t, w.Close())
				return
			case <-time.After(settle / 2):
				events <- event
			}
		}
	})
}

// fake is a backend whose events come from a test.
func fake(events chan fsnotify.Event, failures chan error) backend {
	return backend{
		events:  events,
		errors:  failures,
		add:     func(string) error { return nil },
		remove:  func(string) error { return nil },
		watched: func() []string { return nil },
		close: func() error {
			if events != nil {
				close(events)
			}
			if failures != nil {
				close(failures)
			}
			return nil
		},
	}
}

func TestOverflow(t *testing.T) {
	for _, err := range []error{fsnotify.ErrEventOverflow, errors.New("read failed")} {
		failures := make(chan error)
		w := start(zap.NewNop(), settle, fake(nil, failures))
		add(t, w, t.TempDir())
		failures <- err
		if b := <-w.Batches(); !b.Rescan || len(b.Paths) > 0 {
			t.Errorf("%v: %+v", err, b)
		}
		must(t, w.Close())
	}
}

// A receiver that is away loses nothing, and does not hold up the backend.
func TestSlowReceiver(t *testing.T) {
	dir := t.TempDir()
	events := make(chan fsnotify.Event)
	w := start(zap.NewNop(), time.Millisecond, fake(events, nil))
	t.Cleanup(func() { must(t, w.Close()) })
	add(t, w, dir)
	var want []string
	for i := range 1000 {
		name := fmt.Sprintf("%04d", i)
		want = append(want, filepath.Join(dir, name))
		events <- fsnotify.Event{Name: filepath.Join(w.folders[dir].real, name), Op: fsnotify.Create}
	}
	until(t, w, want...)
}

func TestTooManyEvents(t *testing.T) {
	w := start(zap.NewNop(), settle, fake(nil, nil))
	t.Cleanup(func() { must(t, w.Close()) })
	w.note(func() {
		for i := range maxPending + 1 {
			w.pending[fmt.Sprint(i)] = fsnotify.Write
		}
	})
	if b := <-w.Batches(); !b.Rescan {
		t.Errorf("no rescan after %d paths", len(b.Paths))
	}
}

func TestFolderGoesAndComesBack(t *testing.T) {
	above := t.TempDir()
	dir := filepath.Join(above, "models")
	file := filepath.Join(dir, "a.yml")
	must(t, os.Mkdir(dir, 0o700))
	write(t, file, "a")
	w := open(t)
	add(t, w, dir)
	for range 3 {
		must(t, os.RemoveAll(dir))
		until(t, w, dir, file)
		must(t, os.Mkdir(dir, 0o700))
		write(t, file, "b")
		until(t, w, dir, file)
		write(t, file, "c")
		until(t, w, file)
	}
}

func TestFolderIsMoved(t *testing.T) {
	above := t.TempDir()
	dir, other := filepath.Join(above, "a"), filepath.Join(above, "b")
	must(t, os.Mkdir(dir, 0o700))
	w := open(t)
	add(t, w, dir)
	must(t, os.Rename(dir, other))
	until(t, w, dir)
	write(t, filepath.Join(other, "x"), "")
	must(t, os.Rename(other, dir))
	until(t, w, dir, filepath.Join(dir, "x"))
	write(t, filepath.Join(dir, "y"), "")
	until(t, w, filepath.Join(dir, "y"))
}

// What lies below a folder that is moved gets no event of its own.
func TestFolderAboveIsMoved(t *testing.T) {
	for _, noticed := range []bool{true, false} {
		t.Run(fmt.Sprintf("noticed before the new one is added: %v", noticed), func(t *testing.T) {
			above := t.TempDir()
			dir, other := filepath.Join(above, "a", "b", "c"), filepath.Join(above, "z", "b", "c")
			must(t, os.MkdirAll(dir, 0o700))
			w := open(t)
			add(t, w, above, dir)
			if noticed {
				must(t, os.Rename(filepath.Join(above, "a"), filepath.Join(above, "z")))
				until(t, w, dir)
				add(t, w, other)
			} else {
				w.pendingMu.Lock() // which handling events needs
				must(t, os.Rename(filepath.Join(above, "a"), filepath.Join(above, "z")))
				add(t, w, other)
				w.pendingMu.Unlock()
				until(t, w, dir, other)
			}
			write(t, filepath.Join(other, "x"), "")
			until(t, w, filepath.Join(other, "x"))
			must(t, os.Rename(filepath.Join(above, "z"), filepath.Join(above, "a")))
			until(t, w, dir, filepath.Join(dir, "x"), other)
			write(t, filepath.Join(dir, "y"), "")
			until(t, w, filepath.Join(dir, "y"))
		})
	}
}

// Of the folder that takes the place of another, what lies below is watched too.
func TestFolderAboveIsReplaced(t *testing.T) {
	above := t.TempDir()
	first, aside, old := filepath.Join(above, "a"), filepath.Join(above, "aside"), filepath.Join(above, "old")
	dir, missing := filepath.Join(first, "models"), filepath.Join(first, "models", "missing")
	must(t, os.MkdirAll(dir, 0o700))
	must(t, os.MkdirAll(filepath.Join(aside, "models"), 0o700))
	w := open(t)
	add(t, w, above, first, dir, missing)
	must(t, os.Rename(first, old))
	must(t, os.Rename(aside, first))
	until(t, w, first, dir)
	write(t, filepath.Join(dir, "x"), "")
	must(t, os.Mkdir(missing, 0o700))
	until(t, w, filepath.Join(dir, "x"), missing)
}

func TestFolderThatDoesNotExist(t *testing.T) {
	above := t.TempDir()
	dir := filepath.Join(above, "a", "b", "c")
	file := filepath.Join(dir, "x")
	w := open(t)
	add(t, w, dir)
	must(t, os.MkdirAll(filepath.Dir(dir), 0o700))
	must(t, os.Mkdir(dir, 0o700))
	write(t, file, "")
	until(t, w, dir, file)
	must(t, os.RemoveAll(filepath.Join(above, "a")))
	until(t, w, dir)
	must(t, os.MkdirAll(dir, 0o700))
	until(t, w, dir)
}

// A folder around the one that is waited for appears after the looking and before
// the watching: nobody tells of that one any more.
func TestFolderThatAppearsHalf(t *testing.T) {
	above := t.TempDir()
	half := filepath.Join(above, "a", "b")
	b := fake(nil, nil)
	b.add = func(string) error { return os.MkdirAll(half, 0o700) }
	w := start(zap.NewNop(), settle, b)
	t.Cleanup(func() { must(t, w.Close()) })
	add(t, w, filepath.Join(half, "c"))
	if real := locate(half); w.held[real] == nil || len(w.held) != 1 {
		t.Errorf("%v is watched, which should be %s", w.held, real)
	}
}

// A file in place of the folder is a folder that does not exist.
func TestFileInTheFoldersPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".dbt")
	write(t, dir, "")
	w := open(t)
	add(t, w, dir)
	must(t, os.Remove(dir))
	must(t, os.Mkdir(dir, 0o700))
	until(t, w, dir)
	write(t, filepath.Join(dir, "x"), "")
	until(t, w, filepath.Join(dir, "x"))
}

func TestLinks(t *testing.T) {
	above := t.TempDir()
	one, two, link := filepath.Join(above, "one"), filepath.Join(above, "two"), filepath.Join(above, "link")
	must(t, os.Mkdir(one, 0o700))
	must(t, os.Mkdir(two, 0o700))
	if err := os.Symlink(one, link); err != nil {
		if runtime.GOOS == "windows" {
			return // links need a privilege there
		}
		t.Fatal(err)
	}
	w := open(t)
	// The same folder under two names: both are told.
	add(t, w, link, one)
	write(t, filepath.Join(one, "x"), "")
	until(t, w, filepath.Join(link, "x"), filepath.Join(one, "x"))
	// Another target.
	write(t, filepath.Join(two, "y"), "")
	must(t, os.Remove(link))
	must(t, os.Symlink(two, link))
	until(t, w, link, filepath.Join(link, "y"))
	write(t, filepath.Join(two, "z"), "")
	until(t, w, filepath.Join(link, "z"))
	write(t, filepath.Join(one, "w"), "")
	if seen := until(t, w, filepath.Join(one, "w")); slices.Contains(seen, filepath.Join(link, "w")) {
		t.Errorf("the old target still counts: %q", seen)
	}
}

func TestAddTwiceRemoveOnce(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	w := open(t)
	add(t, w, dir, dir, dir+string(filepath.Separator), other)
	w.Remove(dir)
	w.Remove(dir)
	write(t, filepath.Join(dir, "x"), "")
	write(t, filepath.Join(other, "x"), "")
	if seen := until(t, w, filepath.Join(other, "x")); slices.Contains(seen, filepath.Join(dir, "x")) {
		t.Errorf("still watched: %q", seen)
	}
	add(t, w, dir)
	write(t, filepath.Join(dir, "y"), "")
	until(t, w, filepath.Join(dir, "y"))
}

// Letting go of one folder leaves the watch that another still needs.
func TestSharedWatch(t *testing.T) {
	above := t.TempDir()
	missing := filepath.Join(above, "missing")
	w := open(t)
	add(t, w, above, missing)
	w.Remove(missing)
	write(t, filepath.Join(above, "x"), "")
	until(t, w, filepath.Join(above, "x"))
	if n := len(w.held); n != 1 {
		t.Errorf("%d watches for one folder", n)
	}
	w.Remove(above)
	if n := len(w.held); n != 0 {
		t.Errorf("%d watches for none", n)
	}
}

func TestLimit(t *testing.T) {
	for _, cause := range []error{syscall.ENOSPC, syscall.EMFILE} {
		b := fake(nil, nil)
		b.add = func(string) error { return os.NewSyscallError("inotify_add_watch", cause) }
		w := start(zap.NewNop(), settle, b)
		if err := w.Add(t.TempDir()); !errors.Is(err, ErrLimit) || !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
		if len(w.held)+len(w.folders) != 0 {
			t.Errorf("something is left: %v %v", w.held, w.folders)
		}
		must(t, w.Close())
	}
}

func TestOtherErrorsAreNotLimits(t *testing.T) {
	b := fake(nil, nil)
	b.add = func(string) error { return syscall.EACCES }
	w := start(zap.NewNop(), settle, b)
	defer func() { must(t, w.Close()) }()
	if err := w.Add(t.TempDir()); err == nil || errors.Is(err, ErrLimit) {
		t.Errorf("got %v", err)
	}
}

func TestPoll(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	write(t, a, "1")
	w := start(zap.NewNop(), settle, fake(nil, nil))
	t.Cleanup(func() { must(t, w.Close()) })
	tick := make(chan time.Time)
	stopped := make(chan struct{})
	w.poll(dir, tick, func() { close(stopped) })
	w.poll(dir, nil, func() {})
	write(t, b, "2")
	tick <- time.Time{}
	until(t, w, b)
	write(t, a, "longer")
	must(t, os.Remove(b))
	tick <- time.Time{}
	until(t, w, a, b)
	must(t, os.RemoveAll(dir))
	tick <- time.Time{}
	until(t, w, dir, a)
	must(t, os.Mkdir(dir, 0o700))
	tick <- time.Time{}
	until(t, w, dir)
	w.Remove(dir)
	<-stopped
}

// A watcher for want of watches refuses folders as the system would, and polls.
func TestNewPolling(t *testing.T) {
	dir := t.TempDir()
	w := NewPolling(zap.NewNop(), settle)
	if err := w.Add(dir); !errors.Is(err, ErrLimit) {
		t.Errorf("got %v", err)
	}
	must(t, w.Poll(dir, time.Millisecond))
	write(t, filepath.Join(dir, "a"), "1")
	until(t, w, filepath.Join(dir, "a"))
	w.Remove(dir)
	must(t, w.Close())
}

func TestPollErrors(t *testing.T) {
	w := start(zap.NewNop(), settle, fake(nil, nil))
	if err := w.Poll(t.TempDir(), 0); err == nil {
		t.Error("no time between two looks")
	}
	must(t, w.Poll(t.TempDir(), time.Hour))
	must(t, w.Close())
	if err := w.Poll(t.TempDir(), time.Hour); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestClose(t *testing.T) {
	w := open(t)
	dir := t.TempDir()
	add(t, w, dir)
	for i := range 50 { // unread
		write(t, filepath.Join(dir, fmt.Sprint(i)), "")
	}
	must(t, w.Close())
	must(t, w.Close())
	for range w.Batches() {
		continue
	}
	if err := w.Add(dir); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	w.Remove(dir)
}

// Many goroutines use a watcher while the disk changes.
func TestConcurrentUse(t *testing.T) {
	above := t.TempDir()
	w := open(t)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for range w.Batches() {
			continue
		}
	}()
	ended := make(chan error)
	for g := range 4 {
		go func() {
			var err error
			for i := range 25 {
				dir := filepath.Join(above, fmt.Sprint((g+i)%5))
				err = errors.Join(err, w.Add(dir), os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, fmt.Sprint(g)), nil, 0o600))
				if i%3 == 0 {
					w.Remove(dir)
				}
			}
			ended <- err
		}()
	}
	for range 4 {
		must(t, <-ended)
	}
	must(t, w.Close())
	<-read
}
