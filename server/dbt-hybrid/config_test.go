package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// found returns what a check finds, as "severity rule file", without what is
// about the machine.
func found(t *testing.T, dir string, args ...string) []string {
	t.Helper()
	var out struct {
		Findings []struct{ Rule, Severity, File string }
	}
	r := check(t, dir, append([]string{"--format", "json", "--ignore", "engine,env-not-ignored,example"}, args...)...)
	must(t, json.Unmarshal([]byte(r.stdout), &out))
	var all []string
	for _, f := range out.Findings {
		all = append(all, fmt.Sprintf("%s %s %s", f.Severity, f.Rule, f.File))
	}
	return slices.Compact(all)
}

// configured is a project in the folder shop of a repository.
func configured(config map[string]string) map[string]string {
	files := map[string]string{
		"shop/dbt_project.yml":     "name: shop\nprofile: shop\n",
		"shop/profiles.yml":        "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x, schema: main}\n    ci: {type: duckdb, path: \"{{ env_var('DBT_CI') }}\", schema: main}\n",
		"shop/.env":                "DBT_A=1\nDBT_A=1\n",
		"shop/models/a.sql":        "select '{{ env_var('DBT_B') }}'\n",
		"shop/models/legacy/b.sql": "select '{{ env_var('DBT_C') }}'\n",
		"shop/.env.example":        "DBT_B=\nDBT_C=\n# DBT_CI=\n",
		"shop/Makefile":            "print:\n\techo $(DBT_A)\n",
		"env/.env":                 "DBT_B=1\nDBT_C=1\n",
	}
	for name, content := range config {
		files[name] = content
	}
	return files
}

func TestConfig(t *testing.T) {
	const duplicate, b, c, ci = "warning env-duplicate shop/.env", "error env-missing shop/models/a.sql",
		"error env-missing shop/models/legacy/b.sql", "info env-missing shop/profiles.yml"
	for _, test := range []struct {
		name   string
		config map[string]string
		args   []string
		want   []string
	}{
		{"none", nil, nil, []string{duplicate, b, c, ci}},
		{"of the repository", map[string]string{"dbt-hybrid.yml": "rules: {env-duplicate: hint}\nignore: [legacy/, shop/profiles.yml]\n"}, nil,
			[]string{"hint env-duplicate shop/.env", b}},
		{"of the project", map[string]string{"shop/dbt-hybrid.yml": "rules:\n  env-duplicate: off\nignore:\n  - /models/*\n  - '!/models/legacy'\n"}, nil,
			[]string{c, ci}},
		{"the project's wins", map[string]string{
			"dbt-hybrid.yml":      "rules: {env-duplicate: off, env-missing: warning}\nignore: [profiles.yml]\n",
			"shop/dbt-hybrid.yml": "rules: {env-duplicate: error}\n",
		}, nil, []string{"error env-duplicate shop/.env", "warning env-missing shop/models/a.sql", "warning env-missing shop/models/legacy/b.sql"}},
		{"target", map[string]string{"dbt-hybrid.yml": "target: ci\n"}, nil, []string{duplicate, b, c, "error env-missing shop/profiles.yml"}},
		{"a flag wins", map[string]string{"dbt-hybrid.yml": "target: ci\n"}, []string{"--target", "dev"}, []string{duplicate, b, c, ci}},
		{"working folder", map[string]string{"dbt-hybrid.yml": "workingDirectory: env\n"}, []string{"--profiles-dir", "shop"}, []string{ci}},
		{"of the project, from its folder", map[string]string{"shop/dbt-hybrid.yml": "workingDirectory: ../env\n"}, []string{"--profiles-dir", "shop"}, []string{ci}},
		{"a slip has no effect", map[string]string{"shop/dbt-hybrid.yml": "rules: {env-duplicate: of}\nignore: legacy/\n"}, nil,
			[]string{duplicate, "warning config-invalid shop/dbt-hybrid.yml", b, c, ci}},
		{"selected", map[string]string{"dbt-hybrid.yml": "rules: {env-duplicate: off}\n"}, []string{"--select", "env-missing"}, []string{b, c, ci}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := writeAll(t, t.TempDir(), configured(test.config))
			if diff := cmp.Diff(test.want, found(t, dir, test.args...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSuppressedIsNotFixed holds that --fix leaves what a comment or the
// configuration suppresses, and a comment that suppresses something.
func TestSuppressedIsNotFixed(t *testing.T) {
	files := configured(map[string]string{
		"shop/.env":                  "DBT_A=1\n# dbt-hybrid: ignore env-duplicate\nDBT_A=1\n",
		"shop/.env.example":          "# dbt-hybrid: ignore env-duplicate\nDBT_A=\n",
		"shop/models/legacy/b.yml":   "models:\n\t- name: b\n",
		"shop/models/b.yml":          "models:\n\t- name: a\n",
		"shop/dbt-hybrid.yml":        "ignore: [legacy/]\nrules: {example-missing-key: off}\n",
		".gitignore":                 ".env\n",
		"shop/models/suppressed.sql": "{# dbt-hybrid: ignore env-missing #}\nselect '{{ env_var('DBT_Z') }}'\n",
	})
	dir := writeAll(t, t.TempDir(), files)
	check(t, dir, "--fix")
	want := configured(files)
	want["shop/.env.example"] = "DBT_A=\n"
	want["shop/models/b.yml"] = "models:\n  - name: a\n"
	if diff := cmp.Diff(want, readAll(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestFailOnAndConfig holds that a severity of the configuration counts for the
// exit status.
func TestFailOnAndConfig(t *testing.T) {
	for severity, want := range map[string]int{"error": exitFindings, "warning": exitFindings, "info": exitFine, "off": exitFine} {
		dir := writeAll(t, t.TempDir(), configured(map[string]string{
			"dbt-hybrid.yml": "rules: {env-duplicate: " + severity + "}\n", "shop/models/a.sql": "select 1\n", "shop/models/legacy/b.sql": "select 1\n",
		}))
		if r := check(t, dir, "--select", "env-duplicate"); r.status != want {
			t.Errorf("%s: exit status %d, not %d\n%s", severity, r.status, want, r.stdout)
		}
	}
}

// TestConfigSchema holds the schema that editors use against what this program
// takes: the examples of the documentation, and slips.
func TestConfigSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../extension/dbt-hybrid.schema.json")
	must(t, err)
	valid := func(content string) error {
		var value any
		must(t, yaml.Unmarshal([]byte(content), &value))
		encoded, err := json.Marshal(value)
		must(t, err)
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(encoded)))
		must(t, err)
		return schema.Validate(instance)
	}
	page, err := os.ReadFile("../../docs/config.md")
	must(t, err)
	example := regexp.MustCompile("(?s)```yaml\n(# dbt-hybrid.yml\n.*?)```").FindSubmatch(page)
	if example == nil {
		t.Fatal("docs/config.md has no example")
	}
	dir := writeAll(t, t.TempDir(), configured(map[string]string{"shop/dbt-hybrid.yml": string(example[1])}))
	if all := found(t, dir, "--select", "config-invalid"); len(all) > 0 {
		t.Errorf("the example of docs/config.md: %v", all)
	}
	for _, content := range []string{string(example[1]), "rules: {}\n", "ignore: []\ntarget: ci\n"} {
		if err := valid(content); err != nil {
			t.Errorf("%q: %v", content, err)
		}
	}
	for _, content := range []string{"rule: {}\n", "rules: {env-duplicates: 'off'}\n", "rules: {env-empty: warn}\n", "ignore: legacy/\n", "target: [dev]\n"} {
		if valid(content) == nil {
			t.Errorf("%q is valid", content)
		}
		must(t, os.WriteFile(filepath.Join(dir, "shop/dbt-hybrid.yml"), []byte(content), 0o600))
		if all := found(t, dir, "--select", "config-invalid"); len(all) == 0 {
			t.Errorf("%q: nothing is found", content)
		}
	}
}
