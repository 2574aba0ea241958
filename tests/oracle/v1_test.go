package oracle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// answers are what dbt v1 said, by the hash of the scenario and the version.
const answers = "testdata/v1-answers.json"

// An answer is what is kept of a run of dbt v1.
type answer struct {
	Name    string
	Exit    int
	Missing []string `json:",omitempty"`
	Said    []string // the end of the output, without the time
}

// A v1Case is a scenario with what dbt v1 does with it.
type v1Case struct {
	scenario
	want, differs string
}

// TestV1 compares the rules with dbt v1 on a list of scenarios. Its answers are
// kept, since one takes seconds: it is asked only about what it was never asked.
func TestV1(t *testing.T) {
	cases := v1Cases(t)
	known := map[string]answer{}
	if content, err := os.ReadFile(answers); err == nil {
		if err := json.Unmarshal(content, &known); err != nil {
			t.Fatal(err)
		}
	}
	var unasked []v1Case
	for _, c := range cases {
		if _, ok := known[c.hash()]; !ok {
			unasked = append(unasked, c)
		}
	}
	if len(unasked) > 0 {
		ask(t, unasked, known)
	}
	keepAnswers(t, cases, known)
	v1 := &workspace.Engine{Found: true, Installs: []engine.Install{{Kind: engine.KindV1, Version: dbttest.VersionV1}}}
	refused, agreed := 0, 0
	for _, c := range cases {
		got := known[c.hash()]
		for line := range strings.Lines(c.want) {
			got.check(t, c.Name, strings.TrimSuffix(line, "\n"))
		}
		p := predictFor(t, c.scenario, v1)
		if got.Exit != 0 {
			refused++
		}
		agree := (got.Exit != 0) == (len(p.claims) > 0)
		for _, name := range got.Missing {
			agree = agree && slices.Contains(p.missing, name)
		}
		switch {
		case agree && c.differs != "":
			t.Errorf("%s: the rules agree with dbt v1; it needs no exception", c.Name)
		case !agree && c.differs == "":
			t.Errorf("%s: dbt v1 ends with %d and misses %v: %q\nthe rules miss %v:\n%s", c.Name, got.Exit, got.Missing, got.Said, p.missing, p)
		case agree:
			agreed++
		}
	}
	t.Logf("%d scenarios; dbt v1 refuses %d; the rules agree on %d", len(cases), refused, agreed)
}

func (a answer) check(t *testing.T, name, line string) {
	t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	ok := false
	switch word {
	case "exit":
		ok = fmt.Sprint(a.Exit) == rest
	case "missing":
		ok = slices.Contains(a.Missing, rest)
	case "says":
		ok = strings.Contains(strings.Join(a.Said, " "), rest)
	}
	if !ok {
		t.Errorf("%s: want %q, dbt v1 ends with %d: %q", name, line, a.Exit, a.Said)
	}
}

func (c v1Case) hash() string {
	sum := sha256.Sum256(append([]byte(dbttest.VersionV1+"\n"), txtar.Format(archive(c.scenario))...))
	return hex.EncodeToString(sum[:8])
}

func v1Cases(t *testing.T) []v1Case {
	t.Helper()
	all, err := txtar.ParseFile(filepath.Join("testdata", "v1.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]*txtar.Archive{}
	var names []string
	for _, file := range all.Files {
		name, rest, _ := strings.Cut(file.Name, "/")
		if parts[name] == nil {
			parts[name], names = &txtar.Archive{}, append(names, name)
		}
		parts[name].Files = append(parts[name].Files, txtar.File{Name: rest, Data: file.Data})
	}
	var cases []v1Case
	for _, name := range names {
		c := v1Case{scenario: unarchive(name, parts[name])}
		c.Scenario = dbttest.WithProject(c.Scenario)
		for _, file := range []string{"dbt_project.yml", "profiles.yml"} {
			if c.Files[file] == "" {
				delete(c.Files, file)
			}
		}
		for _, file := range parts[name].Files {
			switch file.Name {
			case "want":
				c.want = string(file.Data)
			case "differs":
				c.differs = strings.TrimSpace(string(file.Data))
			}
		}
		cases = append(cases, c)
	}
	return cases
}

// TestV1Page checks that the page about dbt v1 names cases that there are.
func TestV1Page(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(dbttest.Repository(t), "docs", "engine", "v1.md"))
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, c := range v1Cases(t) {
		known = append(known, c.Name)
	}
	rows := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(line, "|\n "), "|")
		if names := strings.TrimSpace(cells[len(cells)-1]); len(cells) == 3 && strings.HasPrefix(names, "`") {
			rows++
			for name := range strings.SplitSeq(names, ", ") {
				if !slices.Contains(known, strings.Trim(name, "`")) {
					t.Errorf("no case %s: %s", name, line)
				}
			}
		}
	}
	if rows < 10 {
		t.Errorf("only %d statements name a case", rows)
	}
}

// ask puts scenarios to dbt v1 and adds its answers.
func ask(t *testing.T, cases []v1Case, known map[string]answer) {
	t.Helper()
	scenarios := make([]dbttest.Scenario, len(cases))
	for i, c := range cases {
		scenarios[i] = c.Scenario
		scenarios[i].Timeout = dbttest.PatienceV1
	}
	for i, seen := range dbttest.FindV1(t).Batch(t, scenarios) {
		if seen.Timeout {
			t.Fatalf("%s: dbt v1 does not end", cases[i].Name)
		}
		known[cases[i].hash()] = answer{Name: cases[i].Name, Exit: seen.Exit, Missing: seen.Missing, Said: lastLines(seen.Stdout + seen.Stderr)}
	}
}

func lastLines(output string) []string {
	var lines []string
	for line := range strings.Lines(output) {
		if len(line) > 10 && line[2] == ':' && line[5] == ':' { // the time
			line = line[8:]
		}
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "Performance info") {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-6):]
}

// keepAnswers writes the answers to the cases that there are, if they changed.
func keepAnswers(t *testing.T, cases []v1Case, known map[string]answer) {
	t.Helper()
	now := map[string]answer{}
	for _, c := range cases {
		now[c.hash()] = known[c.hash()]
	}
	content, err := json.MarshalIndent(now, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	content = append(content, '\n')
	if old, err := os.ReadFile(answers); err == nil && string(old) == string(content) {
		return
	}
	if err := os.WriteFile(answers, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
