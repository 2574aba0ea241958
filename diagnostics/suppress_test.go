package diagnostics_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// TestIgnore suppresses what every rule finds in its archive where it stands, by
// the comment that the editor offers: the finding is gone, every other one is
// still there, and the comment is used.
func TestIgnore(t *testing.T) {
	offered := map[string]int{}
	for _, rule := range diagnostics.Rules() {
		for _, c := range casesOf(t, rule) {
			if !strings.Contains(c.want, " "+rule.Code+" ") {
				continue
			}
			t.Run(rule.Code+"/"+c.name, func(t *testing.T) {
				c.setUp(t)
				before := c.check(c.workspace.Snapshot())
				for i := range before {
					if fix, ok := diagnostics.Ignore(&before[i]); ok && before[i].Rule == rule {
						offered[filepath.Ext(before[i].At.File.Path)]++
						c.ignore(t, before, &before[i], fix)
					}
				}
			})
		}
	}
	for _, ext := range []string{".yml", ".sql", ".env", ".example", ".json", ".txt"} {
		if offered[ext] == 0 {
			t.Errorf("nothing was suppressed in a file %s: %v", ext, offered)
		}
	}
}

func (c *testCase) ignore(t *testing.T, before []diagnostics.Finding, f *diagnostics.Finding, fix diagnostics.Fix) {
	t.Helper()
	file := f.At.File
	content, err := text.Apply(file.Content, []text.Edit{fix.Edits[0].Edit})
	if err != nil || len(fix.Edits) != 1 || fix.Edits[0].File != file || fix.Preferred || fix.Safe {
		t.Fatalf("%+v: %v", fix, err)
	}
	c.workspace.Assume(file.Path, content, nil)
	after := c.check(c.workspace.Snapshot())
	if name := c.rel(file.Path); c.open[name] != "" {
		c.workspace.SetDocument(file.Path, 1, []byte(c.open[name]))
	} else {
		c.workspace.CloseDocument(file.Path)
	}
	count := func(findings []diagnostics.Finding) map[string]int {
		n := map[string]int{}
		for _, f := range findings {
			n[f.Rule.Code]++
		}
		return n
	}
	was, is := count(before), count(after)
	code := f.Rule.Code
	if is[code] >= was[code] {
		t.Errorf("%s in %s is not suppressed:\n%s", code, c.rel(file.Path), content)
	}
	delete(was, code)
	delete(is, code)
	if diff := cmp.Diff(was, is); diff != "" {
		t.Errorf("the comment on %s in %s changes what else is found:\n%s\n%s", code, c.rel(file.Path), diff, content)
	}
}

func checkOnly(t *testing.T, files map[string]string, o diagnostics.Options) []string {
	t.Helper()
	dir := t.TempDir()
	all := maps.Clone(scaffold)
	maps.Copy(all, files)
	for name, content := range all {
		write(t, filepath.Join(dir, name), content)
	}
	w := workspace.New(&workspace.Machine{Home: t.TempDir()})
	w.SetFolders([]string{dir})
	var found []string
	for _, p := range w.Snapshot().Projects() {
		for _, f := range diagnostics.Check(p, o) {
			found = append(found, p.Rel(f.At.File.Path)+":"+f.At.Position().String()+" "+f.Rule.Code)
		}
	}
	return found
}

func TestSuppression(t *testing.T) {
	machine := diagnostics.Options{Scope: diagnostics.Machine, Ignore: []string{"example"}}
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"the line and the line below", map[string]string{
			"models/a.sql": "{# dbt-hybrid: ignore env-missing #} select {{ env_var('DBT_A') }}\n{#- dbt-hybrid: ignore env-missing -#}\nselect {{ env_var('DBT_B') }}\nselect {{ env_var('DBT_C') }}\n",
		}, []string{"models/a.sql:4:20 env-missing"}},
		{"a trailing comment says nothing of the line below", map[string]string{
			"models/a.sql": "select {{ env_var('DBT_A') }} {# dbt-hybrid: ignore env-missing #}\nselect {{ env_var('DBT_B') }}\n",
		}, []string{"models/a.sql:2:20 env-missing"}},
		{"a tag of several lines", map[string]string{
			"models/a.sql": "{# dbt-hybrid: ignore env-missing #}\n{{ config(\n  schema=env_var('DBT_A'),\n  alias=env_var('DBT_B')) }}\nselect {{ env_var('DBT_C') }}\n",
		}, []string{"models/a.sql:5:20 env-missing"}},
		{"a value of several lines", map[string]string{
			"models/a.yml": "models:\n  - name: a\n    # dbt-hybrid: ignore env-missing\n    description: |\n      one\n      {{ env_var('DBT_A') }}\n    meta: {x: \"{{ env_var('DBT_B') }}\"}\n",
		}, []string{"models/a.yml:7:28 env-missing"}},
		{"Jinja in a value", map[string]string{
			"models/a.yml": "models:\n  - name: a\n    description: |\n      {{ env_var('DBT_A') }} {# dbt-hybrid: ignore env-missing #}\n      {{ env_var('DBT_B') }}\n",
		}, []string{"models/a.yml:5:19 env-missing"}},
		{"other rules speak", map[string]string{
			".env":         "DBT_A=1\n# dbt-hybrid: ignore env-empty, env-duplicate\nDBT_A=two words\n",
			"models/a.sql": "select {{ env_var('DBT_A') }}\n",
		}, []string{".env:2:22 unused-suppression", ".env:2:33 unused-suppression", ".env:3:11 env-parse"}},
		{"CRLF and a byte order mark", map[string]string{
			"models/a.yml": "\uFEFF# dbt-hybrid: ignore env-missing\r\nmodels: [{name: \"{{ env_var('DBT_A') }}\"}]\r\n",
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, checkOnly(t, test.files, machine)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSuppressionOptions holds that a rule that did not look does not make a
// comment useless.
func TestSuppressionOptions(t *testing.T) {
	files := map[string]string{
		"dbt_project.yml": "name: shop # dbt-hybrid: ignore env-missing, project-schema\nprofile: shop\n",
		"models/a.sql":    "{# dbt-hybrid: ignore env-missing #}\nselect {{ env_var('DBT_A') }}\n",
	}
	schema, missing := "dbt_project.yml:1:46 unused-suppression", "dbt_project.yml:1:33 unused-suppression"
	for _, test := range []struct {
		name    string
		options diagnostics.Options
		want    []string
	}{
		{"all", diagnostics.Options{Scope: diagnostics.Machine, Ignore: []string{"example"}}, []string{missing, schema}},
		{"repository", diagnostics.Options{Scope: diagnostics.Repository, Ignore: []string{"example"}}, []string{schema}},
		{"another rule selected", diagnostics.Options{Scope: diagnostics.Machine, Select: []string{"env"}}, nil},
		{"only this rule", diagnostics.Options{Scope: diagnostics.Machine, Select: []string{"unused-suppression"}}, []string{missing, schema}},
		{"the rule left out", diagnostics.Options{Scope: diagnostics.Machine, Ignore: []string{"project", "example"}}, []string{missing}},
		{"switched off", diagnostics.Options{Scope: diagnostics.Machine, Severities: map[string]diagnostics.Severity{"unused-suppression": diagnostics.Off}, Ignore: []string{"example"}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, checkOnly(t, files, test.options)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIgnoreJoinsTheCommentAbove(t *testing.T) {
	c := &testCase{files: map[string]string{".env": "DBT_A=1\n# dbt-hybrid: ignore env-empty why\nDBT_A=1\n"}}
	c.setUp(t)
	found := c.check(c.workspace.Snapshot())
	i := slices.IndexFunc(found, func(f diagnostics.Finding) bool { return f.Rule.Code == "env-duplicate" })
	if i < 0 {
		t.Fatalf("found %s", c.format(found))
	}
	fix, ok := diagnostics.Ignore(&found[i])
	content, err := text.Apply(found[i].At.File.Content, []text.Edit{fix.Edits[0].Edit})
	if !ok || err != nil || !strings.Contains(string(content), "\n# dbt-hybrid: ignore env-empty, env-duplicate why\n") {
		t.Errorf("%s %v", content, err)
	}
}
