package generate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
)

func TestEnvHasTheLinesAskedFor(t *testing.T) {
	for _, shape := range []generate.Shape{generate.Clean, generate.Mixed, generate.Dense} {
		for _, lines := range []int{10, 1000} {
			text := generate.Env(shape, lines, 1)
			if got := strings.Count(text, "\n"); got != lines {
				t.Errorf("%s: %d lines, want %d", shape, got, lines)
			}
			if text != generate.Env(shape, lines, 1) {
				t.Errorf("%s: two runs differ", shape)
			}
			if !strings.Contains(text, generate.Variable(0)+"=") && shape != generate.Mixed {
				t.Errorf("%s: the first variable is not set", shape)
			}
		}
	}
}

func TestProfilesReachTheSize(t *testing.T) {
	if got := len(generate.Profiles(310_000)); got < 310_000 || got > 311_000 {
		t.Errorf("%d bytes", got)
	}
	if got := len(generate.Profiles(0)); got > 700 {
		t.Errorf("the smallest file has %d bytes", got)
	}
}

func TestProjectSetsWhatItReads(t *testing.T) {
	folder := t.TempDir()
	if err := generate.Project(folder, 120, 1); err != nil {
		t.Fatal(err)
	}
	env, err := os.ReadFile(filepath.Join(folder, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	models, err := filepath.Glob(filepath.Join(folder, "models", "*", "*.sql"))
	if err != nil || len(models) != 120 {
		t.Fatalf("%d models, %v", len(models), err)
	}
	calls := 0
	for _, path := range models {
		sql, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, rest, found := strings.Cut(string(sql), `env_var("`); found {
			name, _, _ := strings.Cut(rest, `"`)
			calls++
			if !strings.Contains(string(env), name+"=") {
				t.Errorf("%s reads %s, which .env does not set", path, name)
			}
		}
	}
	if calls != 3 {
		t.Errorf("%d calls in 120 models, want one in fifty", calls)
	}
}
