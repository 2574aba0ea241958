package yamlfile

import (
	"encoding/json"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// The types are those that dbt-core 2.0.0-alpha.4 gave each text: it stood in a
// variable that a text field of profiles.yml read, and the message named the
// type. tests/oracle asks again.
func TestTypeOfAgreesWithTheEngine(t *testing.T) {
	data, err := os.ReadFile("testdata/types.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Text, Type string }
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if got := TypeOf(row.Text).String(); got != row.Type {
			t.Errorf("%q is %s, dbt says %s", row.Text, got, row.Type)
		}
	}
}

// A word is not parsed; a blank behind it, which YAML drops, makes it be.
func TestTypeOfAWord(t *testing.T) {
	for _, word := range []string{
		"a", "null", "NULL", "nul", "true", "True", "tRUE", "FALSE", "yes", "on", "nan", "inf", "e5", "x_1", "Z9", "o17", "b_", "y", "N",
	} {
		if got, want := TypeOf(word), TypeOf(word+" "); got != want {
			t.Errorf("TypeOf(%q) = %v, but with a blank %v", word, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[A-Za-z][A-Za-z0-9_]{0,8}`).Draw(t, "word")
		if got, want := TypeOf(word), TypeOf(word+" "); got != want {
			t.Fatalf("TypeOf(%q) = %v, but with a blank %v", word, got, want)
		}
	})
}
