package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// statusOf runs `status` on a folder of the repository's examples, or on another.
func statusOf(t *testing.T, dir string, args ...string) string {
	t.Helper()
	r := dbtHybrid(t, dir, nil, append([]string{"status", "--offline", "--no-probe"}, args...)...)
	if r.status != exitFine {
		t.Fatalf("exit status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	return r.stdout
}

// TestStatusAtAGlance reads the four concerns of the examples: in this order, each
// with a mark, on one screen, without colour.
func TestStatusAtAGlance(t *testing.T) {
	concerns := regexp.MustCompile(`(?m)^[✓○!✗] credentials  [^\n]*\n(?: .*\n)*[✓○!✗] variables  .*\n(?: .*\n)*[✓○!✗] engine  .*\n(?: .*\n)*[✓○!✗] dbt platform  .*\n(?: .*\n)*(?:Next\n(?: *\d+\. .*\n)+)?(?:No error|\d+ errors?, )`)
	for _, example := range []string{"healthy", "broken/shop", "broken/env-absent", "broken/mesh-unlinked", "broken/profiles-not-found", "broken/link-mixed"} {
		t.Run(example, func(t *testing.T) {
			got := statusOf(t, filepath.Join("../../examples", filepath.FromSlash(example)))
			if !concerns.MatchString(got) || strings.Contains(got, "\x1b") {
				t.Errorf("got\n%s", got)
			}
			if n := strings.Count(got, "\n"); n > 45 {
				t.Errorf("%d lines are no screen:\n%s", n, got)
			}
		})
	}
}

// TestStatusInASubfolder shows the files around it as seen from there; programs get
// them whole.
func TestStatusInASubfolder(t *testing.T) {
	dir := project(t)
	models := filepath.Join(dir, "shop", "models")
	got := statusOf(t, models)
	for _, want := range []string{" in ..\n", " credentials   ../profiles.yml\n", "all but a terminal here read", "(../dbt_project.yml:"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, dir) {
		t.Errorf("a path is not as seen from here:\n%s", got)
	}
	if found := check(t, models).stdout; !strings.Contains(found, "--> ../.env:") || strings.Contains(found, "--> /") {
		t.Errorf("check shows other paths:\n%s", found)
	}
	if whole := statusOf(t, models, "--format", "json"); !strings.Contains(whole, `"root": "`+filepath.ToSlash(filepath.Join(dir, "shop"))) {
		t.Errorf("the paths of programs are others:\n%s", whole)
	}
}

// TestStatusOfManyVariables counts what is fine and names what is not.
func TestStatusOfManyVariables(t *testing.T) {
	dir := t.TempDir()
	var calls, lines strings.Builder
	for i := range 200 {
		fmt.Fprintf(&calls, "select '{{ env_var(\"DBT_N%03d\") }}'\n", i)
		if i != 42 {
			fmt.Fprintf(&lines, "DBT_N%03d=%s\n", i, canary)
		}
	}
	writeAll(t, dir, map[string]string{
		"dbt_project.yml": "name: many\nprofile: many\n",
		"profiles.yml":    "many:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.duckdb, schema: main}\n",
		"models/a.sql":    calls.String(),
		".env":            lines.String(),
	})
	got := statusOf(t, dir)
	for _, want := range []string{"199 variables in .env, 1 missing", "✗ DBT_N042  missing, and every command needs it (models/a.sql:43)\n", "199 more are fine"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n"); n > 45 {
		t.Errorf("%d lines", n)
	}
	if all := statusOf(t, dir, "--all"); !strings.Contains(all, "✓ DBT_N199  set (.env:199)\n") {
		t.Errorf("--all leaves lines out:\n%s", all)
	}
	if revealed := statusOf(t, dir, "--reveal"); !strings.Contains(revealed, "✓ DBT_N199  = "+canary+" (.env:199)\n") {
		t.Error("--reveal leaves values out")
	}
}

// TestNextStepsCanBeTyped: what is wrong with credentials and variables leads to a
// step, and the command lines of ours among the steps do what they say.
func TestNextStepsCanBeTyped(t *testing.T) {
	dir := t.TempDir()
	writeAll(t, dir, map[string]string{
		"dbt_project.yml": "name: shop\nprofile: shop\n",
		"profiles.yml":    "shop:\n  target: dev\n  outputs:\n    dev: {type: snowflake, account: \"{{ env_var('DBT_A') }}\", user: u}\n",
		"models/a.sql":    "select '{{ env_var(\"DBT_B\") }}'\n",
	})
	next := func(want ...string) {
		t.Helper()
		got := statusOf(t, dir)
		_, steps, _ := strings.Cut(got, "\nNext\n")
		for i, step := range want {
			if line := fmt.Sprintf("%d. %s\n", i+1, step); !strings.Contains(steps, line) {
				t.Errorf("no %q in\n%s", line, got)
			}
		}
	}
	next("Read which fields the profile needs: dbt-hybrid explain profile-field-required",
		"Add the missing variables to .env: dbt-hybrid check --fix --unsafe-fixes --select env-missing")
	if r := dbtHybrid(t, dir, nil, "explain", "profile-field-required"); r.status != exitFine || !strings.Contains(r.stdout, "profile-field-required") {
		t.Errorf("exit status %d\n%s", r.status, r.stdout)
	}
	check(t, dir, "--fix", "--unsafe-fixes", "--select", "env-missing")
	if got := readAll(t, dir)[".env"]; got != "# DBT_B=\n# DBT_A=\n" {
		t.Errorf(".env: %q", got)
	}
	next("Read which fields the profile needs: dbt-hybrid explain profile-field-required",
		"Uncomment the missing variables in .env, and write their values (in the editor)")

	write(t, filepath.Join(dir, ".env.example"), "DBT_A=\nDBT_B=\n")
	if err := os.Remove(filepath.Join(dir, ".env")); err != nil {
		t.Fatal(err)
	}
	next("Read which fields the profile needs: dbt-hybrid explain profile-field-required",
		"Create .env from .env.example: dbt-hybrid check --fix --unsafe-fixes --select env-absent")
	check(t, dir, "--fix", "--unsafe-fixes", "--select", "env-absent")
	if got := readAll(t, dir)[".env"]; !strings.Contains(got, "DBT_A=") {
		t.Errorf(".env: %q", got)
	}
	write(t, filepath.Join(dir, ".env"), "DBT_A=a b\nDBT_B=1\n")
	next("Read which fields the profile needs: dbt-hybrid explain profile-field-required", "Read how the line is to be written: dbt-hybrid explain env-parse")

	if err := os.Remove(filepath.Join(dir, "profiles.yml")); err != nil {
		t.Fatal(err)
	}
	next("Read what to do about the problem: dbt-hybrid explain profiles-not-found")
}

// TestStatusOfASuppliedVariable: what direnv gives is no error of .env, as for check.
func TestStatusOfASuppliedVariable(t *testing.T) {
	dir := t.TempDir()
	writeAll(t, dir, map[string]string{
		"dbt_project.yml": "name: shop\nprofile: shop\n", ".envrc": "export DBT_A=" + canary + "\n", ".env": "DBT_C=1\n",
		"profiles.yml": "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.duckdb, schema: main}\n",
		"models/a.sql": "select '{{ env_var(\"DBT_A\") }}', '{{ env_var(\"DBT_B\") }}', '{{ env_var(\"DBT_C\") }}'\n",
	})
	got := statusOf(t, dir)
	for _, want := range []string{"1 variable in .env, 1 missing", "! DBT_A  only in what .envrc starts (models/a.sql:1)\n", "✗ DBT_B  missing, and every command needs it"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestStatusOfAHomeFolder: what lies in the home folder is named in short for
// people, and whole for programs. The step that links the project can be typed.
func TestStatusOfAHomeFolder(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	writeAll(t, dir, map[string]string{"dbt_project.yml": "name: shop\nprofile: shop\n"})
	writeAll(t, home, map[string]string{
		".dbt/profiles.yml": "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.duckdb, schema: main}\n",
		".dbt/dbt_cloud.yml": `version: "1"
context: {active-host: abc.us1.dbt.com, active-project: "12"}
projects:
  - {project-name: shop, project-id: "12", account-name: a, account-id: "34", account-host: abc.us1.dbt.com, token-name: t, token-value: dbtu_` + canary + `}
`,
	})
	run := func(args ...string) string {
		return dbtHybrid(t, dir, []string{"HOME=" + home}, append(args, "--offline", "--no-probe")...).stdout
	}
	got := run("status")
	for _, want := range []string{
		"credentials   ~/.dbt/profiles.yml\n", "(~/.dbt/profiles.yml:2)", "(~/.dbt/dbt_cloud.yml)",
		"Link to the project shop (12): dbt-hybrid check --fix --unsafe-fixes --select link-missing,mesh-unlinked\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if whole := run("status", "--format", "json"); strings.Contains(whole, `"~/`) || !strings.Contains(whole, filepath.ToSlash(filepath.Join(home, ".dbt/profiles.yml"))) {
		t.Errorf("the paths of programs are short:\n%s", whole)
	}
	run("check", "--fix", "--unsafe-fixes", "--select", "link-missing,mesh-unlinked")
	if got := run("status"); !strings.Contains(got, "✓ dbt platform  linked to project 12 (dbt_project.yml:4)\n") {
		t.Errorf("after the step:\n%s", got)
	}
}

// TestStatusSaysWhatGitDoes tells of the work tree what it does with .env.
func TestStatusSaysWhatGitDoes(t *testing.T) {
	dir := filepath.Join(project(t), "healed")
	write(t, filepath.Join(dir, ".env"), "DBT_X=1\n")
	if got := statusOf(t, dir); strings.Contains(got, "git") {
		t.Errorf("outside a work tree:\n%s", got)
	}
	mkdir(t, dir, ".git")
	if got := statusOf(t, dir); !strings.Contains(got, "! git  would take .env\n") {
		t.Errorf("without a .gitignore:\n%s", got)
	}
	write(t, filepath.Join(dir, ".gitignore"), ".env\n")
	if got := statusOf(t, dir); !strings.Contains(got, "✓ git  ignores .env (.gitignore)\n") {
		t.Errorf("with one:\n%s", got)
	}
}

// agreed is the shape of `status --format json`: every name is there, and its
// value is null or of this kind.
const agreed = `{
  "version": 1,
  "projects": [ {
    "root": "", "name": "",
    "env": { "file": "", "found": true, "stopsAt": {"line": 1, "column": 1, "reason": ""}, "variables": 1, "lost": [""] },
    "variables": [ { "name": "", "required": true, "state": "", "source": "", "line": 1, "secret": true, "value": "", "inExample": true,
      "calls": [ {"file": "", "line": 1, "column": 1, "default": true, "conditional": true, "scope": ""} ] } ],
    "dynamicCalls": [ {"file": "", "line": 1, "column": 1, "scope": ""} ],
    "profile": { "file": "", "name": "", "target": "", "adapter": "", "from": {"file": "", "name": "", "target": ""} },
    "engine": { "first": {"path": "", "kind": "", "version": "", "channel": ""}, "all": [ {"path": "", "kind": "", "version": "", "channel": ""} ], "latest": "", "state": "", "update": "" },
    "link": { "linked": true, "projectId": "", "account": "", "host": "", "token": true, "from": {} },
    "deferral": { "on": true, "reasons": [ {"code": "", "message": "", "file": "", "line": 1} ] },
    "mesh": { "projects": [ {"name": "", "used": 1, "artifact": {"state": "", "age": 1}} ] },
    "ok": true } ] }`

// TestStatusJSONHasTheAgreedShape holds every example against it.
func TestStatusJSONHasTheAgreedShape(t *testing.T) {
	var want any
	if err := json.Unmarshal([]byte(agreed), &want); err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir("../../examples/broken")
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"../../examples/healthy"}
	for _, folder := range folders {
		paths = append(paths, filepath.Join("../../examples/broken", folder.Name()))
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var got any
			if err := json.Unmarshal([]byte(statusOf(t, path, "--format", "json")), &got); err != nil {
				t.Fatal(err)
			}
			sameShape(t, "status", want, got)
		})
	}
}

func sameShape(t *testing.T, at string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s is no object", at)
			return
		}
		for key, inner := range want {
			value, there := got[key]
			if !there {
				t.Errorf("%s.%s is left out", at, key)
			} else if value != nil {
				sameShape(t, at+"."+key, inner, value)
			}
		}
	case []any:
		list, ok := got.([]any)
		if !ok {
			t.Errorf("%s is no list", at)
		}
		for _, item := range list {
			sameShape(t, at+"[]", want[0], item)
		}
	default:
		if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
			t.Errorf("%s is a %T, not a %T", at, got, want)
		}
	}
}

// TestStatusListsAreNeverNull reads a project that has nothing.
func TestStatusListsAreNeverNull(t *testing.T) {
	dir := t.TempDir()
	writeAll(t, dir, map[string]string{"dbt_project.yml": "name: bare\n"})
	got := statusOf(t, dir, "--format", "json")
	for _, list := range []string{"variables", "dynamicCalls", "all", "reasons", "projects", "lost"} {
		if strings.Contains(got, `"`+list+`": null`) {
			t.Errorf("%s is null", list)
		}
	}
}
