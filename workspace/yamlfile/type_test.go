package yamlfile

import (
	"encoding/json"
	"os"
	"testing"
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
