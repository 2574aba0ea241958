package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
)

type sarifRegion struct{ StartLine, StartColumn, EndLine, EndColumn int }

type sarifPlace struct {
	PhysicalLocation struct {
		ArtifactLocation struct{ URI, URIBaseID string }
		Region           sarifRegion
	}
	Message struct{ Text string }
}

type sarifResult struct {
	RuleID, Level               string
	RuleIndex                   int
	Message                     struct{ Text string }
	Locations, RelatedLocations []sarifPlace
	PartialFingerprints         map[string]string
	Fixes                       []struct {
		Description     struct{ Text string }
		ArtifactChanges []struct {
			ArtifactLocation struct{ URI string }
			Replacements     []struct {
				DeletedRegion   sarifRegion
				InsertedContent struct{ Text string }
			}
		}
	}
}

type sarifRun struct {
	ColumnKind string
	Tool       struct {
		Driver struct {
			Rules []struct {
				ID, HelpURI          string
				Help                 struct{ Text, Markdown string }
				DefaultConfiguration struct{ Level string }
			}
		}
	}
	Results []sarifResult
}

// readSARIF holds a report against the schema of OASIS, and reads it.
func readSARIF(t *testing.T, report string) sarifRun {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("testdata/sarif-schema-2.1.0.json")
	must(t, err)
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(report))
	must(t, err)
	if err := schema.Validate(instance); err != nil {
		t.Errorf("not valid: %v", err)
	}
	var log struct{ Runs []sarifRun }
	must(t, json.Unmarshal([]byte(report), &log))
	if len(log.Runs) != 1 {
		t.Fatalf("%d runs", len(log.Runs))
	}
	return log.Runs[0]
}

// slice returns what a region covers. Columns count UTF-16 code units, a byte
// order mark has none.
func (r sarifRegion) slice(t *testing.T, content string) (from, to int) {
	t.Helper()
	offset := func(line, column int) int {
		at := 0
		for range line - 1 {
			at += strings.IndexByte(content[at:], '\n') + 1
		}
		if strings.HasPrefix(content[at:], "\uFEFF") {
			at += len("\uFEFF")
		}
		for units := column - 1; units > 0; {
			char := []rune(content[at:])[0]
			at += len(string(char))
			units -= utf16.RuneLen(char)
		}
		return at
	}
	return offset(r.StartLine, r.StartColumn), offset(r.EndLine, r.EndColumn)
}

// wide is a project whose lines have characters of one, two and four bytes
// before what is found.
func wide() map[string]string {
	files := broken()
	files["models/b.sql"] = "select 'é🎈{{ env_var('DBT_LOST') }}' as balloon\n"
	files["models/c.yml"] = "\uFEFFmodels: [{name: \"é🎈{{ env_var('DBT_GONE') }}\"}]\n"
	files["models/d.yml"] = "models:\n  - name: d\n    description: \"🎈 {{ env_var('DBT_GONE') }} {{ env_var('DBT_AWAY') }}\"\n"
	return files
}

func TestSARIFPlaces(t *testing.T) {
	files := wide()
	dir := writeAll(t, t.TempDir(), files)
	run := readSARIF(t, check(t, dir, "--format", "sarif").stdout)
	if run.ColumnKind != "utf16CodeUnits" {
		t.Errorf("columns are %s", run.ColumnKind)
	}
	var report struct {
		Findings []struct {
			Rule, Message, File string
			Start, End          struct{ Line, Column int }
		}
	}
	must(t, json.Unmarshal([]byte(check(t, dir, "--format", "json").stdout), &report))
	byteOffset := func(content string, line, column int) int {
		at := 0
		for range line - 1 {
			at += strings.IndexByte(content[at:], '\n') + 1
		}
		return at + column - 1
	}
	var want, got []string
	for _, f := range report.Findings {
		content := files[f.File]
		found := content[byteOffset(content, f.Start.Line, f.Start.Column):byteOffset(content, f.End.Line, f.End.Column)]
		want = append(want, fmt.Sprintf("%s %s %q %s", f.File, f.Rule, strings.TrimPrefix(found, "\uFEFF"), f.Message))
	}
	for _, r := range run.Results {
		place := r.Locations[0].PhysicalLocation
		content := files[place.ArtifactLocation.URI]
		from, to := place.Region.slice(t, content)
		got = append(got, fmt.Sprintf("%s %s %q %s", place.ArtifactLocation.URI, r.RuleID, content[from:to], r.Message.Text))
		if rule := run.Tool.Driver.Rules[r.RuleIndex]; rule.ID != r.RuleID {
			t.Errorf("the rule of a result of %s is %s", r.RuleID, rule.ID)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 10 {
		t.Errorf("(-json +sarif)\n%s", diff)
	}
	if !slices.ContainsFunc(run.Results, func(r sarifResult) bool {
		return r.RuleID == "env-duplicate" && len(r.RelatedLocations) == 1 && r.RelatedLocations[0].PhysicalLocation.Region.StartLine == 1 &&
			r.RelatedLocations[0].Message.Text == "the one that counts"
	}) {
		t.Error("env-duplicate does not tell where the other is")
	}
}

func TestSARIFRules(t *testing.T) {
	run := readSARIF(t, check(t, filepath.Join(project(t), "fine"), "--format", "sarif", "--scope", "repository").stdout)
	if len(run.Results) > 0 {
		t.Errorf("%d results about a healthy project", len(run.Results))
	}
	rules := run.Tool.Driver.Rules
	if len(rules) != len(diagnostics.Rules()) {
		t.Fatalf("%d of %d rules", len(rules), len(diagnostics.Rules()))
	}
	levels := map[diagnostics.Severity]string{diagnostics.Error: "error", diagnostics.Warning: "warning", diagnostics.Info: "note", diagnostics.Hint: "note"}
	relative := regexp.MustCompile(`\]\([^h]`)
	for i, rule := range diagnostics.Rules() {
		r := rules[i]
		if r.ID != rule.Code || r.DefaultConfiguration.Level != levels[rule.Severity] || !strings.HasSuffix(r.HelpURI, "/"+rule.Code+".md") {
			t.Errorf("%s: %s %s %s", rule.Code, r.ID, r.DefaultConfiguration.Level, r.HelpURI)
		}
		if !strings.Contains(r.Help.Markdown, "## What dbt does\n") || relative.MatchString(r.Help.Markdown) || strings.Contains(r.Help.Text, "## ") || !strings.Contains(r.Help.Text, "\nHow to fix\n") {
			t.Errorf("the help of %s:\n%s", rule.Code, r.Help.Markdown)
		}
	}
}

// TestSARIFExamples holds a report about every rule that can be shown against
// the schema.
func TestSARIFExamples(t *testing.T) {
	run := readSARIF(t, check(t, filepath.FromSlash("../../examples"), "--format", "sarif").stdout)
	seen := map[string]bool{}
	for _, r := range run.Results {
		seen[r.RuleID] = true
		if uri := r.Locations[0].PhysicalLocation.ArtifactLocation; !strings.HasPrefix(uri.URI, "examples/") {
			t.Errorf("%s is not relative to the top of the repository", uri.URI)
		}
	}
	if len(seen) < len(diagnostics.Rules())*3/4 {
		t.Errorf("only %d rules are shown", len(seen))
	}
}

func TestSARIFFixes(t *testing.T) {
	files := broken()
	dir := writeAll(t, t.TempDir(), files)
	titles := map[string]int{}
	for _, r := range readSARIF(t, check(t, dir, "--format", "sarif").stdout).Results {
		for _, fix := range r.Fixes {
			titles[fix.Description.Text]++
			changed := maps.Clone(files)
			for _, change := range fix.ArtifactChanges {
				content, shift := changed[change.ArtifactLocation.URI], 0
				for _, e := range change.Replacements {
					from, to := e.DeletedRegion.slice(t, files[change.ArtifactLocation.URI])
					content = content[:from+shift] + e.InsertedContent.Text + content[to+shift:]
					shift += len(e.InsertedContent.Text) - (to - from)
				}
				changed[change.ArtifactLocation.URI] = content
			}
			after := writeAll(t, t.TempDir(), changed)
			for _, left := range readSARIF(t, check(t, after, "--format", "sarif").stdout).Results {
				if cmp.Equal(left.PartialFingerprints, r.PartialFingerprints) {
					t.Errorf("after %q there is still: %s", fix.Description.Text, left.Message.Text)
				}
			}
		}
	}
	// "Quote the value" and "Write = for the colon" would have to write the value.
	for _, want := range []string{"Put quotes around the value", "Remove this line", "Add DBT_LOST to .env.example", "Replace tabs by blanks"} {
		if titles[want] == 0 {
			t.Errorf("no fix %q among %v", want, titles)
		}
	}
	if titles["Quote the value"]+titles["Write = for the colon"] > 0 {
		t.Error("a fix writes a value")
	}
}

func TestSARIFFingerprints(t *testing.T) {
	files := wide()
	prints := func(files map[string]string) []string {
		var all []string
		for _, r := range readSARIF(t, check(t, writeAll(t, t.TempDir(), files), "--format", "sarif").stdout).Results {
			all = append(all, r.RuleID+" "+r.PartialFingerprints["dbtHybrid/v1"])
		}
		slices.Sort(all)
		return all
	}
	before := prints(files)
	if unique := slices.Compact(slices.Clone(before)); len(unique) != len(before) {
		t.Errorf("%d results have %d fingerprints", len(before), len(unique))
	}
	for _, name := range []string{".env", "models/a.sql", "models/d.yml", "dbt_project.yml"} {
		comment := "# a comment\n\n"
		if name == "models/a.sql" {
			comment = "-- a comment\n\n"
		}
		files[name] = comment + files[name]
	}
	if diff := cmp.Diff(before, prints(files)); diff != "" {
		t.Errorf("other fingerprints after lines were added above:\n%s", diff)
	}
	files["models/a.sql"] += "select '{{ env_var('DBT_NEW') }}'\n"
	if after := prints(files); len(after) <= len(before) {
		t.Errorf("%d findings, %d after another one was added", len(before), len(after))
	}
}

func TestGitHub(t *testing.T) {
	dir := writeAll(t, t.TempDir(), map[string]string{
		"100% a,b/dbt_project.yml": "name: shop\nprofile: shop\n",
		"100% a,b/profiles.yml":    broken()["profiles.yml"],
		"100% a,b/models/b.sql":    wide()["models/b.sql"],
		"100% a,b/.env":            "DBT_A=1\nDBT_A=1\n",
	})
	r := check(t, filepath.Join(dir, "100% a,b"), "--format", "github")
	if r.status != exitFindings {
		t.Errorf("exit status %d\n%s", r.status, r.stderr)
	}
	for _, want := range []string{
		"::error file=100%25 a%2Cb/models/b.sql,line=1,endLine=1,col=24,endColumn=32,title=env-missing::100%25 a,b/models/b.sql:1:24: dbt stops here: DBT_LOST ",
		"::warning file=100%25 a%2Cb/.env,line=2,endLine=2,col=1,endColumn=6,title=env-duplicate::100%25 a,b/.env:2:1: ",
		"::notice file=100%25 a%2Cb/",
	} {
		if !strings.Contains("\n"+r.stdout, "\n"+want) {
			t.Errorf("no %q in\n%s", want, r.stdout)
		}
	}
	for line := range strings.Lines(r.stdout) {
		if !regexp.MustCompile(`^::(error|warning|notice) file=[^:]+::[^\r]+\n$`).MatchString(line) {
			t.Errorf("not a command: %q", line)
		}
	}
}

func TestFormatsAreTheSameTwice(t *testing.T) {
	dir := writeAll(t, t.TempDir(), wide())
	for _, format := range []string{"sarif", "github"} {
		first, second := check(t, dir, "--format", format), check(t, dir, "--format", format)
		if !bytes.Equal([]byte(first.stdout), []byte(second.stdout)) || first.stdout == "" {
			t.Errorf("%s differs from one time to the next", format)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "target")); err == nil {
		t.Error("a check leaves a folder")
	}
}

// TestSARIFAddresses holds that addresses are escaped, count from the top of the
// repository, and are whole outside of it.
func TestSARIFAddresses(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	shop := filepath.Join(dir, "re po", "100% a#b")
	mkdir(t, filepath.Join(dir, "re po"), ".git")
	for name, content := range map[string]string{
		"re po/100% a#b/dbt_project.yml":     "name: shop\nprofile: shop\n",
		"re po/100% a#b/models/a?b: [ü].sql": "select '{{ env_var('DBT_A') }}'\n",
		"home/.dbt/profiles.yml":             "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: \"{{ env_var('DBT_B') }}\", schema: main}\n",
	} {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), content)
	}
	r := dbtHybrid(t, shop, []string{"HOME=" + filepath.Join(dir, "home")}, "check", "--offline", "--no-probe", "--select", "env-missing", "--format", "sarif")
	var got []string
	for _, result := range readSARIF(t, r.stdout).Results {
		at := result.Locations[0].PhysicalLocation.ArtifactLocation
		got = append(got, at.URIBaseID+" "+at.URI)
	}
	want := []string{
		" file://" + filepath.ToSlash(dir) + "/home/.dbt/profiles.yml",
		"%SRCROOT% 100%25%20a%23b/models/a%3Fb:%20%5B%C3%BC%5D.sql",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
