package engine_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// TestEnvExamples runs every line of the examples in env-files.md through the
// engine and through our own parser.
func TestEnvExamples(t *testing.T) {
	type example struct {
		line, file, says string
	}
	var examples []example
	for _, row := range tableBelow(t, "env-files.md", "## Examples") {
		for _, line := range codes(row[0]) {
			line = strings.ReplaceAll(line, "·", " ")
			examples = append(examples, example{line: line, file: line + "\nEND=1\n", says: row[1]})
		}
	}
	names := []string{"K", "END"}
	scenarios := make([]dbttest.Scenario, len(examples))
	for i, e := range examples {
		scenarios[i] = dbttest.Variables(dbttest.Scenario{Name: e.line, Files: map[string]string{".env": e.file}}, names)
	}
	for i, seen := range dbttest.Find(t).Batch(t, scenarios) {
		t.Run(examples[i].line, func(t *testing.T) {
			set, ok := seen.Variables()
			if !ok {
				t.Fatalf("dbt did not come so far:\n%s%s", seen.Stdout, seen.Stderr)
			}
			examineEnv(t, "dbt", examples[i].says, set)
			examineEnv(t, "we", examples[i].says, parsed(examples[i].file, scenarios[i].Environment()))
		})
	}
}

func examineEnv(t *testing.T, who, says string, set map[string]string) {
	t.Helper()
	value, isSet := set["K"]
	_, goesOn := set["END"]
	switch {
	case strings.HasPrefix(says, "stops"):
		if isSet || goesOn {
			t.Errorf("%s: K %v, the next line %v; the page says it stops", who, isSet, goesOn)
		}
	case strings.HasPrefix(says, "nothing"):
		if !isSet || value != "" || !goesOn {
			t.Errorf("%s: K is %q, set %v, the next line %v; the page says nothing, but set", who, value, isSet, goesOn)
		}
	default:
		if want := codes(says)[0]; value != want || !goesOn {
			t.Errorf("%s: K is %q, the next line %v; the page says %q", who, value, goesOn, want)
		}
	}
}

// parsed returns what our parser makes of a file.
func parsed(file string, environment map[string]string) map[string]string {
	set := map[string]string{}
	values := dotenv.Parse([]byte(file)).Values(func(name string) (secret.Text, bool) {
		value, ok := environment[name]
		return secret.New(value), ok
	})
	for _, value := range values.All() {
		if value.Effective() {
			set[value.Name] = value.Text.Reveal()
		}
	}
	return set
}

// TestTypes runs every value of the table on types in profiles.md through the
// engine: a text field names the type of what it refuses.
func TestTypes(t *testing.T) {
	// What the engine says of a value, by the words of the page.
	refusals := map[string]string{
		"a boolean": "invalid type: boolean", "a whole number": "invalid type: integer",
		"a number": "invalid type: floating point", "a list": "invalid type: sequence", "a mapping": "invalid type: map",
	}
	type example struct {
		value, says string
	}
	var examples []example
	var scenarios []dbttest.Scenario
	for _, row := range tableBelow(t, "profiles.md", "## Values change their type") {
		values := codes(row[0])
		if strings.HasPrefix(row[0], "nothing") {
			values = append(values, "", "  ")
		}
		for _, value := range values {
			examples = append(examples, example{value, row[1]})
			scenarios = append(scenarios, dbttest.Probe(dbttest.Scenario{
				Name: value, Env: map[string]string{"V": strings.ReplaceAll(value, "…", "x")},
				Files: map[string]string{"profiles.yml": strings.Replace(dbttest.Profiles, "schema: main", `schema: "{{ env_var('V') }}"`, 1)},
			}, "target.schema"))
		}
	}
	for i, seen := range dbttest.Find(t).Batch(t, scenarios) {
		t.Run(examples[i].value, func(t *testing.T) {
			says, output := examples[i].says, seen.Stdout+seen.Stderr
			kind, _, _ := strings.Cut(says, ":")
			kind, _, _ = strings.Cut(kind, ",")
			switch refusal, refused := refusals[kind]; {
			case refused:
				if !strings.Contains(output, refusal) {
					t.Errorf("the page says %s:\n%s", says, output)
				}
			case kind == "nothing":
				if schema, ok := seen.Probed(); !ok || schema[0] != "main" {
					t.Errorf("the page says the field is absent; the schema is %v\n%s", schema, output)
				}
			case kind == "a text":
				if schema, ok := seen.Probed(); !ok || schema[0] != scenarios[i].Env["V"] {
					t.Errorf("the page says a text, as it stands; the schema is %v\n%s", schema, output)
				}
			default:
				t.Errorf("unknown type %q", says)
			}
		})
	}
}

// tableBelow returns the cells of the first table below a heading, without its
// two head lines.
func tableBelow(t *testing.T, page, heading string) [][]string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, below, found := strings.Cut(string(text), heading+"\n")
	if !found {
		t.Fatalf("%s has no %q", page, heading)
	}
	var rows [][]string
	for line := range strings.Lines(below) {
		inner, isRow := strings.CutPrefix(strings.TrimSpace(line), "| ")
		if isRow || strings.HasPrefix(line, "|") {
			rows = append(rows, strings.Split(strings.TrimSuffix(inner, " |"), " | "))
		} else if len(rows) > 0 {
			break
		}
	}
	if len(rows) < 3 {
		t.Fatalf("%s: no table below %q", page, heading)
	}
	return rows[2:]
}

// codes returns the texts between backticks; a text with a backtick stands
// between two of them.
func codes(cell string) []string {
	var all []string
	for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
		all = append(all, match[1])
	}
	return all
}
