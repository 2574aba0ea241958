package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
)

func TestManPage(t *testing.T) {
	tree := commandTree()
	var want bytes.Buffer
	tree.man(&want)
	got, err := os.ReadFile("../../man/dbt-hybrid.1")
	must(t, err)
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("man/dbt-hybrid.1 is stale; run go generate ./... (-want +got):\n%s", diff)
	}
}

// TestCompletionTellsAll holds the scripts of all shells against the commands.
func TestCompletionTellsAll(t *testing.T) {
	tree := commandTree()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		r := dbtHybrid(t, t.TempDir(), nil, "completion", shell)
		if r.status != exitFine || r.stderr != "" {
			t.Errorf("%s: exit status %d\n%s", shell, r.status, r.stderr)
		}
		for _, c := range tree.commands {
			for _, o := range tree.all(c) {
				if !strings.Contains(r.stdout, c.name) || !strings.Contains(r.stdout, o.name) {
					t.Errorf("%s does not complete %s --%s", shell, c.name, o.name)
				}
				for _, word := range o.words {
					if !strings.Contains(r.stdout, word) {
						t.Errorf("%s does not complete %s --%s %s", shell, c.name, o.name, word)
					}
				}
			}
		}
		if strings.Contains(r.stdout, "man") && slices.Contains(tree.names(), "man") {
			t.Errorf("%s completes a hidden command", shell)
		}
	}
	if r := dbtHybrid(t, t.TempDir(), nil, "completion", "csh"); r.status != exitFailure || !strings.Contains(r.stderr, "bash") {
		t.Errorf("exit status %d\n%s", r.status, r.stderr)
	}
}

// TestBashCompletes asks bash, where there is one.
func TestBashCompletes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Log("there is no bash to ask")
		return
	}
	var codes []string
	for _, rule := range diagnostics.Rules() {
		codes = append(codes, rule.Code)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a file"), "")
	mkdir(t, dir, "folder")
	script := dbtHybrid(t, dir, nil, "completion", "bash").stdout
	for _, test := range []struct {
		line string // words as bash splits them, with | between them
		want []string
	}{
		{"", []string{"check", "completion", "explain", "serve", "setup", "status", "version"}},
		{"ch", []string{"check"}},
		{"--lo", []string{"--log-file", "--log-level"}},
		{"--log-level|", []string{"debug", "error", "info", "warn"}},
		{"check|--log-level|w", []string{"warn"}},
		{"check|--f", []string{"--fail-on", "--fix", "--format"}},
		{"check|--format|", []string{"github", "json", "sarif", "text"}},
		{"check|--format|=|s", []string{"sarif"}},
		{"check|--format|=", []string{"github", "json", "sarif", "text"}},
		{"check|--select|env-du", []string{"env-duplicate"}},
		{"check|--ignore|yaml-syntax,env-du", []string{"yaml-syntax,env-duplicate"}},
		{"check|", []string{"a file", "folder"}},
		{"check|--project-dir|", []string{"folder"}},
		{"check|--fix|f", []string{"folder"}},
		{"status|", []string{"folder"}},
		{"setup|", []string{"contributing", "dev-target", "devcontainer", "env-script"}},
		{"setup|dev-", []string{"dev-target"}},
		{"explain|", codes},
		{"completion|z", []string{"zsh"}},
		{"version|--format|j", []string{"json"}},
		{"check|--target|", nil},
	} {
		words := strings.Split("dbt-hybrid|"+test.line, "|")
		cmd := exec.Command(bash, append([]string{
			"--norc", "-c", script + "\nCOMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _dbt_hybrid; printf '%s\\n' \"${COMPREPLY[@]}\"", "bash",
		}, words...)...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%q: %v", test.line, err)
		}
		got := strings.Split(strings.TrimSpace(string(out)), "\n")
		if got[0] == "" {
			got = nil
		}
		slices.Sort(got)
		slices.Sort(test.want)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", test.line, diff)
		}
	}
}
