package report

import (
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// TestWordsInEnvironmentFiles shows that a line without an equal sign, which may
// be a secret that somebody pasted, is shown only as far as it is known not to be.
func TestWordsInEnvironmentFiles(t *testing.T) {
	known := func(name string) bool { return name == "DBT_A" }
	for line, want := range map[string]string{
		"c4n4ry": "***", "  c4n4ry": "  ***", "c4n4ry DBT_A": "***", "DBT_A": "DBT_A", "DBT_A c4n4ry": "DBT_A ***",
		"export DBT_A": "export DBT_A", "export c4n4ry": "export ***", "set DBT_A c4n4ry": "set DBT_A ***",
		"# c4n4ry": "# ***", "#c4n4ry": "***", "": "", " ": " ", "export\tc4n4ry": "export\t***",
		"DBT_A=c4n4ry": "DBT_A=***", "c4n4ry:": "c4n4ry:", "DBT_A: c4n4ry": "DBT_A:***", "DBT_A=": "DBT_A=",
	} {
		file := workspace.NewFile("/shop/.env", []byte(line+"\n"))
		if shown, _ := mask(file, file.Lines().Line(0), line, known); shown != want {
			t.Errorf("%q is shown as %q, want %q", line, shown, want)
		}
	}
}
