package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func name(s string) *string { return &s }

// sample is a project with something of everything in its lines.
func sample() StatusProject {
	return StatusProject{
		Root: "shop", Name: name("shop"), errors: 1, warnings: 2,
		Concerns: []Node{
			{Key: "credentials", Label: "credentials", Value: "shop/profiles.yml", Mark: MarkOK, Children: []Node{
				{Key: "target", Label: "target", Value: "dev", From: &Place{Text: "DBT_TARGET"}},
				{Key: "adapter", Label: "adapter", Value: "snowflake", From: &Place{Text: "shop/profiles.yml:5", Path: "/w/shop/profiles.yml", Line: 5, Column: 1}},
			}},
			{Key: "engine", Label: "engine", Value: "dbt v2 2.0.8, stale", Mark: MarkWarning, Actions: []Action{{Title: "Update dbt", Shell: "pip install --upgrade dbt"}}},
			{Key: "platform", Label: "dbt platform", Value: "not linked", Mark: MarkError, Children: []Node{
				{Key: "reason", Label: "dbt_project.yml has no project id, so that dbt does not know which project of dbt platform this is", From: &Place{Text: "shop/dbt_project.yml:1", Path: "/w/shop/dbt_project.yml", Line: 1, Column: 1}},
				{Key: "off", Label: "state", Value: "off", Mark: MarkOff, Actions: []Action{
					{Title: "Link this project", Command: "dbtHybrid.link"},
					{Title: "Read how to download the file", Open: "https://docs.getdbt.com/x"},
					{Title: "Update dbt", Shell: "pip install --upgrade dbt"},
				}},
			}},
		},
	}
}

func written(t *testing.T, style Style, all bool, projects ...StatusProject) string {
	t.Helper()
	var out strings.Builder
	if err := (&Status{Projects: projects}).Text(&out, style, all); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestStatusText(t *testing.T) {
	const plain = `shop in shop
✓ credentials   shop/profiles.yml
    target   dev (DBT_TARGET)
    adapter  snowflake (shop/profiles.yml:5)
! engine        dbt v2 2.0.8, stale
✗ dbt platform  not linked
    dbt_project.yml has no project id, so that dbt does not know which project of dbt platform this is (shop/dbt_project.yml:1)
  ○ state  off
Next
1. Update dbt: pip install --upgrade dbt
2. Link this project (in the editor)
3. Read how to download the file: https://docs.getdbt.com/x
1 error, 2 warnings; dbt-hybrid check shows them.
`
	const narrow = `shop in shop
✓ credentials   shop/profiles.yml
    target   dev (DBT_TARGET)
    adapter  snowflake
             (shop/profiles.yml:5)
! engine        dbt v2 2.0.8, stale
✗ dbt platform  not linked
    dbt_project.yml has no project id,
    so that dbt does not know which
    project of dbt platform this is
    (shop/dbt_project.yml:1)
  ○ state  off
Next
1. Update dbt: pip install --upgrade dbt
2. Link this project (in the editor)
3. Read how to download the file:
   https://docs.getdbt.com/x
1 error, 2 warnings; dbt-hybrid check shows them.
`
	if diff := cmp.Diff(plain, written(t, Style{}, false, sample())); diff != "" {
		t.Errorf("plain:\n%s", diff)
	}
	if diff := cmp.Diff(narrow, written(t, Style{Width: 40}, false, sample())); diff != "" {
		t.Errorf("narrow:\n%s", diff)
	}
	fine := StatusProject{Root: ".", OK: true, Concerns: []Node{{Key: "engine", Label: "engine", Value: "dbt v2", Mark: MarkOK}}}
	if diff := cmp.Diff(plain+"\n"+written(t, Style{}, false, fine), written(t, Style{}, false, sample(), fine)); diff != "" {
		t.Errorf("two projects:\n%s", diff)
	}
	if got := written(t, Style{}, false, fine); got != "unnamed project in .\n✓ engine  dbt v2\nNo error and no warning.\n" {
		t.Errorf("without findings:\n%s", got)
	}
	if got := written(t, Style{}, false); got != "No dbt project.\n" {
		t.Errorf("without a project: %q", got)
	}
}

// TestStatusTextColours takes the escape sequences away and finds the plain
// text; provenance is dimmed, and leads to its file where the terminal can.
func TestStatusTextColours(t *testing.T) {
	escape := regexp.MustCompile("\x1b\\[[0-9;]*m|\x1b]8;;[^\x1b]*\x1b\\\\")
	for _, width := range []int{0, 30, 100} {
		got := written(t, Style{Color: true, Links: true, Files: true, Width: width}, false, sample())
		if diff := cmp.Diff(written(t, Style{Width: width}, false, sample()), escape.ReplaceAllString(got, "")); diff != "" {
			t.Errorf("width %d:\n%s", width, diff)
		}
	}
	got := written(t, Style{Color: true, Links: true, Files: true}, false, sample())
	for _, want := range []string{
		"dev \x1b[2m(DBT_TARGET)\x1b[0m\n",
		"snowflake \x1b]8;;file:///w/shop/profiles.yml\x1b\\\x1b[2m(shop/profiles.yml:5)\x1b[0m\x1b]8;;\x1b\\\n",
		"\x1b[1;33m!\x1b[0m \x1b[1mengine\x1b[0m        dbt v2 2.0.8, stale\n",
		": \x1b]8;;https://docs.getdbt.com/x\x1b\\\x1b[36mhttps://docs.getdbt.com/x\x1b[0m",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%q", want, got)
		}
	}
}

// many makes variables: so many that lack something, and so many that are fine.
func many(lacking, fine int) []Node {
	var all []Node
	for i := range lacking + fine {
		n := Node{Key: fmt.Sprint(i), Label: fmt.Sprintf("DBT_%03d", i), Value: "set", Mark: MarkOK}
		if i < lacking {
			n.Value, n.Mark = "missing", MarkError
		}
		all = append(all, n)
	}
	return all
}

func TestStatusTextFitsAScreen(t *testing.T) {
	plain := make([]Node, 30)
	for i := range plain {
		plain[i] = Node{Key: fmt.Sprint(i), Label: fmt.Sprintf("/opt/%d/bin/dbt", i), Value: "dbt v2 2.0.8"}
	}
	for _, test := range []struct {
		title    string
		children []Node
		has, not []string
	}{
		{"200 that are fine", many(0, 200), []string{"  ✓ 200 are fine\n"}, []string{"DBT_000"}},
		{"as many as fit", many(0, 8), []string{"  ✓ DBT_007  set\n"}, []string{"fine"}},
		{"three among 200 that lack something", many(3, 197), []string{"  ✗ DBT_000  missing\n", "  ✗ DBT_002  missing\n", "  ✓ 197 more are fine\n"}, []string{"DBT_003"}},
		{"one that is left over", many(8, 1), []string{"  ✗ DBT_007  missing\n", "  ✓ 1 more is fine\n"}, nil},
		{"200 that lack something", many(200, 5), []string{"  ✗ DBT_011  missing\n  ✗ 188 more like these\n  ✓ 5 more are fine\n"}, []string{"DBT_012"}},
		{"30 plain values", plain, []string{"/opt/0/bin/dbt", "    22 more\n"}, []string{"/opt/8/bin/dbt"}},
	} {
		t.Run(test.title, func(t *testing.T) {
			p := StatusProject{Root: ".", Concerns: []Node{{Key: "variables", Label: "variables", Value: "many", Mark: MarkOK, Children: test.children}}}
			got := written(t, Style{}, false, p)
			for _, want := range test.has {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
			for _, not := range test.not {
				if strings.Contains(got, not) {
					t.Errorf("%q in\n%s", not, got)
				}
			}
			if n := strings.Count(written(t, Style{}, true, p), "\n"); n != len(test.children)+3 {
				t.Errorf("all: %d lines", n)
			}
		})
	}
}

// TestStatusTextOfMuch folds more where every concern has much to say.
func TestStatusTextOfMuch(t *testing.T) {
	p := StatusProject{Root: "."}
	for _, key := range []string{"credentials", "variables", "engine", "platform"} {
		p.Concerns = append(p.Concerns, Node{Key: key, Label: key, Mark: MarkOK, Children: many(2, 6)})
	}
	got := written(t, Style{}, false, p)
	if n := strings.Count(got, "\n"); n > screen+2 {
		t.Errorf("%d lines:\n%s", n, got)
	}
	if strings.Count(got, "missing") != 8 {
		t.Errorf("not all that lack something are shown:\n%s", got)
	}
}

func TestStatusTextKeepsTheWidth(t *testing.T) {
	for width := 20; width < 120; width += 7 {
		for _, line := range strings.Split(written(t, Style{Width: width}, false, sample()), "\n") {
			if utf8.RuneCountInString(line) > width && !strings.Contains(line, "https://") && !strings.Contains(line, "pip install") && !strings.Contains(line, "dbt-hybrid check") && len(strings.Fields(line)) > 3 {
				t.Errorf("width %d: %q", width, line)
			}
		}
	}
}
