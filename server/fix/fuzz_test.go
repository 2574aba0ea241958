package fix_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// FuzzFix makes all safe fixes of a project with files of any content: what dbt
// could read it reads still, with the same values, and a second run finds nothing
// to do.
func FuzzFix(f *testing.F) {
	root := emptyProject(f)
	for seed := range uint64(12) {
		g := generate(seed + 1)
		f.Add([]byte(g.files[".env"]), []byte(g.files[".env.example"]), []byte(g.files["profiles.yml"]))
	}
	f.Fuzz(func(t *testing.T, env, example, profiles []byte) {
		g := &generated{files: map[string]string{".env": string(env), ".env.example": string(example), "profiles.yml": string(profiles)}}
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
