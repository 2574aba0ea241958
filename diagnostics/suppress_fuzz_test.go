package diagnostics_test

import (
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// FuzzIgnore holds that the comment of Ignore can be put into any file that
// knows comments, at any place, and changes nothing but by itself.
func FuzzIgnore(f *testing.F) {
	f.Add("DBT_A=1\n# dbt-hybrid: ignore env-empty, env-lost why\nDBT_A=1\n", 60, uint8(0))
	f.Add("a: |\n  {{ env_var('B') }} {# dbt-hybrid: ignore x #}\n", 10, uint8(1))
	f.Add("{#- dbt-hybrid: ignore -, a,,b #}\n{{ config(\nx) }}", 50, uint8(2))
	names := []string{"/shop/.env", "/shop/models/a.yml", "/shop/models/a.sql", "/shop/Makefile", "/shop/.vscode/tasks.json"}
	f.Fuzz(func(t *testing.T, content string, offset int, kind uint8) {
		file := workspace.NewFile(names[int(kind)%len(names)], []byte(content))
		at := min(max(offset, 0), len(content))
		finding := diagnostics.Finding{Rule: diagnostics.Rules()[0], At: file.At(text.At(at))}
		fix, ok := diagnostics.Ignore(&finding)
		if !ok {
			return
		}
		edit := fix.Edits[0].Edit
		if !edit.Span.Empty() || len(fix.Edits) != 1 {
			t.Fatalf("it takes something away: %+v", edit)
		}
		after, err := text.Apply(file.Content, []text.Edit{edit})
		if err != nil || len(after) != len(content)+len(edit.New) {
			t.Fatalf("%q: %v", after, err)
		}
	})
}
