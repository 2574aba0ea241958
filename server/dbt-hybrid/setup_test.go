package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// team is a repository with values wherever one can be.
func team() map[string]string {
	return map[string]string{
		"dbt_project.yml":                 "name: shop\nprofile: shop\n",
		"profiles.yml":                    "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.duckdb, schema: main, password: " + canary + "}\n",
		".env":                            "DBT_A=" + canary + "\n",
		".env.example":                    "DBT_PASSWORD=op://shop/warehouse/password\n",
		".gitignore":                      ".env\ntarget/\n",
		"Makefile":                        "all:\n\techo " + "all\n",
		"CONTRIBUTING.md":                 "# Contributing\n",
		".devcontainer/devcontainer.json": "{\n  // ours\n  \"image\": \"mcr.microsoft.com/devcontainers/base:ubuntu\"\n}\n",
	}
}

func setUp(t *testing.T, dir string, args ...string) result {
	t.Helper()
	return dbtHybrid(t, dir, nil, append([]string{"--log-level", "debug", "setup", "--no-probe"}, args...)...)
}

// TestSetup carries everything out twice: the files change once, what was in them
// stays, and nothing is found about what was written.
func TestSetup(t *testing.T) {
	dir := writeAll(t, t.TempDir(), team())
	before := check(t, dir)
	for _, test := range []struct{ what, says string }{
		{"devcontainer", "Changed .devcontainer/devcontainer.json\n"},
		{"env-script", "Changed Makefile\nCreated scripts/dbt-env.sh\n"},
		{"dev-target", "Changed Makefile\n"},
		{"contributing", "Changed CONTRIBUTING.md\n"},
	} {
		r := setUp(t, dir, test.what)
		if r.status != exitFine || !strings.HasPrefix(r.stdout, test.says) {
			t.Errorf("%s: exit status %d\n%s%s", test.what, r.status, r.stdout, r.stderr)
		}
		done := readAll(t, dir)
		r = setUp(t, dir, test.what)
		if r.status != exitFine || !strings.HasPrefix(r.stdout, "Nothing to do.\n") {
			t.Errorf("%s, the second time: exit status %d\n%s%s", test.what, r.status, r.stdout, r.stderr)
		}
		if diff := cmp.Diff(done, readAll(t, dir)); diff != "" {
			t.Errorf("%s, the second time: %s", test.what, diff)
		}
	}
	files := readAll(t, dir)
	for name, content := range team() {
		for line := range strings.Lines(content) {
			if name != ".devcontainer/devcontainer.json" && !strings.Contains(files[name], line) {
				t.Errorf("%s has lost %q", name, line)
			}
		}
	}
	if want := "all:\n\techo all\n\n# Fill .env from the secrets manager, at the start of a session.\n.PHONY: env\nenv:\n\tsh scripts/dbt-env.sh\n\n# Start of a session"; !strings.HasPrefix(files["Makefile"], want) {
		t.Errorf("%s", files["Makefile"])
	}
	cmd := exec.Command("make", "-n", "dev")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || !strings.HasSuffix(string(out), "dbt debug --target dev\n") {
		t.Errorf("%v\n%s", err, out)
	}
	if after := check(t, dir); after.status != before.status || summary(after) != summary(before) {
		t.Errorf("before:\n%s\nafter:\n%s", before.stdout, after.stdout)
	}
}

// summary is the last line of a check without its time.
func summary(r result) string {
	lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
	last, _, _ := strings.Cut(lines[len(lines)-1], " in 1 project")
	return last
}

// TestSetupDiff shows what would be written, and writes nothing.
func TestSetupDiff(t *testing.T) {
	files := team()
	delete(files, ".env.example")
	files[".env"] += "DBT_B=op://" + canary + "/x/y\n"
	dir := writeAll(t, t.TempDir(), files)
	before := readAll(t, dir)
	for what, want := range map[string]string{
		"devcontainer": "+  \"postStartCommand\": ",
		"dev-target":   "+dev:\n",
		"contributing": "+## Keep your local dbt in step\n",
		"env-script":   "+DBT_B=***\n",
	} {
		r := setUp(t, dir, "--diff", what)
		if r.status != exitFine || !strings.Contains(r.stdout, want) || !strings.Contains(r.stdout, "(setup "+what+")\n") {
			t.Errorf("%s: exit status %d\n%s%s", what, r.status, r.stdout, r.stderr)
		}
		if diff := cmp.Diff(before, readAll(t, dir)); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
}

// TestSetupRefuses says what is wrong, and writes nothing.
func TestSetupRefuses(t *testing.T) {
	dir := writeAll(t, t.TempDir(), map[string]string{
		"one/dbt_project.yml": "name: one\n", "two/dbt_project.yml": "name: two\n", "two/Makefile": "all:\n", "empty/a": "",
		"one/.devcontainer/devcontainer.json": "{oops", "closed/dbt_project.yml": "name: closed\n", "closed/.git/HEAD": "ref: refs/heads/main\n",
		"filed/dbt_project.yml": "name: filed\n", "filed/.devcontainer": "",
	})
	must(t, os.Chmod(filepath.Join(dir, "closed"), 0o555))
	t.Cleanup(func() { must(t, os.Chmod(filepath.Join(dir, "closed"), 0o755)) })
	must(t, os.Chmod(filepath.Join(dir, "two", "Makefile"), 0o444))
	before := readAll(t, dir)
	for _, test := range []struct {
		name, want string
		args       []string
		asRoot     bool
	}{
		{"several projects", "there are 4 dbt projects, name the folder of one", []string{"dev-target"}, true},
		{"no project", "no dbt project in", []string{"dev-target", "empty"}, true},
		{"another thing", "must be one of", []string{"moon", "one"}, true},
		{"broken JSON", "devcontainer.json cannot be read as JSON with comments, line 1", []string{"devcontainer", "one"}, true},
		{"no reference", "no line of .env.example or .env names a secret", []string{"env-script", "one"}, true},
		{"a file that is read-only", "two/Makefile is not written: the permissions of the file or of its folder do not allow it. Let yourself write there", []string{"dev-target", "two"}, false},
		{"a folder that is read-only", "the folder closed/.devcontainer cannot be made: the permissions of closed do not allow it. Let yourself write there", []string{"devcontainer", "closed"}, false},
		{"a file in the place of a folder", "filed/.devcontainer/devcontainer.json cannot be read: a file stands in the place of one of its folders", []string{"devcontainer", "filed"}, true},
	} {
		if os.Getuid() == 0 && !test.asRoot {
			continue // root may write everywhere
		}
		r := setUp(t, dir, test.args...)
		if r.status != exitFailure || !strings.Contains(r.stderr, test.want) {
			t.Errorf("%s: exit status %d\n%s%s", test.name, r.status, r.stdout, r.stderr)
		}
		if diff := cmp.Diff(before, readAll(t, dir)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// TestSetupBelowTheRepository writes what concerns the repository at its top.
func TestSetupBelowTheRepository(t *testing.T) {
	dir := writeAll(t, t.TempDir(), map[string]string{"shop/dbt_project.yml": "name: shop\n"})
	must(t, os.Chmod(dir, 0o755))
	r := setUp(t, filepath.Join(dir, "shop"), "devcontainer")
	if r.stdout != "Created ../.devcontainer/devcontainer.json\n" {
		t.Errorf("%s%s", r.stdout, r.stderr)
	}
}

// TestSetupDiffBelowTheRepository: as git has it, the paths are those of the
// repository where the current folder does not hold all that changes.
func TestSetupDiffBelowTheRepository(t *testing.T) {
	dir := writeAll(t, t.TempDir(), map[string]string{
		"shop/dbt_project.yml": "name: shop\n", "shop/models/a.sql": "select 1\n", "Makefile": "all:\n", ".git/HEAD": "ref: refs/heads/main\n",
	})
	for from, want := range map[string]string{".": "+++ b/Makefile\n", "shop": "+++ b/Makefile\n", "shop/models": "+++ b/Makefile\n"} {
		if r := setUp(t, filepath.Join(dir, from), "--diff", "dev-target"); !strings.Contains(r.stdout, want) || strings.Contains(r.stdout, filepath.Base(dir)) {
			t.Errorf("in %s:\n%s%s", from, r.stdout, r.stderr)
		}
	}
}
