package workspace

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMistakesInYAMLAreKept holds that every YAML file below the resource paths
// is looked at, with or without a call.
func TestMistakesInYAMLAreKept(t *testing.T) {
	root := t.TempDir()
	for name, content := range map[string]string{
		"dbt_project.yml":      "name: p\nprofile: p\n",
		"models/fine.yml":      "models:\n  - name: a\n",
		"models/twice.yml":     "models:\n  - name: a\n    name: b\n",
		"models/tab.yml":       "models:\n\t- name: a\n",
		"models/unquoted.yml":  "models:\n  - name: {{ var('a') }}\n",
		"macros/open.yaml":     "macros: [\n",
		"models/sub/latin.yml": "models:\n  - name: caf\xe9\n",
		"other/open.yml":       "a: [\n",
	} {
		put(t, filepath.Join(root, name), content)
	}
	w := New(testMachine(root))
	w.SetFolders([]string{root})
	p := w.Snapshot().Projects()[0]
	var got []string
	for _, file := range p.Properties {
		got = append(got, p.Rel(file.Path))
	}
	want := []string{"macros/open.yaml", "models/sub/latin.yml", "models/tab.yml", "models/twice.yml", "models/unquoted.yml"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestTooManyFolders: the search for projects comes to an end, and says that it
// did. The upper folders are looked into first.
func TestTooManyFolders(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"near/dbt_project.yml", "a/b/c/far/dbt_project.yml"} {
		put(t, filepath.Join(root, name), "name: p\n")
	}
	tree := NewTree()
	all := tree.Projects(root)
	if _, cut := tree.Cut(); cut || len(all) != 2 {
		t.Errorf("cut: %v, found %q", cut, all)
	}
	tree = NewTree()
	tree.limit = 3
	found := tree.Projects(root)
	folders, cut := tree.Cut()
	if diff := cmp.Diff([]string{filepath.Join(root, "near")}, found); diff != "" || !cut || folders != 3 {
		t.Errorf("cut: %v at %d\n%s", cut, folders, diff)
	}
	w := New(testMachine(root))
	w.SetFolders([]string{root})
	w.SetTree(tree)
	if !w.Snapshot().Cut() {
		t.Error("the workspace does not tell")
	}
	put(t, filepath.Join(root, "near", ".env"), "A=1\n")
	w.FilesChanged([]string{filepath.Join(root, "near", ".env")})
	if !w.Snapshot().Cut() {
		t.Error("the workspace has forgotten it")
	}
}
