package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What is read without kong is what kong reads.
func TestPlainCheck(t *testing.T) {
	for _, line := range []string{
		"check", "check .", "check a b/../c", "check --no-probe", "check --offline --no-probe /x ~/y", "check a b --offline",
	} {
		args := strings.Fields(line)
		got, ok := plainCheck(args)
		if !ok {
			t.Errorf("%s: left to kong", line)
			continue
		}
		want := &checkOnly{}
		parser, err := newParser(want)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(args); err != nil {
			t.Fatal(err)
		}
		if want.LogLevel != "warn" || want.LogFile != "" {
			t.Errorf("%s: logs at %q to %q", line, want.LogLevel, want.LogFile)
		}
		if diff := cmp.Diff(&want.Check, got, cmp.AllowUnexported(checkCommand{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s:\n%s", line, diff)
		}
	}
	for _, line := range []string{"", "status", "check --fix", "check -h", "check --select=env", "check -- x", "check --format json", "check a --offline b"} {
		if _, ok := plainCheck(strings.Fields(line)); ok {
			t.Errorf("%q is read without kong", line)
		}
	}
}
