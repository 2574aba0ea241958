package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// TestSlips holds what is said of a command line that cannot be read.
func TestSlips(t *testing.T) {
	dir := t.TempDir()
	for line, want := range map[string]string{
		"":                             "expected one of serve, check, status, setup, explain, version, completion",
		"--log-level debug":            "expected one of serve, check, status, setup, explain, version, completion",
		"chek":                         "unknown command chek, did you mean check?",
		"nothing-like-it":              "unknown command nothing-like-it",
		"check --frmat json":           "unknown flag --frmat, did you mean --format?",
		"check --nothing-like-it=json": "unknown flag --nothing-like-it",
		"check --log-levl=info":        "unknown flag --log-levl, did you mean --log-level?",
		"--format json version":        "unknown flag --format",
		"check -x":                     "unknown flag -x",
		"check ---x":                   "bad flag syntax: ---x",
		"check --format xml":           `--format must be one of text, json, sarif, github, not "xml"`,
		"check --format=":              `--format must be one of text, json, sarif, github, not ""`,
		"check --fix=maybe":            `--fix must be true or false, not "maybe"`,
		"check --target":               "--target needs a value",
		"check --target --offline":     "--target needs a value, and --offline looks like a flag",
		"check --unsafe-fixes":         "--unsafe-fixes needs --fix or --diff",
		"--log-level=loud version":     `--log-level must be one of debug, info, warn, error, not "loud"`,
		"version extra":                "unexpected argument extra",
		"status a b":                   "unexpected argument b",
		"setup":                        "expected <what>: one of devcontainer, dev-target, contributing, env-script",
		"setup house":                  `<what> must be one of devcontainer, dev-target, contributing, env-script, not "house"`,
		"completion csh":               `<shell> must be one of bash, zsh, fish, powershell, not "csh"`,
	} {
		r := dbtHybrid(t, dir, nil, strings.Fields(line)...)
		about := "dbt-hybrid"
		if first, _, _ := strings.Cut(line, " "); slices.ContainsFunc(shown(), func(c command) bool { return c.name == first }) {
			about += " " + first
		}
		want = "dbt-hybrid: " + want + "\nTry `" + about + " --help`\n"
		if r.status != exitFailure || r.stdout != "" || r.stderr != want {
			t.Errorf("%q: exit status %d, stdout %q\n%s", line, r.status, r.stdout, cmp.Diff(want, r.stderr))
		}
	}
}

// TestSpellings holds the ways to write the same command line.
func TestSpellings(t *testing.T) {
	dir := writeAll(t, t.TempDir(), configured(nil))
	for _, same := range [][]string{
		{"version --format json", "version --format=json", "--log-level debug version --format json", "--log-level=info version --format=json --log-level error", "version --format text --format json"},
		{"explain env-parse", "explain -- env-parse", "explain env-parse --log-level info", "-- explain env-parse"},
		{
			"check shop --offline --no-probe --format github", "check --offline --no-probe --format=github shop", "check --format github --offline shop --no-probe",
			"check --offline --no-probe --format github -- shop", "check --offline=true --no-probe=yes --fix=no --diff=0 --format github shop",
			"check --offline --no-probe --format github --project-dir shop", "check --offline --no-probe --format github --scope= --target= shop",
			"check --offline --no-probe --format github ~/../shop", "check --offline --no-probe --format github --project-dir=~/../shop",
			"check --offline --no-probe --format github shop shop/../shop",
		},
		{
			"check shop --offline --no-probe --format github --select env-duplicate,env-missing", "check shop --offline --no-probe --format github --select=env-duplicate --select=env-missing",
			"check shop --offline --no-probe --format github --select env-duplicate, --select ,env-missing", "check shop --offline --no-probe --format github --select env --ignore=env-not-ignored",
		},
	} {
		want := dbtHybrid(t, dir, nil, strings.Fields(same[0])...)
		if want.status == exitFailure || want.stdout == "" {
			t.Errorf("%s: exit status %d\n%s", same[0], want.status, want.stderr)
		}
		for _, line := range same[1:] {
			got := dbtHybrid(t, dir, nil, strings.Fields(line)...)
			if got.status != want.status || got.stdout != want.stdout {
				t.Errorf("%s: exit status %d, not %d\n%s%s", line, got.status, want.status, cmp.Diff(want.stdout, got.stdout), got.stderr)
			}
		}
	}
}

// TestArgumentLikeAFlag holds that all is an argument after --.
func TestArgumentLikeAFlag(t *testing.T) {
	dir := writeAll(t, t.TempDir(), configured(nil))
	must(t, os.Rename(filepath.Join(dir, "shop"), filepath.Join(dir, "--shop")))
	if r := dbtHybrid(t, dir, nil, "check", "--offline", "--no-probe", "--", "--shop"); r.status != exitFindings {
		t.Errorf("exit status %d\n%s", r.status, r.stderr)
	}
}

// TestLogFile holds that every command takes the flags of the log, and that a
// log file is written.
func TestLogFile(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{{"version", "--log-file", "a.log"}, {"--log-file=b.log", "explain"}} {
		if r := dbtHybrid(t, dir, nil, args...); r.status != exitFine {
			t.Errorf("%v: exit status %d\n%s", args, r.status, r.stderr)
		}
	}
	for _, name := range []string{"a.log", "b.log"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if r := dbtHybrid(t, dir, nil, "version", "--log-file", "no/such/folder"); r.status != exitFailure || !strings.Contains(r.stderr, "log file: ") {
		t.Errorf("exit status %d\n%s", r.status, r.stderr)
	}
}

// TestHelp holds that help tells all that a command takes, and fits a screen.
func TestHelp(t *testing.T) {
	dir := t.TempDir()
	tree := commandTree()
	root := help(t, dir, "--help")
	for _, c := range tree.commands {
		if !strings.Contains(root, "\n  "+c.name+" ") {
			t.Errorf("no %s in\n%s", c.name, root)
		}
		page := help(t, dir, c.name, "--help")
		for _, want := range append(names(tree.all(c)), strings.TrimSpace("Usage: dbt-hybrid "+c.name+" "+c.usage)+" [flags]\n") {
			if !strings.Contains(page, want) {
				t.Errorf("no %q in\n%s", want, page)
			}
		}
		for _, o := range tree.all(c) {
			for _, word := range o.words {
				if len(o.words) < 10 && !strings.Contains(page, word) {
					t.Errorf("%s does not say that --%s may be %s", c.name, o.name, word)
				}
			}
		}
		for _, args := range [][]string{{c.name, "-h"}, {"--help", c.name}, {"-h", c.name, "--nonsense"}, {c.name, "--log-level=debug", "--help"}} {
			if diff := cmp.Diff(page, help(t, dir, args...)); diff != "" {
				t.Errorf("%v:\n%s", args, diff)
			}
		}
	}
	if strings.Contains(root, "  man ") {
		t.Errorf("the hidden command is in\n%s", root)
	}
}

// help returns what is printed on a screen of 80 columns.
func help(t *testing.T, dir string, args ...string) string {
	t.Helper()
	r := dbtHybrid(t, dir, nil, args...)
	if r.status != exitFine || r.stderr != "" {
		t.Errorf("%v: exit status %d\n%s", args, r.status, r.stderr)
	}
	for line := range strings.Lines(r.stdout) {
		if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > plainWidth {
			t.Errorf("%v: a long line: %s", args, line)
		}
	}
	return r.stdout
}

// TestMistypedRules are asked about.
func TestMistypedRules(t *testing.T) {
	dir := project(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"explain", "env-mising"}, `no rule "env-mising", did you mean env-missing?`},
		{[]string{"check", "--select", "env,profile-mising", "shop"}, `no rule "profile-mising", did you mean profile-missing?`},
		{[]string{"check", "--ignore", "deferr", "shop"}, `no rule "deferr", did you mean defer?`},
		{[]string{"explain", "moonlight"}, "no rule \"moonlight\"; `dbt-hybrid explain` lists them"},
	} {
		if r := dbtHybrid(t, dir, nil, test.args...); r.status != exitFailure || !strings.Contains(r.stderr, test.want) {
			t.Errorf("%v: %d %s", test.args, r.status, r.stderr)
		}
	}
}
