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
	data, err := os.ReadFile(filepath.Join(dbttest.Repository(t), "workspace", "yamlfile", "testdata", "engine.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Text  string
		Bytes []byte
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, row := range rows {
		texts = append(texts, row.Text+string(row.Bytes))
	}
	return texts
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
