//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// computer is a home folder, programs, and a repository with a project in a
// folder of it.
type computer struct {
	t   *testing.T
	dir string
}

func newComputer(t *testing.T) computer {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := computer{t, dir}
	write(t, c.path("repo/.git/HEAD"), "ref: refs/heads/main\n")
	write(t, c.path("repo/transform/dbt_project.yml"), "name: shop\nprofile: shop\n")
	write(t, c.path("home/.keep"), "")
	return c
}

func (c computer) path(p string) string { return filepath.Join(c.dir, filepath.FromSlash(p)) }

// program puts a program that prints an answer, and notes that it was started.
func (c computer) program(at, answer string) string {
	c.t.Helper()
	body := "#!/bin/sh\necho '" + at + "' >> '" + c.path("started") + "'\ncat <<'END'\n" + answer + "\nEND\n"
	write(c.t, c.path(at), body)
	if err := os.Chmod(c.path(at), 0o755); err != nil {
		c.t.Fatal(err)
	}
	return body
}

// environment puts a dbt into a virtual environment as pip does.
func (c computer) environment(prefix, pkg, version, answer string) {
	c.t.Helper()
	body := c.program(prefix+"/bin/dbt", answer)
	info := prefix + "/lib/python3.12/site-packages/" + pkg + "-" + version + ".dist-info/"
	write(c.t, c.path(prefix+"/pyvenv.cfg"), "")
	write(c.t, c.path(info+"INSTALLER"), "pip\n")
	write(c.t, c.path(info+"RECORD"), "../../../bin/dbt,sha256=x,"+strconv.Itoa(len(body))+"\n")
	write(c.t, c.path(info+"entry_points.txt"), "[console_scripts]\ndbt = dbt.cli.main:cli\n")
}

// dbts runs status on a folder and returns the dbts that it knows, a line each.
func (c computer) dbts(folder string, env []string, path []string, flags ...string) []string {
	c.t.Helper()
	for i := range path {
		path[i] = c.path(path[i])
	}
	env = append([]string{"HOME=" + c.path("home"), "XDG_CACHE_HOME=" + c.path("cache"), "PATH=" + strings.Join(append(path, "/usr/bin", "/bin"), ":")}, env...)
	r := dbtHybrid(c.t, c.path("repo"), env, append([]string{"status", folder, "--format", "json"}, flags...)...)
	var out struct {
		Projects []struct {
			Engine struct {
				First *struct{ Path string }
				All   []struct {
					Path, Kind, Version, State string
					Users                      []struct{ Reader, From string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &out); err != nil || len(out.Projects) != 1 {
		c.t.Fatalf("%v\n%s%s", err, r.stdout, r.stderr)
	}
	e := out.Projects[0].Engine
	var lines []string
	for i, in := range e.All {
		if !strings.HasPrefix(in.Path, c.dir) {
			continue // what this computer has of its own
		}
		line := fmt.Sprintf("%s %s %s", strings.TrimPrefix(in.Path, c.dir+"/"), in.Kind, in.Version)
		for _, u := range in.Users {
			line += " " + u.Reader + ":" + u.From
		}
		if i == 0 && e.First != nil && e.First.Path == in.Path {
			line = "→ " + line
		}
		lines = append(lines, line)
	}
	return lines
}

func (c computer) started() []string {
	content, err := os.ReadFile(c.path("started"))
	if err != nil && !os.IsNotExist(err) {
		c.t.Fatal(err)
	}
	return strings.Fields(string(content))
}

// TestEveryDbt: what the terminal, the dbt extension, Python and nobody starts,
// each file asked at most once, and nothing of the repository asked at all.
func TestEveryDbt(t *testing.T) {
	c := newComputer(t)
	c.program("brew/bin/dbt", "dbt Cloud CLI - 0.40.18 (aa58f643 2026-06-18T20:34:06Z)")
	c.program("home/.local/bin/dbt", "dbt 2.0.8")
	c.environment("repo/.venv", "dbt_core", "1.12.6", "dbt 9.9.9")
	c.environment("repo/transform/env", "dbt_core", "1.11.1", "dbt 9.9.9")
	c.environment("home/.pyenv/versions/3.12.1", "dbt_core", "1.10.0", "dbt 9.9.9")
	c.program("repo/tools/dbt", "dbt 9.9.9")
	write(t, c.path("home/.config/Code/User/settings.json"), `{"dbt.fusionPath": "`+c.path("home/.local/bin/dbt")+`" /* mine */}`)
	write(t, c.path("repo/transform/.vscode/settings.json"), `{"python.defaultInterpreterPath": "${workspaceFolder}/env/bin/python",}`)
	want := []string{
		"→ brew/bin/dbt platform-cli 0.40.18 terminal:PATH",
		"home/.local/bin/dbt v2 2.0.8 dbt-extension:dbt.fusionPath",
		"repo/transform/env/bin/dbt v1 1.11.1 python:python.defaultInterpreterPath python:env",
		"repo/.venv/bin/dbt v1 1.12.6 python:.venv",
		"home/.pyenv/versions/3.12.1/bin/dbt v1 1.10.0",
	}
	for _, folder := range []string{".", "transform"} {
		if diff := cmp.Diff(want, c.dbts(folder, nil, []string{"brew/bin"}, "--offline")); diff != "" {
			t.Errorf("status %s\n%s", folder, diff)
		}
		if folder == "." {
			if diff := cmp.Diff([]string{"brew/bin/dbt", "home/.local/bin/dbt"}, sorted(c.started())); diff != "" {
				t.Errorf("started\n%s", diff)
			}
		}
	}
}

// TestNothingBelowThePathIsStarted plants programs wherever one is looked for.
// They stand on the search path, in settings and in environments, and one of
// them is only a link to what lies below.
func TestNothingBelowThePathIsStarted(t *testing.T) {
	c := newComputer(t)
	c.environment("repo/.venv", "dbt_core", "1.12.6", "dbt 9.9.9")
	for _, at := range []string{"repo/bin/dbt", "repo/transform/dbt", "repo/bin/git", "repo/transform/git", "repo/.git/hooks/post-checkout", "repo/tools/dbt-fusion", "elsewhere/dbt"} {
		c.program(at, "dbt 9.9.9")
	}
	if err := os.MkdirAll(c.path("links"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(c.path("repo/bin/dbt"), c.path("links/dbt")); err != nil {
		t.Fatal(err)
	}
	write(t, c.path("repo/transform/.vscode/settings.json"), `{"dbt.fusionPath": "`+c.path("elsewhere/dbt")+`", "python.defaultInterpreterPath": "../.venv/bin/python"}`)
	got := c.dbts(".", []string{"VIRTUAL_ENV=" + c.path("repo/.venv")}, []string{"links", "repo/.venv/bin", "repo/bin"}, "--offline")
	want := []string{
		"→ links/dbt unknown  terminal:PATH",
		"repo/.venv/bin/dbt v1 1.12.6 python:VIRTUAL_ENV python:python.defaultInterpreterPath python:.venv",
		"elsewhere/dbt unknown  dbt-extension:dbt.fusionPath",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for command, path := range map[string][]string{
		"check . --offline":                       {"bin", "", c.path("links"), c.path("repo/transform"), c.path("repo/.venv/bin")},
		"check --offline --project-dir transform": {"transform", c.path("repo/transform")},
		"status transform --offline":              {"transform", c.path("repo/transform")},
	} {
		env := []string{"HOME=" + c.path("home"), "PATH=" + strings.Join(path, ":")}
		_ = dbtHybrid(t, c.path("repo"), env, strings.Fields(command)...)
	}
	if started := c.started(); len(started) > 0 {
		t.Errorf("started: %v", started)
	}
}

// TestUpdateOfTheNewestRelease: the list comes from a server on this machine;
// the text names the command that updates this install, and asks once a day.
func TestUpdateOfTheNewestRelease(t *testing.T) {
	requests := 0
	list := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		_, _ = w.Write([]byte(`{"latest": {"tag": "v2.0.9", "date": "2026-11-13"}, "2.0.5": {"known_bad": true}}`))
	}))
	defer list.Close()
	c := newComputer(t)
	c.environment("home/env", "dbt", "2.0.5", "dbt 2.0.5")
	env := []string{"HOME=" + c.path("home"), "XDG_CACHE_HOME=" + c.path("cache"), "PATH=" + c.path("home/env/bin"), "DBT_CDN_URL=" + list.URL}
	for range 2 {
		r := dbtHybrid(t, c.path("repo"), env, "status")
		for _, want := range []string{"dbt v2 2.0.5, on dbt's list of known-bad releases, newest is 2.0.9", "pip install --upgrade dbt"} {
			if !strings.Contains(r.stdout, want) {
				t.Errorf("no %q in\n%s", want, r.stdout)
			}
		}
	}
	if requests != 1 {
		t.Errorf("%d requests", requests)
	}
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
