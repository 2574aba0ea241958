package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
)

// DefaultTimeout is the time a dbt has to print its version.
const DefaultTimeout = 5 * time.Second

// outputLimit bounds what is kept of a program's output; a version fits into
// less than a line, and dbt v1 prints one line for every adapter.
const outputLimit = 64 << 10

// Prober starts a dbt to ask for its version, once for every real path, size
// and modification time. The zero value is ready; it may be used concurrently.
type Prober struct {
	Timeout time.Duration // DefaultTimeout when zero
	Env     Lookup        // gives HOME, PATH and what else a program needs to start; nothing else is passed on

	mu     sync.Mutex
	probes map[probeKey]*probe
}

type probeKey struct {
	real     string
	size     int64
	modified int64 // nanoseconds, UTC
}

type probe struct {
	mu      sync.Mutex // held while the program runs, so that others wait for its answer
	done    bool
	kind    Kind
	version string
	err     error
}

// Probe returns the install with the kind and version that the program itself
// prints. On an error the install is returned as it came, but for why it is
// silent. A program that does not answer in time is ended together with its
// children. What the program printed is not part of an error.
func (p *Prober) Probe(ctx context.Context, in Install) (Install, error) {
	if in.Excluded {
		return in, fmt.Errorf("%s: %w", in.Path, ErrExcluded)
	}
	if !filepath.IsAbs(in.Path) {
		return in, fmt.Errorf("%q is not an absolute path: not started", in.Path)
	}
	entry := p.entry(keyOf(in))
	entry.mu.Lock()
	defer entry.mu.Unlock()
	if !entry.done {
		if err := ctx.Err(); err != nil {
			return in, err
		}
		entry.kind, entry.version, entry.err = p.ask(ctx, in.Path)
		entry.done = ctx.Err() == nil // an answer that the caller cut short is none
	}
	if entry.answer(&in); entry.err != nil {
		return in, fmt.Errorf("%s --version %w", in.Path, entry.err)
	}
	return in, nil
}

// ProbeAll probes several installs at the same time and returns them in their
// order; one that fails keeps what its metadata said. One that nobody starts and
// whose metadata says its version is not started either.
func (p *Prober) ProbeAll(ctx context.Context, in []Install) []Install {
	out := make([]Install, len(in))
	var wg sync.WaitGroup
	for i := range in {
		if in[i].OffPath && len(in[i].Users) == 0 && in[i].Version != "" {
			out[i] = in[i]
			continue
		}
		wg.Go(func() { out[i], _ = p.Probe(ctx, in[i]) })
	}
	wg.Wait()
	return out
}

// Recall returns installs with what they have answered already. It starts
// nothing, and waits for nothing.
func (p *Prober) Recall(in []Install) []Install {
	out := make([]Install, len(in))
	for i := range in {
		out[i] = in[i]
		entry := p.entry(keyOf(in[i]))
		if in[i].Excluded || !entry.mu.TryLock() {
			continue
		}
		if entry.done {
			entry.answer(&out[i])
		}
		entry.mu.Unlock()
	}
	return out
}

func keyOf(in Install) probeKey {
	return probeKey{pathKey(in.Real), in.Size, in.ModTime.UnixNano()}
}

// answer tells an install what it is, or why that is not known.
func (e *probe) answer(in *Install) {
	if e.err != nil {
		if !errors.Is(e.err, context.Canceled) {
			in.Silent = e.err.Error()
		}
		return
	}
	in.Kind, in.Version = e.kind, e.version
	in.Update = updateCommand(*in)
}

func (p *Prober) entry(key probeKey) *probe {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.probes == nil {
		p.probes = make(map[probeKey]*probe)
	}
	entry := p.probes[key]
	if entry == nil {
		entry = new(probe)
		p.probes[key] = entry
	}
	return entry
}

// ask runs `PATH --version` and classifies what it prints. An error says what the
// program did.
func (p *Prober) ask(ctx context.Context, path string) (Kind, string, error) {
	timeout := p.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out := &boundedOutput{full: cancel}
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.Dir = rootFolder(path) // no project, no .env
	cmd.Env = safeEnvironment(p.Env)
	cmd.Stdout = out
	cmd.WaitDelay = time.Second / 4 // for a child that has left the group and keeps the pipe
	ownGroup(cmd)
	err := cmd.Run()
	endGroup(cmd)
	if errors.Is(err, exec.ErrWaitDelay) && cmd.ProcessState.Success() {
		err = nil // the program answered; only a child of it did not end
	}
	switch {
	case out.overflow:
		return "", "", fmt.Errorf("printed more than %d bytes", outputLimit)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", "", fmt.Errorf("did not answer within %v", timeout)
	case ctx.Err() != nil:
		return "", "", ctx.Err()
	case err != nil:
		return "", "", fmt.Errorf("failed: %w", fspath.Cause(err))
	}
	kind, version := Classify(out.text.String())
	if kind == KindUnknown {
		return "", "", errors.New("printed nothing that a dbt prints")
	}
	return kind, version, nil
}

func rootFolder(path string) string {
	return filepath.VolumeName(path) + string(filepath.Separator)
}

// safeEnvironment gives a program what it needs to start and nothing that
// steers or identifies: the variables of a project never reach it.
func safeEnvironment(env Lookup) []string {
	out := []string{"DO_NOT_TRACK=1", "DBT_SEND_ANONYMOUS_USAGE_STATS=false", "DBT_DISABLE_VERSION_CHECK=1", "NO_COLOR=1", "PYTHONUTF8=1"}
	if env == nil {
		return out
	}
	for _, name := range []string{
		"PATH", "HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL",
		"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "APPDATA", "LOCALAPPDATA",
		"PYENV_ROOT", "PYENV_VERSION", "ASDF_DIR", "ASDF_DATA_DIR", "MISE_DATA_DIR",
		"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "NIX_LD", "NIX_LD_LIBRARY_PATH",
	} {
		if text, ok := env(name); ok {
			out = append(out, name+"="+text.Reveal())
		}
	}
	return out
}

// boundedOutput keeps the first outputLimit bytes and ends the program that
// writes more.
type boundedOutput struct {
	text     bytes.Buffer
	overflow bool
	full     func()
}

func (o *boundedOutput) Write(b []byte) (int, error) {
	if o.text.Len()+len(b) > outputLimit {
		o.overflow = true
		o.full()
		return 0, errors.New("output limit reached")
	}
	return o.text.Write(b)
}
