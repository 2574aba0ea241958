package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var kills = flag.Int("fix.kills", 500, "how many processes are killed while they fix files; a tenth of it with -short")

// broken is a project with something to fix in every kind of file.
func broken() map[string]string {
	return map[string]string{
		"dbt_project.yml": "name: shop\nprofile: shop\n",
		"profiles.yml":    "shop:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      path: {{ env_var('DBT_PATH') }}  # where\n      schema: main\n",
		".env":            "DBT_PATH=" + canary + "\r\nDBT_PATH=" + canary + "\r\nDBT_BAD=" + canary + " two  # why\r\nDBT_LOST: " + canary + "\r\n",
		".env.example":    "DBT_PATH=",
		".gitignore":      "target/\n",
		"models/a.sql":    "select '{{ env_var('DBT_LOST') }}', '{{ env_var('DBT_MISS') }}'\n",
		"models/a.yml":    "models:\n\t- name: a\n",
	}
}

// mended is what --fix leaves of it.
func mended() map[string]string {
	files := broken()
	files["profiles.yml"] = strings.Replace(files["profiles.yml"], "{{ env_var('DBT_PATH') }}", `"{{ env_var('DBT_PATH') }}"`, 1)
	files[".env"] = "DBT_PATH=" + canary + "\r\nDBT_BAD='" + canary + " two'  # why\r\nDBT_LOST=" + canary + "\r\n"
	files[".env.example"] = "DBT_PATH=\n# used in models/a.sql\nDBT_LOST=\n# used in models/a.sql\nDBT_MISS=\n"
	files[".gitignore"] = "target/\n.env\n"
	files["models/a.yml"] = "models:\n  - name: a\n"
	return files
}

func writeAll(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	must(t, err)
	mkdir(t, dir, ".git")
	for name, content := range files {
		write(t, filepath.Join(dir, name), content)
	}
	return dir
}

// readAll returns the files of a folder, without those of git and of the home.
func readAll(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && (entry.Name() == ".git" || entry.Name() == "home") {
				return filepath.SkipDir
			}
			return err
		}
		content, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(rel)] = string(content)
		return err
	}))
	return files
}

func TestFix(t *testing.T) {
	dir := writeAll(t, t.TempDir(), broken())
	must(t, os.Chmod(filepath.Join(dir, ".env"), 0o640))
	r := check(t, dir, "--fix")
	if diff := cmp.Diff(mended(), readAll(t, dir)); diff != "" || r.status != exitFindings {
		t.Errorf("exit status %d\n%s\n%s", r.status, r.stderr, diff)
	}
	for _, want := range []string{
		"Fixed .env\n  Remove this line (env-duplicate)\n  Quote the value (env-parse)\n  Write = for the colon (env-parse)\n",
		"Fixed .env.example\n  Add DBT_LOST to .env.example (example-missing-key)\n",
		"error[env-missing] ",
	} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("no %q in\n%s", want, r.stdout)
		}
	}
	if strings.Contains(r.stdout, "[env-parse]") {
		t.Errorf("what is mended is still told:\n%s", r.stdout)
	}
	if info, err := os.Stat(filepath.Join(dir, ".env")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if r := check(t, dir, "--fix"); strings.Contains(r.stdout, "Fixed") {
		t.Errorf("a second run changes something:\n%s", r.stdout)
	}
	if r := check(t, dir, "--fix", "--fail-on", "never"); r.status != exitFine {
		t.Errorf("exit status %d with --fail-on never", r.status)
	}
}

func TestFixFormats(t *testing.T) {
	dir := writeAll(t, t.TempDir(), broken())
	r := check(t, dir, "--fix", "--format", "json")
	if !json.Valid([]byte(r.stdout)) || !strings.Contains(r.stderr, "Fixed .env\n") {
		t.Errorf("stdout:\n%s\nstderr:\n%s", r.stdout, r.stderr)
	}
}

func TestFixOnlyWhatIsAsked(t *testing.T) {
	for _, test := range []struct {
		args    []string
		changed []string
	}{
		{[]string{"--select", "env-duplicate"}, []string{".env"}},
		{[]string{"--ignore", "env,example,yaml"}, []string{"profiles.yml"}},
		{[]string{"--scope", "repository"}, []string{".env.example", ".gitignore", "models/a.yml", "profiles.yml"}},
		{[]string{".env"}, []string{".env"}},
		{[]string{"models"}, []string{"models/a.yml"}},
		{[]string{"models/a.sql"}, nil}, // its fix is for another file
	} {
		dir := writeAll(t, t.TempDir(), broken())
		check(t, dir, append([]string{"--fix"}, test.args...)...)
		var changed []string
		for name, content := range readAll(t, dir) {
			if content != broken()[name] {
				changed = append(changed, name)
			}
		}
		if diff := cmp.Diff(test.changed, slices.Sorted(slices.Values(changed))); diff != "" {
			t.Errorf("%v:\n%s", test.args, diff)
		}
	}
}

func TestNothingOutsideIsFixed(t *testing.T) {
	dir := writeAll(t, t.TempDir(), map[string]string{
		"shop/dbt_project.yml":   "name: shop\nprofile: shop\n",
		"home/.dbt/profiles.yml": "shop:\n  target: dev\n  outputs:\n\tdev: {type: duckdb, path: x, schema: main}\n",
		"shared.env":             "A=1\nA=1\n",
		".gitignore":             "target/\n",
	})
	must(t, os.Symlink("../shared.env", filepath.Join(dir, "shop", ".env")))
	before := readAll(t, dir)
	r := dbtHybrid(t, dir, nil, "check", "--offline", "--no-probe", "--fix", "--unsafe-fixes", "shop")
	if diff := cmp.Diff(before, readAll(t, dir)); diff != "" {
		t.Error(diff)
	}
	if content, err := os.ReadFile(filepath.Join(dir, "home/.dbt/profiles.yml")); err != nil || !bytes.Contains(content, []byte("\t")) {
		t.Errorf("the file of the home folder has changed: %v", err)
	}
	if !strings.Contains(r.stdout, "Not fixed, because of shop/.env: it lies outside of the given path.") {
		t.Errorf("not said:\n%s", r.stdout)
	}
}

func TestFixFollowsLinks(t *testing.T) {
	dir := writeAll(t, t.TempDir(), broken())
	mkdir(t, dir, "secrets")
	must(t, os.Rename(filepath.Join(dir, ".env"), filepath.Join(dir, "secrets", "mine.env")))
	must(t, os.Symlink("secrets/mine.env", filepath.Join(dir, ".env")))
	check(t, dir, "--fix")
	link, err := os.Readlink(filepath.Join(dir, ".env"))
	files := readAll(t, dir)
	if err != nil || link != "secrets/mine.env" || files["secrets/mine.env"] != mended()[".env"] {
		t.Errorf("link to %q, %v, content %q", link, err, files["secrets/mine.env"])
	}
}

func TestUnsafeFixes(t *testing.T) {
	dir := writeAll(t, t.TempDir(), broken())
	if r := check(t, dir, "--unsafe-fixes"); r.status != exitFailure || !strings.Contains(r.stderr, "--unsafe-fixes needs --fix or --diff") {
		t.Errorf("exit status %d: %s", r.status, r.stderr)
	}
	check(t, dir, "--fix", "--unsafe-fixes")
	want := mended()
	want[".env"] += "# DBT_MISS=\r\n"
	if diff := cmp.Diff(want, readAll(t, dir)); diff != "" {
		t.Error(diff)
	}
	must(t, os.Remove(filepath.Join(dir, ".env")))
	must(t, os.Remove(filepath.Join(dir, ".env.example")))
	if r := check(t, dir, "--fix", "--unsafe-fixes"); !strings.Contains(r.stdout, "Created .env\n") {
		t.Errorf("not said:\n%s", r.stdout)
	}
	if content := readAll(t, dir)[".env"]; content != "# DBT_LOST=\n# DBT_MISS=\n# DBT_PATH=\n" {
		t.Errorf("the new file: %q", content)
	}
	if r := check(t, dir, "--select", "env-missing"); !strings.Contains(r.stdout, "have a fix in the editor.\n") {
		t.Errorf("what needs a value is said to be applied:\n%s", r.stdout)
	}
}

// TestDeleted deletes a packages.yml that switches the projects of
// dependencies.yml off, when git holds it.
func TestDeleted(t *testing.T) {
	files := map[string]string{
		"dbt_project.yml":  "name: shop\nprofile: shop\n",
		"profiles.yml":     mended()["profiles.yml"],
		"dependencies.yml": "projects:\n  - name: upstream\n",
		"packages.yml":     "# " + canary + "\n",
	}
	for _, test := range []struct {
		name    string
		git     []string
		deleted bool
	}{
		{"no repository", nil, false},
		{"not added", []string{"init -q"}, false},
		{"added", []string{"init -q", "add packages.yml"}, true},
		{"intended", []string{"init -q", "add -N packages.yml"}, false},
		{"another content", []string{"init -q", "add packages.yml", "config core.x y"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			must(t, err)
			for name, content := range files {
				write(t, filepath.Join(dir, name), content)
			}
			for _, args := range test.git {
				out, err := exec.Command("git", append([]string{"-C", dir}, strings.Fields(args)...)...).CombinedOutput()
				if err != nil {
					t.Fatalf("git %s: %v\n%s", args, err, out)
				}
			}
			if test.name == "another content" {
				write(t, filepath.Join(dir, "packages.yml"), "# other "+canary+"\n")
			}
			r := check(t, dir, "--fix", "--unsafe-fixes", "--select", "mesh-ignored")
			_, there := readAll(t, dir)["packages.yml"]
			if there == test.deleted {
				t.Errorf("there: %v\n%s%s", there, r.stdout, r.stderr)
			}
			if said := strings.Contains(r.stdout, "git does not hold its content"); said == test.deleted {
				t.Errorf("said: %v\n%s", said, r.stdout)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	for _, args := range [][]string{{"--diff"}, {"--diff", "--fix"}, {"--diff", "--unsafe-fixes"}} {
		dir := writeAll(t, t.TempDir(), broken())
		r := check(t, dir, args...)
		if diff := cmp.Diff(broken(), readAll(t, dir)); diff != "" || r.status != exitFindings {
			t.Errorf("%v: exit status %d\n%s\n%s", args, r.status, r.stderr, diff)
		}
		for _, want := range []string{
			"# Quote the value (env-parse)\n",
			"# Values are shown as ***, so that this part cannot be applied as a patch.\n--- a/.env\n+++ b/.env\n@@ ",
			"\n-DBT_PATH=***\n-DBT_BAD=***\n-DBT_LOST:***\n+DBT_BAD=***\n+DBT_LOST=***\n",
			"\n--- a/.gitignore\n+++ b/.gitignore\n@@ -1 +1,2 @@\n target/\n+.env\n",
			"\n+# used in models/a.sql\n+DBT_LOST=\n",
			"\n-      path: {{ env_var('DBT_PATH') }}  # where\n+      path: \"{{ env_var('DBT_PATH') }}\"  # where\n",
		} {
			if !strings.Contains(r.stdout, want) {
				t.Errorf("%v: no %q in\n%s", args, want, r.stdout)
			}
		}
	}
}

// TestDiffApplies gives a diff without values to git.
func TestDiffApplies(t *testing.T) {
	dir := writeAll(t, t.TempDir(), broken())
	must(t, os.RemoveAll(filepath.Join(dir, ".git")))
	r := check(t, dir, "--diff", "--select", "yaml,jinja")
	apply := exec.Command("git", "apply", "-")
	apply.Dir, apply.Stdin = dir, strings.NewReader(r.stdout)
	if out, err := apply.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, r.stdout)
	}
	want := broken()
	want["profiles.yml"], want["models/a.yml"] = mended()["profiles.yml"], mended()["models/a.yml"]
	if diff := cmp.Diff(want, readAll(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestDiffMasks puts values wherever a line of a diff can show one.
func TestDiffMasks(t *testing.T) {
	files := broken()
	files[".env"] = "A='" + canary + "\n" + canary + "\n" + canary + "=" + canary + "'\n" + "# " + canary + "\n# B=" + canary + "\nDBT_PATH=x\nDBT_PATH=x\n" +
		canary + " " + canary + "\nB " + canary + "=" + canary + "\n" + "  " + canary + canary + "\nhttps://u:" + canary + "@h\n" + canary + "***\n"
	files["profiles.yml"] += "      password: " + canary + "\n      token: {{ env_var('DBT_TOKEN', '" + canary + "') }}\n"
	dir := writeAll(t, t.TempDir(), files)
	if r := check(t, dir, "--diff"); !strings.Contains(r.stdout, "b/.env\n") { // check looks for the canary
		t.Errorf("no diff of .env:\n%s", r.stdout)
	}
}

// TestKilled kills the program at any moment while it fixes files. Every file
// is the old or the new one, and git sees nothing else.
func TestKilled(t *testing.T) {
	old, mended := broken(), mended()
	for i := range 40 {
		name := fmt.Sprintf("models/m%d.yml", i)
		old[name], mended[name] = "models:\n\t- name: m\n"+strings.Repeat("# text\n", 2000), "models:\n  - name: m\n"+strings.Repeat("# text\n", 2000)
	}
	dir := t.TempDir()
	git := func(args ...string) string {
		out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	git("init", "-q")
	dir = writeAll(t, dir, old)
	start := time.Now()
	check(t, dir, "--fix")
	whole := time.Since(start)
	n := *kills
	if testing.Short() {
		n /= 10
	}
	seed := rand.Uint64()
	t.Logf("seed %d, a whole run takes %s", seed, whole)
	random := rand.New(rand.NewPCG(seed, 0))
	leftOver := func() []string {
		left, err := filepath.Glob(filepath.Join(dir, ".dbt-hybrid-*"))
		must(t, err)
		more, err := filepath.Glob(filepath.Join(dir, "models", ".dbt-hybrid-*"))
		must(t, err)
		return append(left, more...)
	}
	halfway := 0
	for range n {
		writeAll(t, dir, old)
		killed(t, dir, time.Duration(random.Int64N(int64(whole))))
		done := 0
		for name := range old {
			content, err := os.ReadFile(filepath.Join(dir, name))
			switch {
			case err != nil:
				t.Error(err)
			case string(content) == mended[name] && mended[name] != old[name]:
				done++
			case string(content) != old[name]:
				t.Errorf("%s is neither the old nor the new one", name)
			}
		}
		switch { // the machine may be busier than it was during the whole run, or less
		case done == 0:
			whole += whole / 20
		case done == 44:
			whole -= whole / 20
		default:
			halfway++
		}
		if len(leftOver()) == 0 {
			continue
		}
		for line := range strings.Lines(git("add", "--all", "--dry-run")) {
			if name := strings.TrimSuffix(strings.TrimPrefix(line, "add '"), "'\n"); old[name] == "" {
				t.Errorf("git would commit %s", name)
			}
		}
	}
	t.Logf("%d of %d were killed between two files", halfway, n)
	if halfway < n/10 {
		t.Errorf("only %d of %d were killed between two files", halfway, n)
	}
	t.Logf("%d folders are left behind", len(leftOver()))
	for _, folder := range leftOver() {
		long := time.Now().Add(-time.Hour)
		must(t, os.Chtimes(folder, long, long))
	}
	if check(t, dir, "--fix"); len(leftOver()) > 0 {
		t.Errorf("not cleaned up: %v", leftOver())
	}
}

// killed starts the program and kills it after a while.
func killed(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	cmd := invocation(t, dir, nil, "check", "--fix", "--offline", "--no-probe")
	must(t, cmd.Start())
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait() // an exit status of 1 or the signal
}
