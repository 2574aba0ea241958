package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// atTerminal runs the program with a terminal of so many columns as its stdout.
func atTerminal(t *testing.T, dir string, columns uint16, env []string, args ...string) string {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer func() { _ = ours.Close() }()
	must(t, unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	must(t, err)
	theirs, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	must(t, unix.IoctlSetWinsize(int(theirs.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: columns}))
	cmd := invocation(t, dir, env, args...)
	cmd.Stdout = theirs
	must(t, cmd.Start())
	must(t, theirs.Close())
	var out bytes.Buffer
	if _, err := io.Copy(&out, ours); err != nil && !errors.Is(err, unix.EIO) { // EIO: the other end is closed
		t.Fatal(err)
	}
	_ = cmd.Wait() // findings make a status
	if strings.Contains(out.String(), canary) {
		t.Errorf("%v shows a value", args)
	}
	return strings.ReplaceAll(out.String(), "\r\n", "\n")
}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m|\x1b]8;;[^\x1b]*\x1b\\\\")

func TestColoursAndLinks(t *testing.T) {
	dir := filepath.Join(project(t), "shop")
	args := []string{"check", "--offline", "--no-probe", "--select", "env-duplicate"}
	label := "\x1b[1;33mwarning[env-duplicate]\x1b[0m"
	linked := "\x1b[1;33mwarning[\x1b]8;;https://github.com/dbt-hybrid/dbt-hybrid/blob/main/docs/rules/env-duplicate.md\x1b\\env-duplicate\x1b]8;;\x1b\\]\x1b[0m"
	file := "\x1b]8;;file://" + dir + "/.env\x1b\\.env:2:1\x1b]8;;\x1b\\"
	plain := check(t, dir, "--select", "env-duplicate").stdout
	seconds := regexp.MustCompile(`\d+\.\d\d s`)
	for _, test := range []struct {
		name string
		env  []string
		has  []string
		not  []string
	}{
		{"a simple terminal", []string{"TERM=xterm-256color"}, []string{label, " .env:2:1\n"}, []string{"\x1b]8"}},
		{"one with links", []string{"TERM=xterm-256color", "TERM_PROGRAM=WezTerm"}, []string{linked, file}, nil},
		{"GNOME", []string{"TERM=xterm-256color", "VTE_VERSION=6003"}, []string{linked, file}, nil},
		{"an old GNOME", []string{"TERM=xterm-256color", "VTE_VERSION=4602"}, []string{label}, []string{"\x1b]8"}},
		{"VS Code, which finds files itself", []string{"TERM=xterm-256color", "TERM_PROGRAM=vscode"}, []string{linked, " .env:2:1\n"}, []string{file}},
		{"links switched off", []string{"TERM=xterm-kitty", "FORCE_HYPERLINK=0"}, []string{label}, []string{"\x1b]8"}},
		{"NO_COLOR", []string{"TERM=xterm-kitty", "NO_COLOR=1"}, []string{"warning[env-duplicate] "}, []string{"\x1b"}},
		{"a dumb one", []string{"TERM=dumb"}, []string{"warning[env-duplicate] "}, []string{"\x1b"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := atTerminal(t, dir, 80, test.env, args...)
			for _, want := range test.has {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in %q", want, got)
				}
			}
			for _, no := range test.not {
				if strings.Contains(got, no) {
					t.Errorf("%q in %q", no, got)
				}
			}
			if text := escape.ReplaceAllString(got, ""); seconds.ReplaceAllString(text, "") != seconds.ReplaceAllString(plain, "") {
				t.Errorf("without its escapes it is not what a pipe gets:\n%s\n%s", text, plain)
			}
		})
	}
}

// TestFilesDoNotSteerATerminal: what a file holds is shown, not obeyed.
func TestFilesDoNotSteerATerminal(t *testing.T) {
	dir := writeAll(t, t.TempDir(), map[string]string{
		"dbt_project.yml": "name: shop\n\x1bprofile: shop\n", "profiles.yml": "shop: {}\n",
		".env": "A=1\n# \x1b[2J\x1b]0;owned\x07\nA=1\n", ".git/HEAD": "ref: refs/heads/main\n", ".gitignore": "# \x1b[2J\n",
	})
	for _, args := range [][]string{{"check"}, {"check", "--diff"}, {"status", "--all"}} {
		got := atTerminal(t, dir, 80, []string{"TERM=xterm", "NO_COLOR=1"}, append(args, "--offline", "--no-probe")...)
		if i := strings.IndexAny(got, "\x1b\x07"); i >= 0 {
			t.Errorf("%v writes %q", args, got[max(0, i-40):min(len(got), i+20)])
		}
	}
	if r := dbtHybrid(t, dir, nil, "check", "--diff", "--offline", "--no-probe"); !strings.Contains(r.stdout, "\x1b[2J") {
		t.Errorf("a patch has other bytes than the file:\n%q", r.stdout)
	}
}

func TestPageAtATerminal(t *testing.T) {
	got := atTerminal(t, t.TempDir(), 60, []string{"TERM=xterm"}, "explain", "env-missing")
	if !strings.HasPrefix(got, "\x1b[1menv-missing\x1b[0m\n") || !strings.Contains(got, "\x1b[36menv_var()\x1b[0m") {
		t.Errorf("got %q", got)
	}
	for line := range strings.Lines(escape.ReplaceAllString(got, "")) {
		if width := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); width > 60 && !strings.HasPrefix(line, "    ") {
			t.Errorf("%d columns: %q", width, line)
		}
	}
}

func TestPageInAPipeIsMarkdown(t *testing.T) {
	if r := dbtHybrid(t, t.TempDir(), nil, "explain", "env-parse"); !strings.HasPrefix(r.stdout, "# env-parse\n\n**") {
		t.Errorf("got %.60q", r.stdout)
	}
}
