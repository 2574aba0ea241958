// Package engine_test holds the pages of this folder against a real dbt v2.
// A statement names its scenario in the column "shown by"; the scenarios of a
// page stand in the archive of its name in testdata. The example tables are
// read from the pages themselves.
package engine_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
)

// TestStatements runs the scenarios. The first element of a file's name in an
// archive is the scenario, the rest is one of
//
//	args      arguments of dbt, a line each
//	shell     NAME=value lines of the process environment
//	cwd       the folder that dbt runs in
//	probe     Jinja expressions whose values a model shows, a line each
//	home/PATH a file below the home folder
//	want      what can be seen, a line each:
//	            exit 1              the exit status
//	            missing A B         names that dbt says are missing, in order, each once
//	            says TEXT           a part of what dbt prints
//	            silent              neither an error nor a warning
//	            value "x"           of the next expression of the probe
//	PATH      a file of the project
//
// A file whose name ends in .quoted holds the content as a Go string literal.
func TestStatements(t *testing.T) {
	engine := dbttest.Find(t)
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		name := strings.TrimSuffix(page, ".md")
		if name == "README" || name == "v1" { // tests/oracle holds that one against dbt v1
			continue
		}
		t.Run(name, func(t *testing.T) {
			scenarios := readScenarios(t, filepath.Join("testdata", name+".txtar"))
			named := namedIn(t, page)
			var known []string
			for _, s := range scenarios {
				known = append(known, s.Name)
			}
			slices.Sort(known)
			if diff := cmp.Diff(named, known); diff != "" {
				t.Errorf("scenarios (-named on the page +in the archive):\n%s", diff)
			}
			run := make([]dbttest.Scenario, len(scenarios))
			for i, s := range scenarios {
				run[i] = s.Scenario
			}
			for i, seen := range engine.Batch(t, run) {
				t.Run(scenarios[i].Name, func(t *testing.T) { scenarios[i].compare(t, seen) })
			}
		})
	}
}

type scenario struct {
	dbttest.Scenario
	want string
}

func readScenarios(t *testing.T, path string) []scenario {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []scenario
	var probes [][]string
	for _, file := range archive.Files {
		name, rest, _ := strings.Cut(file.Name, "/")
		if len(all) == 0 || all[len(all)-1].Name != name {
			all = append(all, scenario{Scenario: dbttest.Scenario{
				Name: name, Files: map[string]string{}, Home: map[string]string{}, Env: map[string]string{},
			}})
			probes = append(probes, nil)
		}
		s, data := &all[len(all)-1], string(file.Data)
		if plain, quoted := strings.CutSuffix(rest, ".quoted"); quoted {
			if data, err = strconv.Unquote(strings.TrimSpace(data)); err != nil {
				t.Fatalf("%s: %s: %v", path, file.Name, err)
			}
			rest = plain
		}
		home, inHome := strings.CutPrefix(rest, "home/")
		switch {
		case rest == "args":
			s.Args = strings.Split(strings.TrimSpace(data), "\n")
		case rest == "shell":
			for line := range strings.Lines(data) {
				name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
				s.Env[name] = value
			}
		case rest == "cwd":
			s.Cwd = strings.TrimSpace(data)
		case rest == "probe":
			probes[len(probes)-1] = strings.Split(strings.TrimSpace(data), "\n")
		case rest == "want":
			s.want = data
		case inHome:
			s.Home[home] = data
		default:
			s.Files[rest] = data
		}
	}
	for i := range all {
		all[i].Scenario = dbttest.WithProject(all[i].Scenario)
		if len(probes[i]) > 0 {
			all[i].Scenario = dbttest.Probe(all[i].Scenario, probes[i]...)
		}
	}
	return all
}

// namedIn returns the scenarios that a page names in the last cells of the tables
// "shown by"; names of tests begin with a capital letter.
func namedIn(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	shown := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasSuffix(line, "| shown by |") {
			shown = true
		} else if !strings.HasPrefix(line, "|") {
			shown = false
		}
		if !shown {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for _, name := range codes(cells[len(cells)-1]) {
			if name[0] >= 'a' {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *scenario) compare(t *testing.T, seen dbttest.Observation) {
	t.Helper()
	output := seen.Stdout + seen.Stderr
	values, _ := seen.Probed()
	for line := range strings.Lines(s.want) {
		line = strings.TrimSuffix(line, "\n")
		word, rest, _ := strings.Cut(line, " ")
		holds := false
		switch word {
		case "exit":
			holds = fmt.Sprint(seen.Exit) == rest
		case "missing":
			holds = slices.Equal(once(seen.Missing), strings.Fields(rest))
		case "says":
			holds = strings.Contains(output, rest)
		case "silent":
			holds = len(seen.Diags) == 0
		case "value":
			if len(values) > 0 {
				value, err := json.Marshal(values[0])
				holds, values = err == nil && string(value) == rest, values[1:]
			}
		default:
			t.Errorf("unknown expectation %q", line)
			continue
		}
		if !holds {
			t.Errorf("not so: %s\nexit %d, missing %q, values %v\n%s", line, seen.Exit, seen.Missing, values, output)
		}
	}
	if s.want == "" {
		t.Error("the scenario expects nothing")
	}
}

// once leaves out what was there before.
func once(names []string) []string {
	var seen []string
	for _, name := range names {
		if !slices.Contains(seen, name) {
			seen = append(seen, name)
		}
	}
	return seen
}
