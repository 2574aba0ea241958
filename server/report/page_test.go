package report_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/server/report"
)

// TestPages shows the pages of all rules in narrow and in wide terminals: no
// Markdown is left, and no line is too long but for code and tables, whose words
// cannot be broken.
func TestPages(t *testing.T) {
	for _, rule := range diagnostics.Rules() {
		page, ok := docs.Rule(rule.Code)
		if !ok {
			t.Errorf("%s has no page", rule.Code)
		}
		for _, width := range []int{50, 80, 100} {
			var out strings.Builder
			if err := report.Page(&out, page, docs.Address(rule.Code), report.Style{Width: width}); err != nil {
				t.Fatal(err)
			}
			got := out.String()
			if !strings.HasPrefix(got, rule.Code+"\n") || !strings.Contains(got, "\nHow to fix\n") {
				t.Errorf("%s has another beginning or end:\n%s", rule.Code, got)
			}
			for line := range strings.Lines(got) {
				line = strings.TrimSuffix(line, "\n")
				if strings.HasPrefix(line, "    ") {
					continue
				}
				if strings.HasPrefix(line, "## ") || strings.Contains(line, "**") || strings.Contains(line, "](") || strings.HasPrefix(line, "|-") {
					t.Errorf("%s: Markdown is left: %q", rule.Code, line)
				}
				if n := utf8.RuneCountInString(line); n > width && strings.Contains(line, " ") && !strings.Contains(line, "  ") {
					t.Errorf("%s: %d columns of %d: %q", rule.Code, n, width, line)
				}
			}
		}
	}
}

func TestPageStyles(t *testing.T) {
	const page = "# a\n\nSee [the other](b.md), `code` and **bold** or [dbt](https://getdbt.com).\n\n| x | y |\n|---|---|\n| `1` | two |\n\n- one\n  more\n- two\n\n```sql\nselect **\n```\n"
	for _, test := range []struct {
		name  string
		style report.Style
		want  string
	}{
		{"plain", report.Style{}, "a\n\nSee the other, `code` and bold or dbt (https://getdbt.com).\n\nx    y\n`1`  two\n\n• one more\n• two\n\n    select **\n"},
		{"narrow", report.Style{Width: 20}, "a\n\nSee the other,\n`code` and bold or\ndbt\n(https://getdbt.com).\n\nx    y\n`1`  two\n\n• one more\n• two\n\n    select **\n"},
		{"colour and links", report.Style{Color: true, Links: true},
			"\x1b[1ma\x1b[0m\n\nSee \x1b]8;;https://web/rules/b.md\x1b\\the\x1b]8;;\x1b\\ \x1b]8;;https://web/rules/b.md\x1b\\other\x1b]8;;\x1b\\, \x1b[36mcode\x1b[0m and \x1b[1mbold\x1b[0m or \x1b]8;;https://getdbt.com\x1b\\dbt\x1b]8;;\x1b\\.\n\n\x1b[1mx\x1b[0m  \x1b[1my\x1b[0m\n\x1b[36m1\x1b[0m  two\n\n• one more\n• two\n\n    select **\n"},
	} {
		var out strings.Builder
		if err := report.Page(&out, page, "https://web/rules/a.md", test.style); err != nil || out.String() != test.want {
			t.Errorf("%s: %v\n%q\n%q", test.name, err, out.String(), test.want)
		}
	}
}
