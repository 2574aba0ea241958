package oracle_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// yamlProfile stands in front of the texts, so that a valid one is a profile.
const yamlProfile = "p:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.duckdb, schema: main}\n"

// TestYAMLAgrees asks the engine whether each text is YAML to it, and our
// parser. The texts are those of the package's own table, and mutations of them.
func TestYAMLAgrees(t *testing.T) {
	engine := dbttest.Find(t)
	texts := yamlTexts(t)
	texts = append(texts, mutations(texts, *seed, *generated)...)
	scenarios := make([]dbttest.Scenario, len(texts))
	for i, text := range texts {
		scenarios[i] = dbttest.WithProject(dbttest.Scenario{Name: text, Files: map[string]string{"profiles.yml": text}})
	}
	refused := 0
	for i, got := range engine.Batch(t, scenarios) {
		says, message := refusesYAML(got)
		f := yamlfile.Parse([]byte(texts[i]))
		if says {
			refused++
		}
		if f.Refused() != says {
			t.Errorf("%q: we say %v %v, dbt %v %s", texts[i], f.Refused(), f.Problems, says, message)
		}
	}
	t.Logf("%d texts, %d of them refused", len(texts), refused)
}

// refusesYAML reports whether dbt could not read profiles.yml as YAML.
func refusesYAML(o dbttest.Observation) (refused bool, message string) {
	for _, d := range o.Diags {
		if d.Level == "error" && (d.Code == "dbt1013" || strings.Contains(d.Text, "valid UTF-8")) {
			return true, d.Text
		}
	}
	return false, ""
}

func yamlTexts(t *testing.T) []string {
	t.Helper()
	var rows []struct {
		Text  string
		Bytes []byte
	}
	readTable(t, "engine.json", &rows)
	var texts []string
	for _, row := range rows {
		texts = append(texts, row.Text+string(row.Bytes))
	}
	return texts
}

// readTable reads a table of the package's own tests.
func readTable(t *testing.T, name string, rows any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dbttest.Repository(t), "workspace", "yamlfile", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, rows); err != nil {
		t.Fatal(err)
	}
}

// TestTypesAgree puts texts through a variable into a text field of
// profiles.yml. The engine's message names the type that it made of each.
func TestTypesAgree(t *testing.T) {
	engine := dbttest.Find(t)
	var rows []struct{ Text string }
	readTable(t, "types.json", &rows)
	scenarios := make([]dbttest.Scenario, len(rows))
	for i, row := range rows {
		scenarios[i] = dbttest.WithProject(dbttest.Scenario{
			Name: row.Text,
			Files: map[string]string{"profiles.yml": "p:\n  target: dev\n  outputs:\n    dev:\n      type: snowflake\n      account: a\n" +
				"      database: d\n      schema: \"{{ env_var('DBT_ENV_SECRET_V') }}\"\n"},
			// The value of a secret is not rendered as Jinja.
			Env: map[string]string{"DBT_ENV_SECRET_V": row.Text},
		})
	}
	for i, got := range engine.Batch(t, scenarios) {
		if want := typeNamed(got); yamlfile.TypeOf(rows[i].Text) != want {
			t.Errorf("%q: we say %v, dbt %v", rows[i].Text, yamlfile.TypeOf(rows[i].Text), want)
		}
	}
}

// typeNamed returns the type that a message about a text field names.
func typeNamed(o dbttest.Observation) yamlfile.Type {
	said := o.Stdout + o.Stderr
	for words, is := range map[string]yamlfile.Type{
		"`schema` is required":         yamlfile.Null,
		"invalid type: boolean":        yamlfile.Bool,
		"invalid type: integer":        yamlfile.Int,
		"invalid type: floating point": yamlfile.Float,
		"invalid type: sequence":       yamlfile.List,
		"invalid type: map":            yamlfile.Map,
		"invalid type: unit value":     yamlfile.Tagged,
	} {
		if strings.Contains(said, words) {
			return is
		}
	}
	return yamlfile.String
}

// mutations are texts with a few characters that mean something to YAML put
// in, taken out or exchanged. The profile in front stays as it is.
func mutations(texts []string, seed uint64, n int) []string {
	const marks = "\n\n\n  \t:-?,[]{}#&*!|>'\"%@a1\\~<"
	texts = slices.DeleteFunc(slices.Clone(texts), func(s string) bool {
		return !strings.HasPrefix(s, yamlProfile) || len(s) > len(yamlProfile)+300
	})
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]string, n)
	for i := range out {
		body := []byte(strings.TrimPrefix(texts[r.IntN(len(texts))], yamlProfile))
		if other := strings.TrimPrefix(texts[r.IntN(len(texts))], yamlProfile); r.IntN(3) == 0 {
			body = append(body, strings.ReplaceAll(other, "x:", "w:")...)
		}
		for range 1 + r.IntN(4) {
			at := r.IntN(len(body) + 1)
			switch mark := marks[r.IntN(len(marks))]; {
			case r.IntN(3) == 0 && at < len(body):
				body = slices.Delete(body, at, at+1)
			case r.IntN(2) == 0 && at < len(body):
				body[at] = mark
			default:
				body = slices.Insert(body, at, mark)
			}
		}
		out[i] = yamlProfile + string(body)
	}
	return out
}
