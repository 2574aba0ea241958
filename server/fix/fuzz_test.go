package fix_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// FuzzFix makes all safe fixes of a project with files of any content: what dbt
// could read it reads still, with the same values, and a second run finds nothing
// to do. It starts from the generated projects and from the cases of all rules.
func FuzzFix(f *testing.F) {
	root := emptyProject(f)
	for seed := range uint64(12) {
		fuzzed(generate(seed + 1).files).add(f)
	}
	for _, files := range ruleCases(f) {
		fuzzed(files).add(f)
	}
	f.Fuzz(func(t *testing.T, env, example, profiles, project, dependencies []byte) {
		if strings.ContainsAny(string(project)+string(dependencies), `/\.`) {
			t.Skip("a path that may lead out of the project")
		}
		g := &generated{files: map[string]string{}}
		for i, content := range [][]byte{env, example, profiles, project, dependencies} {
			if len(content) > 0 {
				g.files[fuzzedNames()[i]] = string(content)
			}
		}
		w := workspace.New(&workspace.Machine{Environ: maps.Clone(g.shell)})
		w.SetFolders([]string{root})
		for name, content := range g.files {
			w.Assume(filepath.Join(root, name), []byte(content), nil)
		}
		o := fix.Options{Find: check, Within: func(string) bool { return true }}
		for _, c := range fix.Make(w, o).Changes() {
			problems := keepsTexts(c)
			if workspace.IsEnvFile(c.Path) {
				problems = g.compareValues(c)
			}
			for _, problem := range problems {
				t.Errorf("%s, after %v: %s\n%q\n%q", filepath.Base(c.Path), c.Done, problem, c.Before.Content, c.After.Content)
			}
		}
		if again := fix.Make(w, o).Changes(); len(again) > 0 {
			t.Errorf("a second run changes %s: %v\n%q", filepath.Base(again[0].Path), again[0].Done, again[0].Before.Content)
		}
	})
}

// fuzzedNames are the files whose content is fuzzed, in the order of the arguments.
func fuzzedNames() []string {
	return []string{".env", ".env.example", "profiles.yml", "dbt_project.yml", "dependencies.yml"}
}

// fuzzed are the files of a project that FuzzFix starts from.
type fuzzed map[string]string

func (files fuzzed) add(f *testing.F) {
	content := make([]any, len(fuzzedNames()))
	for i, name := range fuzzedNames() {
		content[i] = []byte(files[name])
	}
	f.Add(content...)
}

// ruleCases returns the cases of the archives of all rules that have one of the
// files that are fuzzed.
func ruleCases(f *testing.F) []map[string]string {
	archives, err := filepath.Glob(filepath.Join("..", "..", "diagnostics", "testdata", "*.txtar"))
	if err != nil || len(archives) == 0 {
		f.Fatalf("no archives of rules: %v", err)
	}
	var cases []map[string]string
	for _, path := range archives {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		last := ""
		for _, file := range txtar.Parse(content).Files {
			name, rest, _ := strings.Cut(file.Name, "/")
			if !slices.Contains(fuzzedNames(), rest) {
				continue
			}
			if name != last {
				cases, last = append(cases, map[string]string{}), name
			}
			cases[len(cases)-1][rest] = string(file.Data)
		}
	}
	return cases
}

// keepsTexts reports what a YAML file has lost: that dbt can read it, or a text.
func keepsTexts(c *fix.Change) (problems []string) {
	if !strings.HasSuffix(c.Path, ".yml") || c.Before.YAML().Broken() {
		return nil
	}
	if c.After.YAML().Broken() {
		return []string{"it is broken now"}
	}
	plain := strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "", `"`, "", "'", "", `\`, "")
	after := plain.Replace(string(c.After.Content))
	for _, value := range leaves(c.After.YAML()) {
		after += "\n" + plain.Replace(value)
	}
	for path, value := range leaves(c.Before.YAML()) {
		if !strings.Contains(after, plain.Replace(value)) {
			problems = append(problems, path+" is gone")
		}
	}
	return problems
}
