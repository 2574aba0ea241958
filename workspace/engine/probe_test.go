//go:build unix

package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// canary is the value of every variable that no text of ours may show.
const canary = "c4n4ry-value"

func fake(t *testing.T, body string) Install {
	t.Helper()
	m := newMachine(t)
	m.program("bin/dbt", "#!/bin/sh\n"+body)
	return inspectAt(t, m.path("bin/dbt"))
}

func inspectAt(t *testing.T, path string) Install {
	t.Helper()
	in, ok := Inspect(path, probeEnv, nil)
	if !ok {
		t.Fatalf("no program at %s", path)
	}
	return in
}

var probeEnv = lookup(map[string]string{
	"PATH": "/usr/bin:/bin", "HOME": "/nonexistent",
	"DBT_CLOUD_TOKEN": canary, "DBT_ENV_SECRET_X": canary, "LD_PRELOAD": canary, "DBT_TARGET": canary,
})

func TestProbeReadsWhatAProgramPrints(t *testing.T) {
	for output, want := range map[string]string{
		"dbt-fusion 2.0.0-preview.196":  "v2 2.0.0-preview.196",
		"dbt 2.0.1":                     "v2 2.0.1",
		"dbt-oss 2.0.0-preview.200":     "v2-oss 2.0.0-preview.200",
		"dbt-core 2.0.0-alpha.4":        "v2-oss 2.0.0-alpha.4",
		"dbt Cloud CLI - 0.40.18 (aa5)": "platform-cli 0.40.18",
		"Core:\n  - installed: 1.11.16\n  - latest:    1.12.0\n\nPlugins:\n  - duckdb: 1.11.1": "v1 1.11.16",
	} {
		in := fake(t, "cat <<'END'\n"+output+"\nEND\n")
		got, err := (&Prober{Env: probeEnv, Timeout: patience}).Probe(t.Context(), in)
		if err != nil || string(got.Kind)+" "+got.Version != want {
			t.Errorf("%q: %s %s, %v; want %s", output, got.Kind, got.Version, err, want)
		}
	}
}

func TestProbeCorrectsTheUpdateCommand(t *testing.T) {
	got, err := (&Prober{Timeout: patience}).Probe(t.Context(), fake(t, "echo dbt 2.0.1"))
	if err != nil || got.Channel != ChannelPip || got.Update != "pip install --upgrade dbt" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestProbeGivesNothingAway(t *testing.T) {
	m := newMachine(t)
	m.program("bin/dbt", "#!/bin/sh\nenv > '"+m.path("seen")+"'\npwd >> '"+m.path("seen")+"'\necho \"args:$*\" >> '"+m.path("seen")+"'\necho dbt 2.0.1\n")
	if _, err := (&Prober{Env: probeEnv, Timeout: patience}).Probe(t.Context(), inspectAt(t, m.path("bin/dbt"))); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(m.path("seen"))
	if err != nil {
		t.Fatal(err)
	}
	seen := string(content)
	if strings.Contains(seen, canary) || strings.Contains(seen, "DBT_TARGET") || strings.Contains(seen, "LD_PRELOAD") {
		t.Error("a variable of the project reached the program")
	}
	for _, want := range []string{"DO_NOT_TRACK=1\n", "HOME=/nonexistent\n", "\n/\n", "args:--version\n"} {
		if !strings.Contains(seen, want) {
			t.Errorf("the program did not see %q", want)
		}
	}
}

func TestProbeOfProgramsThatMisbehave(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"lies":                {"echo i am not what you think", "printed nothing that a dbt prints"},
		"prints binary":       {"head -c 200 /dev/zero", "printed nothing that a dbt prints"},
		"prints nothing":      {"exit 0", "printed nothing that a dbt prints"},
		"fails":               {"echo dbt 2.0.1; echo " + canary + " >&2; exit 3", "exit status 3"},
		"crashes":             {"kill -SEGV $$", "segmentation fault"},
		"hangs":               {"sleep 600", "did not answer within"},
		"ignores the end":     {"trap '' TERM INT HUP\nsleep 600", "did not answer within"},
		"prints without end":  {"yes", "printed more than"},
		"waits for input":     {"read x; echo dbt $x", "printed nothing that a dbt prints"}, // there is none to wait for
		"is no script at all": {"\x00\x01", "exit status 127"},
	} {
		t.Run(name, func(t *testing.T) {
			in := fake(t, c.body+"\n")
			p := &Prober{Env: probeEnv, Timeout: patience}
			if strings.Contains(c.want, "did not answer") {
				p.Timeout = time.Second / 2
			}
			got, err := p.Probe(t.Context(), in)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want one with %q", err, c.want)
			}
			if strings.Contains(err.Error(), canary) {
				t.Error("the error shows what the program printed")
			}
			if !strings.Contains(got.Silent, c.want) || strings.Contains(got.Silent, in.Path) {
				t.Errorf("it is silent because it %q", got.Silent)
			}
			in.Silent = got.Silent
			if diff := cmp.Diff(in, got); diff != "" {
				t.Errorf("the install changed: %s", diff)
			}
		})
	}
}

func TestProbeOfAProgramThatIsGone(t *testing.T) {
	in := fake(t, "echo dbt 2.0.1")
	if err := os.Remove(in.Path); err != nil {
		t.Fatal(err)
	}
	if _, err := (&Prober{Timeout: patience}).Probe(t.Context(), in); err == nil {
		t.Error("no error")
	}
}

// A child holds the lock of a pipe's far end open: it is gone when reading the
// pipe ends.
func TestProbeEndsTheChildrenToo(t *testing.T) {
	for name, c := range map[string]struct {
		body, want string
		timeout    time.Duration
	}{
		"of a program that hangs":   {"sleep 600 > '%s' & sleep 600", "", time.Second},
		"of a program that answers": {"sleep 600 > '%s' & echo dbt 2.0.1", "2.0.1", patience},
	} {
		t.Run(name, func(t *testing.T) {
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			reader, err := os.OpenFile(pipe, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			in := fake(t, strings.ReplaceAll(c.body, "%s", pipe)+"\n")
			p := &Prober{Env: probeEnv, Timeout: c.timeout}
			got, _ := p.Probe(t.Context(), in)
			if got.Version != c.want {
				t.Errorf("version %q, want %q", got.Version, c.want)
			}
			only, err := os.Open(pipe) // a reader alone sees the end once no writer is left
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(reader.Close(), only.SetReadDeadline(time.Now().Add(patience))); err != nil {
				t.Fatal(err)
			}
			if n, err := only.Read(make([]byte, 1)); n != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("a child of the program still runs")
			}
			_ = only.Close()
		})
	}
}

func TestProbeStartsAProgramOnce(t *testing.T) {
	m := newMachine(t)
	count := m.path("count")
	m.program("bin/dbt", "#!/bin/sh\necho x >> '"+count+"'\necho dbt 2.0.1\n")
	in := inspectAt(t, m.path("bin/dbt"))
	p := &Prober{Env: probeEnv, Timeout: patience}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, err := p.Probe(t.Context(), in); err != nil || got.Version != "2.0.1" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	wg.Wait()
	starts := func() int {
		content, err := os.ReadFile(count)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(content), "x")
	}
	if n := starts(); n != 1 {
		t.Errorf("started %d times, want once", n)
	}
	if err := os.Chtimes(in.Path, time.Time{}, in.ModTime.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Probe(t.Context(), inspectAt(t, in.Path)); err != nil || starts() != 2 {
		t.Errorf("a changed program was started %d times in all, want 2; %v", starts(), err)
	}
}

func TestProbeKeepsFailuresButNotCancellations(t *testing.T) {
	in := fake(t, "echo dbt 2.0.1")
	p := &Prober{Timeout: patience}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Probe(ctx, in); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want a cancellation", err)
	}
	if got, err := p.Probe(t.Context(), in); err != nil || got.Version != "2.0.1" {
		t.Errorf("after a cancellation: %+v, %v", got, err)
	}
	bad := fake(t, "exit 1")
	_, first := p.Probe(t.Context(), bad)
	if _, again := p.Probe(t.Context(), bad); first == nil || again == nil || again.Error() != first.Error() {
		t.Errorf("%v, then %v", first, again)
	}
}

func TestProbeCancelledWhileAProgramRuns(t *testing.T) {
	started := filepath.Join(t.TempDir(), "started")
	if err := syscall.Mkfifo(started, 0o600); err != nil {
		t.Fatal(err)
	}
	in := fake(t, "echo up > '"+started+"'\nsleep 600\n")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = os.ReadFile(started)
		cancel()
	}()
	p := &Prober{Env: probeEnv, Timeout: patience}
	if _, err := p.Probe(ctx, in); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want a cancellation", err)
	}
}

func TestProbeRefuses(t *testing.T) {
	in := fake(t, "echo dbt 2.0.1")
	in.Excluded = true
	if _, err := (&Prober{Timeout: patience}).Probe(t.Context(), in); !errors.Is(err, ErrExcluded) {
		t.Errorf("excluded: %v", err)
	}
	if _, err := (&Prober{Timeout: patience}).Probe(t.Context(), Install{Path: "bin/dbt"}); err == nil {
		t.Error("a relative path was started")
	}
}

func TestProbeAllKeepsTheOrder(t *testing.T) {
	all := []Install{fake(t, "echo dbt 2.0.1"), fake(t, "exit 1"), fake(t, "echo dbt-core 2.0.0-alpha.4")}
	all[1].Version, all[1].Kind = "1.12.6", KindV1
	var got []string
	for _, in := range (&Prober{Timeout: patience}).ProbeAll(t.Context(), all) {
		got = append(got, string(in.Kind)+" "+in.Version)
	}
	if want := "v2 2.0.1, v1 1.12.6, v2-oss 2.0.0-alpha.4"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

// The real engine: its metadata says what it prints.
func TestTheRealEngine(t *testing.T) {
	path := os.Getenv("DBT_V2")
	if path == "" {
		path = filepath.Join(repository(t), ".cache", "dbt-v2", "bin", "dbt")
	}
	in, ok := Inspect(path, probeEnv, nil)
	if !ok {
		t.Fatal("no dbt v2 to ask: run `node scripts/install-engine.mjs`, or let $DBT_V2 name one")
	}
	if in.Kind != KindV2OSS || in.Version != "2.0.0-alpha.4" || in.Package != "dbt-core" {
		t.Errorf("its metadata says %s %s of package %q", in.Kind, in.Version, in.Package)
	}
	probed, err := (&Prober{Env: probeEnv, Timeout: patience}).Probe(t.Context(), in)
	if diff := cmp.Diff(in, probed); err != nil || diff != "" {
		t.Errorf("by metadata and probed, %v:\n%s", err, diff)
	}
}

func repository(t *testing.T) string {
	t.Helper()
	for folder, err := os.Getwd(); err == nil && folder != filepath.Dir(folder); folder = filepath.Dir(folder) {
		if exists(filepath.Join(folder, "go.mod")) {
			return folder
		}
	}
	t.Fatal("no go.mod above this package")
	return ""
}
