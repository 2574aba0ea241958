package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// A child in a session of its own is not of the program's group. It may keep
// the output open, and the answer counts all the same.
func TestProbeOfAProgramWhoseChildKeepsTheOutput(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Fatal("this test needs setsid (util-linux)")
	}
	pid := filepath.Join(t.TempDir(), "pid")
	in := fake(t, "setsid sh -c 'echo $$ > "+pid+"; exec sleep 600' &\nwhile [ ! -s "+pid+" ]; do :; done\necho dbt 2.0.1\n")
	got, err := (&Prober{Env: probeEnv, Timeout: patience}).Probe(t.Context(), in)
	if err != nil || got.Version != "2.0.1" {
		t.Errorf("%+v, %v", got, err)
	}
	content, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	_ = syscall.Kill(n, syscall.SIGKILL)
}
