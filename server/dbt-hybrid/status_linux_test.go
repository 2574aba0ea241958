package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestStatusAtATerminal sees the status in colour, and without where that is not
// wanted.
func TestStatusAtATerminal(t *testing.T) {
	dir := filepath.Join(project(t), "shop")
	args := []string{"status", "--offline", "--no-probe"}
	plain := dbtHybrid(t, dir, nil, args...).stdout
	coloured := atTerminal(t, dir, 80, []string{"TERM=xterm-256color"}, args...)
	if !strings.Contains(coloured, "\x1b[1mcredentials\x1b[0m") || !strings.Contains(coloured, "\x1b[2m(dbt_project.yml:2)\x1b[0m") {
		t.Errorf("got %q", coloured)
	}
	for name, env := range map[string][]string{"NO_COLOR": {"TERM=xterm-256color", "NO_COLOR=1"}, "a dumb terminal": {"TERM=dumb"}} {
		if got := atTerminal(t, dir, 80, env, args...); strings.Contains(got, "\x1b") || strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(plain), " ") {
			t.Errorf("%s: %q", name, got)
		}
	}
}
