package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
)

// TestEveryStatementSaysWhatItRestsOn holds the promise of the README: a row of
// a table "shown by" names a scenario, a test, or a source and its date; a section
// with anything else has a line "Rests on:" that names a test or a source.
func TestEveryStatementSaysWhatItRestsOn(t *testing.T) {
	tests := testNames(t)
	for _, page := range statementPages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		known := tests
		if page != "v1.md" { // tests/oracle holds the names of that one
			known = append(slices.Clone(tests), namedIn(t, page)...)
		}
		for _, section := range strings.Split(string(text), "\n## ")[1:] {
			for _, complaint := range unfounded(section, known, page == "v1.md") {
				t.Errorf("%s: %s", page, complaint)
			}
		}
	}
}

func TestUnfounded(t *testing.T) {
	known := []string{"here", "TestHere"}
	for section, want := range map[string]int{
		"Head\n\n| statement | shown by |\n|---|---|\n| a | `here` |\n| b | `here`, `TestHere` |\n| c | source of 2026-08 |\n": 0,
		"Head\n\n| statement | shown by |\n|---|---|\n| a | |\n| b | `gone` |\n| c | `TestGone` |\n| d | source |\n":           4,
		"Head\n\nA statement.\n":                                           1,
		"Head\n\nA statement.\n\nRests on: `TestHere`.\n":                  0,
		"Head\n\n- A statement.\n\nRests on: the source of 2026-08.\n":     0,
		"Head\n\n| a | b |\n|---|---|\n| c | d |\n":                        1,
		"Head\n\nA statement.\n\nRests on: `TestGone`.\n":                  1,
		"Head\n\nA statement.\n\nRests on: what we believe.\n":             1,
		"Head\n\nA statement.\n\nRests on: `TestHere`;\n`TestGone` too.\n": 1,
	} {
		if got := unfounded(section, known, false); len(got) != want {
			t.Errorf("%q: %q", section, got)
		}
	}
}

// unfounded returns what is said in a section without saying why.
func unfounded(section string, known []string, anyName bool) (complaints []string) {
	heading, body, _ := strings.Cut(section, "\n")
	prose, founded := false, false
	for block := range strings.SplitSeq(strings.TrimSpace(body), "\n\n") {
		rests, isMark := strings.CutPrefix(block, "Rests on: ")
		lines := strings.Split(block, "\n")
		switch {
		case block == "":
		case isMark:
			founded = true
			if wrong := wrongMarks(rests, known); wrong != "" {
				complaints = append(complaints, fmt.Sprintf("%s: rests on %s", heading, wrong))
			}
		case strings.HasSuffix(lines[0], "| shown by |"):
			for _, row := range lines[min(2, len(lines)):] {
				cells := strings.Split(strings.Trim(row, "|"), "|")
				if wrong := wrongMarks(cells[len(cells)-1], known); wrong != "" && !(anyName && strings.Contains(cells[len(cells)-1], "`")) {
					complaints = append(complaints, fmt.Sprintf("%s: %s in %s", heading, wrong, row))
				}
			}
		default:
			prose = true
		}
	}
	if prose && !founded {
		complaints = append(complaints, heading+`: no line says what the text rests on ("Rests on:")`)
	}
	return complaints
}

// source finds a kind of source with its date.
var source = regexp.MustCompile(`(source|documentation)( of [^,;.]*)? of 20[0-9][0-9]-[0-9][0-9]`)

// wrongMarks says what is wrong with the names that a statement rests on.
func wrongMarks(text string, known []string) string {
	names := codes(text)
	for _, name := range names {
		if !slices.Contains(known, name) {
			return "there is no " + name
		}
	}
	if len(names) == 0 && !source.MatchString(text) {
		return "neither a test nor a source with its date"
	}
	return ""
}

func statementPages(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("*.md")
	if err != nil || len(pages) < 8 {
		t.Fatalf("the pages are not where this test looks for them: %v", err)
	}
	return slices.DeleteFunc(pages, func(page string) bool { return page == "README.md" })
}

// testNames returns the names of the tests that ask a real engine.
func testNames(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, folder := range []string{".", filepath.Join(dbttest.Repository(t), "tests", "oracle")} {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`).FindAllStringSubmatch(string(content), -1) {
				names = append(names, match[1])
			}
		}
	}
	return names
}

// TestRulePagesLinkHere holds that the page of a rule on what dbt does leads to
// the account of it, and to a heading that there is.
func TestRulePagesLinkHere(t *testing.T) {
	headings := map[string]bool{}
	for _, page := range statementPages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		headings[page] = true
		for _, match := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(text), -1) {
			headings[page+"#"+anchor(match[1])] = true
		}
	}
	link := regexp.MustCompile(`\]\(\.\./engine/([^)]*)\)`)
	for _, rule := range diagnostics.Rules() {
		page, _ := docs.Rule(rule.Code)
		links := link.FindAllStringSubmatch(page, -1)
		if len(links) == 0 && rule.Section != diagnostics.Tool {
			t.Errorf("the page of %s does not lead to docs/engine", rule.Code)
		}
		for _, match := range links {
			if !headings[match[1]] {
				t.Errorf("the page of %s leads to %s, which is not there", rule.Code, match[1])
			}
		}
	}
}

// anchor is the name of a heading in an address: small letters, digits and "_",
// with "-" for blanks.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z':
			return r
		}
		return -1
	}, strings.ToLower(heading))
}
