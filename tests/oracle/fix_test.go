package oracle_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// place is a scenario on disk, and the model of it.
type place struct {
	root, home string
	workspace  *workspace.Workspace
}

func lay(t *testing.T, s dbttest.Scenario) place {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := place{root: filepath.Join(top, "root"), home: filepath.Join(top, "home")}
	for folder, files := range map[string]map[string]string{at.root: s.Files, at.home: s.Home} {
		for name, content := range files {
			path := filepath.Join(folder, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	machine := &workspace.Machine{Home: at.home, Environ: map[string]secret.Text{}}
	for name, value := range s.Environment() {
		machine.Environ[name] = secret.New(value)
	}
	at.workspace = workspace.New(machine)
	at.workspace.SetFolders([]string{at.root})
	return at
}

func findings(s *workspace.Snapshot) (all []diagnostics.Finding) {
	for _, p := range s.Projects() {
		all = append(all, diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine})...)
	}
	return all
}

// applied returns a scenario after the safe fixes, and the codes of the rules
// that mended something.
func applied(t *testing.T, s dbttest.Scenario) (dbttest.Scenario, map[string]bool) {
	t.Helper()
	s = dbttest.WithProject(s)
	at := lay(t, s)
	result := fix.Run(at.workspace, fix.Options{
		Within: func(path string) bool { return strings.HasPrefix(path, at.root) },
		Find:   findings,
	})
	if len(result.Failures) > 0 {
		t.Fatalf("%v", result.Failures)
	}
	s.Files = maps.Clone(s.Files)
	rules := map[string]bool{}
	for _, c := range result.Changes {
		rel, err := filepath.Rel(at.root, c.Path)
		if err != nil {
			t.Fatal(err)
		}
		s.Files[filepath.ToSlash(rel)] = string(c.After.Content)
		for _, d := range c.Done {
			rules[d.Rule] = true
		}
	}
	return s, rules
}

// TestFixedEnvironment asks the engine which variables it reads before and
// after the safe fixes.
func TestFixedEnvironment(t *testing.T) {
	type values = map[string]string
	tests := []struct {
		name, content, rule string
		before, after       values
	}{
		{"a blank in a value", "A=1\nB=two words\nC=3\n", "env-parse", values{"A": "1"}, values{"A": "1", "B": "two words", "C": "3"}},
		{"a colon", "A: 1\nB=2\n", "env-parse", values{}, values{"A": "1", "B": "2"}},
		{"words of shells", "set A=1\n$env:B = \"2\"\nexport C=3\n", "env-parse", values{}, values{"A": "1", "B": "2", "C": "3"}},
		{"comments of other languages", "A=1\n// a\n; b\n-- c\nB=2\n", "env-parse", values{"A": "1"}, values{"A": "1", "B": "2"}},
		{"a path of Windows", "A=\"C:\\Users\\me\"\nB=2\n", "env-parse", values{}, values{"A": `C:\Users\me`, "B": "2"}},
		{"a quote in a comment", "A=1  # it's\nB=2\n", "env-parse", values{}, values{"A": "1", "B": "2"}},
		{"a quote that swallows", "A=1  # it's\nB=2\nC=3 # don't\nD=4\n", "env-swallowed", values{"A": "1", "D": "4"}, values{"A": "1", "B": "2", "C": "3", "D": "4"}},
		{"CRLF", "A=1\r\nB=two words\r\nC: 3\r\n", "env-parse", values{"A": "1"}, values{"A": "1", "B": "two words", "C": "3"}},
		{"UTF-16", "\xff\xfeA\x00=\x001\x00\n\x00", "env-encoding", values{}, values{"A": "1"}},
		{"defined twice, alike", "A=1\nB=$A\nA=\"1\"\nC=$A\n", "env-duplicate", values{"A": "1", "B": "1", "C": "1"}, values{"A": "1", "B": "1", "C": "1"}},
		{"everything at once", "A=1\nA=1\nB: b\n# c\nset C=c d\r\nD='x'# y\nE=$A\n", "env-parse", values{"A": "1"}, values{"A": "1", "B": "b", "C": "c d", "D": "x", "E": "1"}},
	}
	names := []string{"A", "B", "C", "D", "E"}
	var scenarios []dbttest.Scenario
	for _, test := range tests {
		s := dbttest.Scenario{Name: test.name, Files: map[string]string{".env": test.content}}
		mended, rules := applied(t, s)
		if !rules[test.rule] {
			t.Errorf("%s: %s mends nothing, but %v", test.name, test.rule, rules)
		}
		scenarios = append(scenarios, dbttest.Variables(s, names), dbttest.Variables(dbttest.Scenario{
			Name: test.name, Files: map[string]string{".env": mended.Files[".env"]},
		}, names))
	}
	seen := dbttest.Find(t).Batch(t, scenarios)
	for i, test := range tests {
		before, read := seen[2*i].Variables()
		after, readAfter := seen[2*i+1].Variables()
		if !read || !readAfter {
			t.Errorf("%s: no answer", test.name)
			continue
		}
		if diff := cmp.Diff(test.before, before); diff != "" {
			t.Errorf("%s, before:\n%s", test.name, diff)
		}
		if diff := cmp.Diff(test.after, after); diff != "" {
			t.Errorf("%s, after:\n%s", test.name, diff)
		}
		for name, value := range before {
			if after[name] != value {
				t.Errorf("%s: %s has another value", test.name, name)
			}
		}
	}
}

// TestFixedProjects asks the engine to parse projects before and after the safe
// fixes.
func TestFixedProjects(t *testing.T) {
	schema := func(line string) map[string]string {
		return map[string]string{"profiles.yml": strings.Replace(dbttest.Profiles, "      schema: main\n", line, 1), ".env": "DBT_S=text\n"}
	}
	tests := []struct {
		name, rule    string
		files         map[string]string
		refused       bool
		before, after string // of expression
		expression    string
	}{
		{"one argument", "jinja-unquoted", schema("      schema: {{ env_var('DBT_S') }}\n"), true, "", "text", "target.schema"},
		{"two arguments", "jinja-unquoted", schema("      schema: {{ env_var('DBT_T', 'd') }}  # where\n"), true, "", "d", "target.schema"},
		{"tabs", "yaml-syntax", map[string]string{"profiles.yml": strings.ReplaceAll(strings.Replace(dbttest.Profiles, "main", "text", 1), "  ", "\t")}, true, "", "text", "target.schema"},
		{"tabs in properties", "yaml-syntax", map[string]string{"models/a.sql": "select 1 as x\n", "models/a.yml": "models:\n\t- name: a\n\t  description: text\n"}, true, "", "text", "'text'"},
		{"an empty variable", "env-empty", map[string]string{".env": "DBT_E=\n", "models/a.sql": "select '{{ env_var('DBT_E', 'd') }}' as x\n"}, false, "", "d", "env_var('DBT_E', 'd')"},
	}
	var scenarios []dbttest.Scenario
	for _, test := range tests {
		s := dbttest.Scenario{Name: test.name, Files: test.files}
		mended, rules := applied(t, s)
		if !rules[test.rule] {
			t.Errorf("%s: %s mends nothing, but %v", test.name, test.rule, rules)
		}
		scenarios = append(scenarios, dbttest.Probe(s, test.expression), dbttest.Probe(mended, test.expression))
	}
	seen := dbttest.Find(t).Batch(t, scenarios)
	for i, test := range tests {
		before, after := seen[2*i], seen[2*i+1]
		if refused := before.Exit != 0; refused != test.refused {
			t.Errorf("%s: refused before: %v\n%s", test.name, refused, before.Stdout+before.Stderr)
		}
		if values, ok := before.Probed(); !test.refused && (!ok || fmt.Sprint(values[0]) != test.before) {
			t.Errorf("%s: %v before, want %q", test.name, values, test.before)
		}
		if values, ok := after.Probed(); !ok || fmt.Sprint(values[0]) != test.after || after.Exit != 0 {
			t.Errorf("%s: %v after, want %q\n%s", test.name, values, test.after, after.Stdout+after.Stderr)
		}
	}
}
