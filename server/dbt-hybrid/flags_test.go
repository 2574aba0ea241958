package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFailOn(t *testing.T) {
	dir := writeAll(t, t.TempDir(), configured(nil))
	for _, test := range []struct {
		rule   string // that alone speaks
		failOn string
		want   int
	}{
		{"env-missing", "error", exitFindings},
		{"env-duplicate", "error", exitFine},
		{"env-duplicate", "warning", exitFindings},
		{"env-duplicate", "info", exitFindings},
		{"engine-none", "warning", exitFine},
		{"engine-none", "info", exitFindings},
		{"engine-none", "hint", exitFindings},
		{"env-missing", "never", exitFine},
		{"env-missing", "sometimes", exitFailure},
	} {
		if r := check(t, dir, "--select", test.rule, "--fail-on", test.failOn); r.status != test.want {
			t.Errorf("%s with --fail-on %s: exit status %d, not %d\n%s%s", test.rule, test.failOn, r.status, test.want, r.stdout, r.stderr)
		}
	}
}

func TestSelectAndIgnore(t *testing.T) {
	dir := writeAll(t, t.TempDir(), configured(nil))
	const duplicate, a, b, ci = "warning env-duplicate shop/.env", "error env-missing shop/models/a.sql",
		"error env-missing shop/models/legacy/b.sql", "info env-missing shop/profiles.yml"
	for _, test := range []struct {
		args []string
		want []string
	}{
		{[]string{"--select", "env-duplicate"}, []string{duplicate}},
		{[]string{"--select", "env"}, []string{duplicate, a, b, ci}},
		{[]string{"--select", "env-duplicate,env-missing"}, []string{duplicate, a, b, ci}},
		{[]string{"--select", "env-duplicate", "--select", "env-missing"}, []string{duplicate, a, b, ci}},
		{[]string{"--select", "env", "--ignore", "env-missing"}, []string{duplicate}},
		{[]string{"--ignore", "env"}, nil},
		{[]string{"--select", "yaml"}, nil},
	} {
		if diff := cmp.Diff(test.want, found(t, dir, test.args...)); diff != "" {
			t.Errorf("%v:\n%s", test.args, diff)
		}
	}
}

// TestScope holds the default of --scope, which CI sets, and that a person's
// word wins.
func TestScope(t *testing.T) {
	dir := writeAll(t, t.TempDir(), configured(nil))
	for _, test := range []struct {
		ci   string
		args []string
		want int
	}{
		{"", nil, exitFindings},
		{"true", nil, exitFine},
		{"false", nil, exitFindings},
		{"true", []string{"--scope", "all"}, exitFindings},
		{"", []string{"--scope", "repository"}, exitFine},
		{"", []string{"--scope", "planet"}, exitFailure},
	} {
		args := append([]string{"check", "--offline", "--no-probe", "--select", "env-missing"}, test.args...)
		if r := dbtHybrid(t, dir, []string{"CI=" + test.ci}, args...); r.status != test.want {
			t.Errorf("CI=%s %v: exit status %d, not %d\n%s", test.ci, test.args, r.status, test.want, r.stdout)
		}
	}
}
