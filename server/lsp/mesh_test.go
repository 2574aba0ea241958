package lsp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// meshShop is a project that declares two others, and has a package.
const meshShop = `
-- dbt_project.yml --
name: shop
profile: shop
-- profiles.yml --
shop: {target: dev, outputs: {dev: {type: duckdb}}}
-- dependencies.yml --
projects:
  - name: finance
  - name: sales
-- dbt_packages/util/dbt_project.yml --
name: util
-- models/a.sql --
select * from {{ ref('finance', 'revenue') }}
join {{ ref('finance', 'gone') }} {{ ref('sales', 'x') }}
join {{ ref('util', 'dates') }} {{ ref('revenue') }} {{ ref('nowhere', 'y') }}
-- models/a.yml --
exposures:
  - name: board
    depends_on:
      - ref('finance', 'revenue')
-- target/dbt_cloud_publications/finance.json --
{"project_name": "finance", "public_models": {
 "model.finance.revenue": {"name": "revenue", "relation_name": "\"db\".\"prod\".\"revenue\"", "description": "What we [earn](command:x) ![](http://files.test/x.png)", "deprecation_date": "2027-01-01"},
 "model.finance.ledger.v1": {"name": "ledger", "version": 1, "latest_version": 1}, "model.finance.ledger.v2": {"name": "ledger", "version": 2, "latest_version": 1},
 "model.finance.invoices": {"name": "invoices"}}}
`

// meshSession starts a session in which dbt has fetched finance so long ago.
func meshSession(t *testing.T, capabilities string, ago time.Duration) *session {
	t.Helper()
	s := newSession(t, meshShop+"-- target/dbt_cloud_publications/finance.info --\n"+fmt.Sprint(time.Now().Add(-ago).Unix())+"\n")
	s.start(capabilities, nil)
	return s
}

func TestRefCompletion(t *testing.T) {
	for _, test := range []struct{ name, file, text, labels, take, want string }{
		{"projects", "models/new.sql", "{{ ref('|') }}", "finance sales shop util", "finance", "{{ ref('finance') }}"},
		{"a part of a project", "models/new.sql", "{{ ref( \"fi|x\", 'revenue') }}", "finance sales shop util", "finance", "{{ ref( \"finance\", 'revenue') }}"},
		{"public models", "models/new.sql", "{{ ref('finance', '|') }}", "invoices ledger revenue", "ledger", "{{ ref('finance', 'ledger') }}"},
		{"a part of a model", "models/new.sql", "{{ ref('finance',\n  \"ev|\", v=1) }}", "revenue", "revenue", "{{ ref('finance',\n  \"revenue\", v=1) }}"},
		{"without an end", "models/new.sql", "select 1 from {{ ref('finance','inv|", "invoices", "invoices", "select 1 from {{ ref('finance','invoices"},
		{"a name with ref in it", "models/new.sql", "{{ ref('finance', 'my_ref|", "", "", ""},
		{"a project with ref in its name", "models/new.sql", "{{ ref('pref|', 'x') }}", "finance sales shop util", "finance", "{{ ref('finance', 'x') }}"},
		{"the name of another function", "models/new.sql", "{{ myref('ref|') }}", "", "", ""},
		{"behind another ref", "models/new.sql", "{{ ref('a', 'b') }} {{ ref('finance', '|') }}", "invoices ledger revenue", "", ""},
		{"in YAML", "models/new.yml", "models:\n  - name: m\n    data_tests:\n      - relationships:\n          to: ref('finance', 'r|')\n", "ledger revenue", "", ""},
		{"nothing is fetched of it", "models/new.sql", "{{ ref('sales', '|') }}", "", "", ""},
		{"a project that is not declared", "models/new.sql", "{{ ref('Finance', '|') }}", "", "", ""},
		{"a third argument", "models/new.sql", "{{ ref('finance', 'revenue', '|') }}", "", "", ""},
		{"an argument by name", "models/new.sql", "{{ ref('finance', v='|') }}", "", "", ""},
		{"another function", "models/new.sql", "{{ myref('|') }}", "", "", ""},
		{"no quotes", "models/new.sql", "{{ ref(|) }}", "", "", ""},
		{"behind the quotes", "models/new.sql", "{{ ref('finance'|) }}", "", "", ""},
		{"an environment file", ".env", "# ref('|", "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := meshSession(t, all, 20*time.Minute)
			before, after, _ := strings.Cut(test.text, "|")
			content := before + after
			s.open(test.file, 1, content)
			type item struct {
				Label, Detail string
				TextEdit      textEdit
			}
			var got any
			var list struct{ Items []item }
			lines := strings.Split(before, "\n")
			where := map[string]any{
				"textDocument": map[string]any{"uri": s.uri(test.file)},
				"position":     map[string]int{"line": len(lines) - 1, "character": len(lines[len(lines)-1])},
			}
			s.Call("textDocument/completion", where, &got)
			if _, ok := got.(map[string]any); ok {
				s.Call("textDocument/completion", where, &list)
			}
			var labels []string
			for _, item := range list.Items {
				labels = append(labels, item.Label)
				if item.Label != test.take {
					continue
				}
				l := text.NewLines([]byte(content))
				taken, err := text.Apply([]byte(content), []text.Edit{{New: item.TextEdit.NewText, Span: text.Span{
					Start: l.Decoded(uint32(item.TextEdit.Range.Start.Line), uint32(item.TextEdit.Range.Start.Character), text.UTF8),
					End:   l.Decoded(uint32(item.TextEdit.Range.End.Line), uint32(item.TextEdit.Range.End.Character), text.UTF8),
				}}})
				if err != nil || string(taken) != test.want {
					t.Errorf("taken: %q, %v", taken, err)
				}
				if !strings.Contains(item.Detail, "fetched 20 minutes ago") {
					t.Errorf("the detail does not say how old that is: %q", item.Detail)
				}
			}
			slices.Sort(labels)
			if got := strings.Join(labels, " "); got != test.labels {
				t.Errorf("offered %q, want %q", got, test.labels)
			}
			s.Call("shutdown", nil, nil)
			s.drain()
		})
	}
}

type hoverJSON struct {
	Contents struct{ Kind, Value string }
	Range    textRange
}

func TestRefHover(t *testing.T) {
	for _, test := range []struct {
		name            string
		capabilities    string
		ago             time.Duration
		line, character int
		want            []string // nil for no hover
	}{
		{"a model", all, 20 * time.Minute, 0, 35, []string{
			"**`revenue`**: a public model of finance.", `What we \[earn\]\(command\:x\) \!\[\]\(http\:\/\/files\.test\/x\.png\)`, "Relation `\"db\".\"prod\".\"revenue\"`.",
			"Deprecated from `2027-01-01` on.", "From target/dbt_cloud_publications/finance.json, fetched 20 minutes ago.",
		}},
		{"a model, in plain text", little, 20 * time.Minute, 0, 35, []string{"revenue: a public model of finance.", "What we [earn](command:x)", `Relation "db"."prod"."revenue".`}},
		{"a model that dbt will fetch anew", all, 2 * time.Hour, 0, 35, []string{"a public model of finance", "fetched 2 hours ago, too old for dbt."}},
		{"a model that is not public", all, 20 * time.Minute, 1, 26, []string{"**`gone`**: not a public model of finance.", "From target/dbt_cloud_publications/finance.json, fetched 20 minutes ago."}},
		{"a project", all, 20 * time.Minute, 0, 25, []string{"**`finance`**: a project of dbt platform, 3 public models, fetched 20 minutes ago.", "Declared in dependencies.yml, line 2.", "dbt will fail: not linked to dbt platform."}},
		{"a project of which nothing is fetched", all, 20 * time.Minute, 1, 45, []string{"**`sales`**: a project of dbt platform, of which nothing is fetched yet.", "Declared in dependencies.yml, line 3."}},
		{"a model of which nothing is known", all, 20 * time.Minute, 1, 51, []string{"**`x`**: a model of sales, of which nothing is fetched yet."}},
		{"a package", all, 20 * time.Minute, 2, 15, []string{"**`util`**: an installed package."}},
		{"a model of a package", all, 20 * time.Minute, 2, 22, nil},
		{"an own model", all, 20 * time.Minute, 2, 42, nil},
		{"a name that leads nowhere", all, 20 * time.Minute, 2, 65, nil},
		{"beside a ref", all, 20 * time.Minute, 0, 3, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := meshSession(t, test.capabilities, test.ago)
			var got *hoverJSON
			s.Call("textDocument/hover", map[string]any{
				"textDocument": map[string]any{"uri": s.uri("models/a.sql")},
				"position":     map[string]int{"line": test.line, "character": test.character},
			}, &got)
			switch {
			case got == nil && test.want != nil:
				t.Error("nothing is said")
			case got != nil && test.want == nil:
				t.Errorf("it says %q", got.Contents.Value)
			}
			for _, want := range test.want {
				if got != nil && !strings.Contains(got.Contents.Value, want) {
					t.Errorf("no %q in:\n%s", want, got.Contents.Value)
				}
			}
			s.Call("shutdown", nil, nil)
			s.drain()
		})
	}
}

// TestRefInProperties: a ref without braces is one as well where dbt wants one.
func TestRefInProperties(t *testing.T) {
	s := meshSession(t, all, 20*time.Minute)
	at := func(character int) map[string]any {
		return map[string]any{"textDocument": map[string]any{"uri": s.uri("models/a.yml")}, "position": map[string]int{"line": 3, "character": character}}
	}
	for character, want := range map[int]string{14: "**`finance`**: a project of dbt platform", 26: "**`revenue`**: a public model of finance."} {
		var hover hoverJSON
		s.Call("textDocument/hover", at(character), &hover)
		if !strings.HasPrefix(hover.Contents.Value, want) {
			t.Errorf("the hover at %d is %q", character, hover.Contents.Value)
		}
		var places []struct{ URI string }
		s.Call("textDocument/definition", at(character), &places)
		if len(places) != 1 || !strings.HasSuffix(places[0].URI, "/dependencies.yml") {
			t.Errorf("the definition at %d is %v", character, places)
		}
	}
	s.Call("shutdown", nil, nil)
	s.drain()
}

func TestRefDefinition(t *testing.T) {
	s := meshSession(t, all, time.Minute)
	for _, test := range []struct {
		line, character int
		want            string
	}{
		{0, 25, "dependencies.yml:1:10"}, {0, 35, "dependencies.yml:1:10"}, {1, 45, "dependencies.yml:2:10"}, {2, 15, ""}, {0, 2, ""},
	} {
		var got []struct {
			URI   string
			Range textRange
		}
		s.Call("textDocument/definition", map[string]any{
			"textDocument": map[string]any{"uri": s.uri("models/a.sql")},
			"position":     map[string]int{"line": test.line, "character": test.character},
		}, &got)
		var places []string
		for _, place := range got {
			places = append(places, fmt.Sprintf("%s:%d:%d", place.URI[strings.LastIndexByte(place.URI, '/')+1:], place.Range.Start.Line, place.Range.Start.Character))
		}
		if strings.Join(places, " ") != test.want {
			t.Errorf("%d:%d leads to %q", test.line, test.character, places)
		}
	}
	s.Call("shutdown", nil, nil)
	s.drain()
}

// TestManyPublicModels holds that a list stays short, and goes on as a person
// types.
func TestManyPublicModels(t *testing.T) {
	var models strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&models, `"model.finance.m%04d": {"name": "m%04d"},`, i, i)
	}
	s := newSession(t, meshShop)
	s.write("target/dbt_cloud_publications/finance.json", `{"public_models": {`+strings.TrimSuffix(models.String(), ",")+"}}")
	s.start(all, nil)
	ask := func(version int, content string) (incomplete bool, n int) {
		s.open("models/new.sql", version, content)
		var list struct {
			IsIncomplete bool
			Items        []struct{ Label string }
		}
		s.Call("textDocument/completion", map[string]any{
			"textDocument": map[string]any{"uri": s.uri("models/new.sql")},
			"position":     map[string]int{"line": 0, "character": len(content)},
		}, &list)
		s.close("models/new.sql")
		return list.IsIncomplete, len(list.Items)
	}
	if incomplete, n := ask(1, "{{ ref('finance', '"); !incomplete || n != refLimit {
		t.Errorf("%d models, incomplete %v", n, incomplete)
	}
	if incomplete, n := ask(2, "{{ ref('finance', 'M299"); incomplete || n != 10 {
		t.Errorf("%d models, incomplete %v", n, incomplete)
	}
	s.Call("shutdown", nil, nil)
	s.drain()
}

func TestShortWords(t *testing.T) {
	for words, want := range map[string]string{
		"short":                              "short",
		strings.Repeat("word ", 100) + "end": strings.TrimSpace(strings.Repeat("word ", 60)) + " …",
		strings.Repeat("x", 400):             strings.Repeat("x", 300) + " …",
		strings.Repeat("ä", 400):             strings.Repeat("ä", 150) + " …",
	} {
		if got := shortWords(words); got != want {
			t.Errorf("%q becomes %q", words, got)
		}
	}
}
