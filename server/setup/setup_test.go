package setup

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// canary stands in every secret of these tests. It may be in .env, and nowhere
// else.
const canary = "c4n4ry"

// standalone is a dbt of dbt's own installer.
func standalone() engine.Install {
	return engine.Install{Path: "/home/u/.local/bin/dbt", Kind: engine.KindV2, Version: "2.0.8", Channel: engine.ChannelStandalone, Update: "dbt system update"}
}

// repository writes files below a folder that is a git repository, and returns
// the folder. Files without a project get one.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	if files["dbt_project.yml"] == "" && files["shop/dbt_project.yml"] == "" {
		write(t, filepath.Join(dir, "dbt_project.yml"), "name: shop\nprofile: shop\n")
	}
	for name, content := range files {
		write(t, filepath.Join(dir, name), content)
	}
	return dir
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// request is one for the only project of a folder, whose first dbt is given.
func request(t *testing.T, dir string, installs ...engine.Install) Request {
	t.Helper()
	w := workspace.New(&workspace.Machine{})
	w.SetFolders([]string{dir})
	w.SetEngine(&workspace.Engine{Found: true, Installs: installs, Releases: engine.Builtin()})
	projects := w.Snapshot().Projects()
	if len(projects) != 1 {
		t.Fatalf("%d projects", len(projects))
	}
	return Request{Project: projects[0], Read: ReadDisk}
}

// carryOut does what a plan says, and returns the notes.
func carryOut(t *testing.T, r Request, what What) []string {
	t.Helper()
	plan, err := Make(r, what)
	if err != nil {
		t.Fatal(err)
	}
	apply(t, plan)
	return plan.Notes
}

func apply(t *testing.T, plan *Plan) {
	t.Helper()
	for _, n := range plan.Create {
		if _, err := os.Lstat(n.Path); err == nil {
			t.Fatalf("%s is there already", n.Path)
		}
		write(t, n.Path, n.Content)
	}
	changes := map[string][]text.Edit{}
	for _, e := range plan.Edits {
		changes[e.File.Path] = append(changes[e.File.Path], e.Edit)
	}
	for path, edits := range changes {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		after, err := text.Apply(before, edits)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path, string(after))
	}
}

// twice carries a plan out, and fails if there is something left to do
// afterwards.
func twice(t *testing.T, dir string, what What, installs ...engine.Install) []string {
	t.Helper()
	notes := carryOut(t, request(t, dir, installs...), what)
	again, err := Make(request(t, dir, installs...), what)
	if err != nil {
		t.Fatal(err)
	}
	if !again.Empty() {
		t.Errorf("the second time: %+v", again)
	}
	if len(again.Notes) == 0 {
		t.Error("the second time nothing is said")
	}
	return notes
}

// tree returns the files of a folder, without those of git.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == ".git":
			return filepath.SkipDir
		case entry.IsDir():
			return nil
		}
		content, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(rel)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// golden compares a text with a file of testdata; -update rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		write(t, path, got)
	}
	if diff := cmp.Diff(read(t, path), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestOddFiles: what cannot be merged with is an error that names the file, and
// nothing is planned.
func TestOddFiles(t *testing.T) {
	for name, test := range map[string]struct {
		what  What
		files map[string]string
		want  string
	}{
		"broken JSON":         {DevContainer, map[string]string{".devcontainer/devcontainer.json": "{\n\t\"a\": [1,\n"}, ".devcontainer/devcontainer.json cannot be read as JSON with comments, line 3"},
		"a list":              {DevContainer, map[string]string{".devcontainer.json": "[]"}, ".devcontainer.json is not an object"},
		"mounts of one":       {DevContainer, map[string]string{".devcontainer.json": `{"mounts": "a"}`}, "`mounts` of .devcontainer.json has not the form"},
		"UTF-16":              {DevTarget, map[string]string{"Makefile": "\xff\xfed\x00e\x00v\x00"}, "Makefile is not a text in UTF-8"},
		"an open definition":  {DevTarget, map[string]string{"Makefile": "define X\nfoo\n"}, "Makefile: a `define` in it is not closed; nothing is changed"},
		"a folder":            {Contributing, map[string]string{"CONTRIBUTING.md/a": ""}, "CONTRIBUTING.md cannot be read: it is a folder, a pipe or a device"},
		"an open block":       {Contributing, map[string]string{"CONTRIBUTING.md": "# C\n\n```sh\ndbt\n"}, "not closed"},
		"broken YAML":         {DevTarget, map[string]string{"Taskfile.yml": "tasks: [\n"}, "Taskfile.yml: it is not YAML that can be read"},
		"tasks on one line":   {DevTarget, map[string]string{"Taskfile.yml": "version: '3'\ntasks: {a: b}\n"}, "no mapping with lines of its own"},
		"no reference":        {EnvScript, map[string]string{".env.example": "DBT_A=\n", ".env": "DBT_A=" + canary + "\n"}, "such as DBT_PASSWORD=op://vault/item/field"},
		"nothing of the kind": {What("moon"), nil, `"moon" cannot be set up`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := repository(t, test.files)
			plan, err := Make(request(t, dir, standalone()), test.what)
			if err == nil || plan != nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), canary) {
				t.Errorf("%v, %+v", err, plan)
			}
		})
	}
}

func sortEdits(edits []text.Edit) {
	slices.SortStableFunc(edits, func(a, b text.Edit) int { return a.Start - b.Start })
}
