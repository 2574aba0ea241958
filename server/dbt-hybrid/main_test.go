package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// program is what the tests run in the place of the test binary.
var program = flag.String("program", "", "test this program, such as the one in the package")

// TestMain lets the test binary be the program, so that the tests see what a
// person sees: output, errors and exit status of a process.
func TestMain(m *testing.M) {
	if os.Getenv("DBT_HYBRID_TEST_MAIN") == "1" {
		main()
	}
	os.Exit(m.Run())
}

// canary stands in every value of these tests. It may be seen nowhere.
const canary = "c4n4ry"

type result struct {
	status         int
	stdout, stderr string
}

// executable is the path of the program.
func executable(t *testing.T) string {
	t.Helper()
	if *program != "" {
		return *program
	}
	self, err := os.Executable()
	must(t, err)
	return self
}

// invocation is a run of the program in a folder, which finds no other program.
func invocation(t *testing.T, dir string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(executable(t), args...)
	cmd.Dir = dir
	cmd.Env = append([]string{"DBT_HYBRID_TEST_MAIN=1", "PATH=/nonexistent", "HOME=" + filepath.Join(dir, "home"), "GOCOVERDIR=" + t.TempDir()}, env...)
	return cmd
}

// dbtHybrid runs the program in a folder, without network and other programs.
func dbtHybrid(t *testing.T, dir string, env []string, args ...string) result {
	t.Helper()
	cmd := invocation(t, dir, env, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r := result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	if !slices.Contains(args, "--reveal") && strings.Contains(r.stdout+r.stderr, canary) {
		t.Errorf("%v shows a value:\n%s%s", args, r.stdout, r.stderr)
	}
	return r
}

func check(t *testing.T, dir string, args ...string) result {
	return dbtHybrid(t, dir, nil, append([]string{"check", "--offline", "--no-probe", "--log-level", "debug"}, args...)...)
}

// project writes a project with a value in every place where one can stand.
func project(t *testing.T) string {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"home/.gitkeep":          "",
		"shop/dbt_project.yml":   "name: shop\nprofile: shop\n",
		"shop/profiles.yml":      "shop:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      path: \"{{ env_var('DBT_PATH') }}\"\n      schema: \"{{ env_var('DBT_SCHEMA') }}\"\n      password: " + canary + "\n      token: {{ env_var('DBT_TOKEN', '" + canary + "') }}\n",
		"shop/.env":              "DBT_PATH=" + canary + "\nDBT_PATH=" + canary + "2\nDBT_BAD=" + canary + " " + canary + "\nDBT_LOST=" + canary + "\n",
		"shop/.env.example":      "DBT_PATH=" + canary + "\nDBT_OTHER=" + canary + "\n",
		"shop/models/a.sql":      "select {{ env_var('DBT_LOST') }}\n",
		"shop/Makefile":          "print:\n\techo $(DBT_OTHER) $(DBT_BAD)\n",
		"fine/dbt_project.yml":   "name: fine\nprofile: fine\n",
		"fine/profiles.yml":      "fine:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.duckdb, schema: main}\n",
		"empty/readme.txt":       "no project\n",
		"healed/dbt_project.yml": "name: healed\nprofile: healed\n",
	} {
		write(t, filepath.Join(dir, name), content)
	}
	return dir
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCheckText(t *testing.T) {
	r := check(t, filepath.Join(project(t), "shop"))
	if r.status != exitFindings {
		t.Errorf("exit status %d\n%s", r.status, r.stderr)
	}
	for _, want := range []string{
		"error[env-parse] ",
		"  --> .env:3:",
		"3 | DBT_BAD=***\n",
		"error[env-lost] dbt stops here: .env defines DBT_LOST",
		"1 | select {{ env_var('DBT_LOST') }}\n",
		"  |                    ^^^^^^^^\n",
		"warning[env-duplicate] dbt keeps the first DBT_PATH (line 1) and ignores this one.",
	} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("no %q in\n%s", want, r.stdout)
		}
	}
	if !regexp.MustCompile(`\nFound \d+ errors, \d+ warnings, \d+ notes? in 1 project \(\d+ files?, \d+\.\d\d s\)\.\n`).MatchString(r.stdout) {
		t.Errorf("no summary in\n%s", r.stdout)
	}
}

func TestCheckJSON(t *testing.T) {
	dir := project(t)
	var out struct {
		Version  int
		Findings []struct {
			Rule, Severity, Message, Project, File string
			Start, End                             struct{ Line, Column int }
			Fixes                                  []struct{ Title string }
		}
		Summary map[string]float64
	}
	r := check(t, dir, "--format", "json")
	if err := json.Unmarshal([]byte(r.stdout), &out); err != nil {
		t.Fatalf("%v in\n%s", err, r.stdout)
	}
	var lost []string
	for _, f := range out.Findings {
		if f.Rule == "env-lost" {
			lost = append(lost, f.Project, f.File, f.Severity)
			if f.Start.Line != 1 || f.Start.Column != 20 || f.End.Column != 28 {
				t.Errorf("env-lost at %v-%v", f.Start, f.End)
			}
		}
	}
	if diff := cmp.Diff([]string{"shop", "shop/models/a.sql", "error"}, lost); diff != "" {
		t.Error(diff)
	}
	if out.Version != 1 || out.Summary["projects"] != 3 || out.Summary["error"] == 0 {
		t.Errorf("version %d, summary %v", out.Version, out.Summary)
	}
	seconds := regexp.MustCompile(`"seconds": [0-9.e-]+`)
	again := check(t, dir, "--format", "json")
	if diff := cmp.Diff(seconds.ReplaceAllString(r.stdout, ""), seconds.ReplaceAllString(again.stdout, "")); diff != "" {
		t.Errorf("the second run differs:\n%s", diff)
	}
}

func TestExitStatus(t *testing.T) {
	dir := project(t)
	for _, test := range []struct {
		name   string
		args   []string
		status int
		stderr string
	}{
		{"findings", []string{"check", "shop"}, exitFindings, ""},
		{"nothing above the limit", []string{"check", "fine"}, exitFine, ""},
		{"never", []string{"check", "--fail-on", "never", "shop"}, exitFine, ""},
		{"only a rule that is quiet", []string{"check", "--select", "mesh", "shop"}, exitFine, ""},
		{"a file", []string{"check", "shop/models/a.sql"}, exitFindings, ""},
		{"a file without findings", []string{"check", "--select", "env-duplicate", "shop/models/a.sql"}, exitFine, ""},
		{"no project", []string{"check", "empty"}, exitFailure, "no dbt project in"},
		{"no such path", []string{"check", "nope"}, exitFailure, "nope: no such file"},
		{"no such working folder", []string{"check", "--working-dir", "nope"}, exitFailure, "nope: no such file"},
		{"status of no such path", []string{"status", "nope"}, exitFailure, "nope: no such file"},
		{"unknown rule", []string{"check", "--select", "nope", "shop"}, exitFailure, `no rule "nope"`},
		{"unknown flag", []string{"check", "--nope"}, exitFailure, "--help"},
		{"status without a project", []string{"status", "empty"}, exitFailure, "no dbt project in"},
		{"explain a rule that is not there", []string{"explain", "nope"}, exitFailure, `no rule "nope"`},
		{"bad log level", []string{"--log-level", "loud", "version"}, exitFailure, "loud"},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := test.args
			if args[0] == "check" || args[0] == "status" {
				args = append(args, "--offline", "--no-probe")
			}
			r := dbtHybrid(t, dir, nil, args...)
			if r.status != test.status || !strings.Contains(r.stderr, test.stderr) {
				t.Errorf("exit status %d, want %d; stderr:\n%s", r.status, test.status, r.stderr)
			}
			if strings.Contains(r.stderr, "goroutine ") {
				t.Error("a stack for a user's mistake")
			}
		})
	}
}

// TestTooManyProjects: whoever names the top of a disk is told at once what to
// name instead.
func TestTooManyProjects(t *testing.T) {
	dir := t.TempDir()
	for i := range maxProjects + 1 {
		write(t, filepath.Join(dir, "disk", strconv.Itoa(i), "dbt_project.yml"), "name: p\n")
	}
	for _, command := range []string{"check", "status"} {
		r := dbtHybrid(t, dir, nil, command, "--offline", "--no-probe", "disk")
		if r.status != exitFailure || r.stdout != "" || !strings.Contains(r.stderr, "disk holds 1001 dbt projects, too many to read at once: name folders that hold no more than 1000 each") {
			t.Errorf("%s: exit status %d, stderr:\n%s", command, r.status, r.stderr)
		}
	}
}

func TestRepositoryScope(t *testing.T) {
	dir := project(t)
	for name, run := range map[string]func() result{
		"--scope repository": func() result { return check(t, dir, "--scope", "repository", "shop") },
		"CI=true": func() result {
			return dbtHybrid(t, dir, []string{"CI=true", "DBT_LOST=" + canary}, "check", "shop")
		},
	} {
		r := run()
		for _, rule := range []string{"env-lost", "env-missing", "env-parse", "engine-none", "local-missing-key"} {
			if strings.Contains(r.stdout, "["+rule+"]") {
				t.Errorf("%s: %s follows from this machine", name, rule)
			}
		}
		if !strings.Contains(r.stdout, "[example-missing-key]") {
			t.Errorf("%s: nothing of the repository in\n%s", name, r.stdout)
		}
	}
}

func TestStatus(t *testing.T) {
	dir := filepath.Join(project(t), "shop")
	args := []string{"status", "--offline", "--no-probe"}
	text := dbtHybrid(t, dir, nil, args...)
	for _, want := range []string{"shop in .\n", "shop (dbt_project.yml:2)", "DBT_LOST", "stops at line 3"} {
		if !strings.Contains(text.stdout, want) {
			t.Errorf("no %q in\n%s", want, text.stdout)
		}
	}
	if revealed := dbtHybrid(t, dir, nil, append(args, "--reveal")...); !strings.Contains(revealed.stdout, canary) {
		t.Errorf("--reveal shows no value:\n%s", revealed.stdout)
	}
	var out struct {
		Projects []struct {
			Root, Name string
			Variables  []struct {
				Name, State string
				Required    bool
				Value       *string
				Calls       []struct {
					File         string
					Line, Column int
					Scope        string
				}
			}
			OK *bool
		}
	}
	r := dbtHybrid(t, dir, nil, append(args, "--format", "json")...)
	if err := json.Unmarshal([]byte(r.stdout), &out); err != nil {
		t.Fatal(err)
	}
	p := out.Projects[0]
	if p.Root != "." || p.Name != "shop" || p.OK == nil || *p.OK {
		t.Errorf("root %q, name %q, ok %v", p.Root, p.Name, p.OK)
	}
	lost := false
	for _, v := range p.Variables {
		if v.Name == "DBT_LOST" {
			lost = true
			if v.State != "lost" || !v.Required || v.Value != nil || len(v.Calls) != 1 || v.Calls[0].File != "models/a.sql" || v.Calls[0].Column != 11 {
				t.Errorf("DBT_LOST: %+v", v)
			}
		}
	}
	if !lost {
		t.Error("DBT_LOST is not among the variables")
	}
}

func TestExplainAndVersion(t *testing.T) {
	dir := t.TempDir()
	if r := dbtHybrid(t, dir, nil, "explain"); r.status != exitFine || !strings.Contains(r.stdout, "env-missing") {
		t.Errorf("explain: %d\n%s", r.status, r.stdout)
	}
	if r := dbtHybrid(t, dir, nil, "explain", "env-parse"); r.status != exitFine || !strings.HasPrefix(r.stdout, "# env-parse") {
		t.Errorf("explain env-parse: %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	var v struct {
		Version, Build string
		Engines        map[string]string
	}
	r := dbtHybrid(t, dir, nil, "version", "--format", "json")
	if err := json.Unmarshal([]byte(r.stdout), &v); err != nil || v.Version == "" || v.Engines["v2"] == "" {
		t.Errorf("version: %v\n%s", err, r.stdout)
	}
}

// TestSaidOnce holds that what is said of many lines of a file is said once, and
// counted as often as it is there.
func TestSaidOnce(t *testing.T) {
	for n, want := range map[int]string{
		2:  "dbt_project.yml:8:7\n",
		4:  "  also on lines 8, 10 and 12\n",
		20: "  also on lines 8, 10, 12, 14, 16, 18, 20, 22, 24, 26 and 9 more\n",
	} {
		files := broken()
		files["dbt_project.yml"] = "name: shop\nprofile: shop\nseeds:\n  shop:\n"
		for i := range n {
			files["dbt_project.yml"] += fmt.Sprintf("    folder%d:\n      +nonsense: 1\n", i)
		}
		r := check(t, writeAll(t, t.TempDir(), files), "--select", "project-schema")
		if !strings.Contains(r.stdout, want) || !strings.Contains(r.stdout, fmt.Sprintf("Found %d errors", n)) {
			t.Errorf("%d times: no %q in\n%s", n, want, r.stdout)
		}
	}
}

// TestOddFiles puts what should be a file of the project into every bad state.
func TestOddFiles(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, dir string){
		".env is a folder":        func(t *testing.T, dir string) { mkdir(t, dir, ".env") },
		".env is a pipe":          func(t *testing.T, dir string) { pipe(t, filepath.Join(dir, ".env")) },
		".env is a circular link": func(t *testing.T, dir string) { must(t, os.Symlink(".env", filepath.Join(dir, ".env"))) },
		"profiles.yml is a folder": func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, "profiles.yml")))
			mkdir(t, dir, "profiles.yml")
		},
		"models lead to themselves": func(t *testing.T, dir string) {
			mkdir(t, dir, "models")
			must(t, os.Symlink("..", filepath.Join(dir, "models", "up")))
		},
		"models is a file": func(t *testing.T, dir string) { write(t, filepath.Join(dir, "models"), "x") },
		"a binary model": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "models", "a.sql"), "env_var\x00\xff\xfe{{ env_var('A\x00') }}")
		},
		"a binary properties file": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "models", "a.yml"), "\xff\xfe{{ env_var('A') }}")
		},
		"100,000 brackets": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "models", "a.sql"), "{{ env_var"+strings.Repeat("(", 100_000))
		},
		"a deep properties file": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "models", "a.yml"), "a: "+strings.Repeat("[", 100_000)+" # env_var")
		},
		"dbt_project.yml is empty":  func(t *testing.T, dir string) { write(t, filepath.Join(dir, "dbt_project.yml"), "") },
		"dbt_project.yml is a list": func(t *testing.T, dir string) { write(t, filepath.Join(dir, "dbt_project.yml"), "- a\n") },
		"an alias bomb":             func(t *testing.T, dir string) { write(t, filepath.Join(dir, "profiles.yml"), bomb()) },
		"the file is a quote":       func(t *testing.T, dir string) { write(t, filepath.Join(dir, ".env"), "'") },
		"a line of a million bytes": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, ".env"), "A="+strings.Repeat("x", 1_000_000)+" y")
		},
		"a package that leads upward": func(t *testing.T, dir string) {
			mkdir(t, dir, "dbt_packages")
			must(t, os.Symlink("../..", filepath.Join(dir, "dbt_packages", "up")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(project(t), "fine")
			spoil(t, dir)
			r := check(t, dir)
			if r.status == exitFailure || strings.Contains(r.stderr, "goroutine ") || !strings.Contains(r.stdout, " in 1 project") {
				t.Errorf("exit status %d\n%s%s", r.status, r.stdout, r.stderr)
			}
		})
	}
}

func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x]\n")
	last := "a0"
	for i := 1; i < 40; i++ {
		name := "b" + strings.Repeat("i", i)
		b.WriteString(name + ": &" + name + " [*" + last + ", *" + last + "]\n")
		last = name
	}
	b.WriteString("fine:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x, schema: main, settings: *" + last + "}\n")
	return b.String()
}

func mkdir(t *testing.T, dir, name string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Join(dir, name), 0o755))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestHomeOfTheSystem: without HOME the home folder is that of the list of users,
// where dbt looks as well.
func TestHomeOfTheSystem(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "dbt_project.yml"), "name: shop\nprofile: nobody_has_this\n")
	r := dbtHybrid(t, dir, []string{"HOME=", "CI="}, "check", "--offline", "--no-probe")
	if !strings.Contains(r.stdout, "nor ~/.dbt/profiles.yml") && !strings.Contains(r.stdout, "~/.dbt/profiles.yml has no") {
		t.Errorf("%s%s", r.stdout, r.stderr)
	}
}
