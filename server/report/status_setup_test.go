package report

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// TestSetupNode: what is there is said with its place, what is not is offered,
// and a text names the command instead.
func TestSetupNode(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"dbt_project.yml": "name: shop\nprofile: shop\n",
		"Makefile":        "dev:\n\tdbt debug\n",
		".env":            "DBT_PASSWORD=op://c4n4ry/x/y\n",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := workspace.New(&workspace.Machine{})
	w.SetFolders([]string{root})
	w.SetEngine(&workspace.Engine{})
	status := NewStatus(w.Snapshot(), root, false)
	concerns := status.Projects[0].Concerns
	engine := concerns[slices.IndexFunc(concerns, func(n Node) bool { return n.Key == "engine" })]
	node := engine.Children[slices.IndexFunc(engine.Children, func(n Node) bool { return n.Key == "setup" })]
	var got []string
	for _, child := range node.Children {
		line := child.Key + " " + child.Value
		if child.From != nil {
			line += " " + child.From.Text
		}
		for _, a := range child.Actions {
			arguments, ok := a.Arguments[0].(SetUpArguments)
			if !ok || a.Command != SetUp || arguments.Project != root {
				t.Errorf("%+v", a)
			}
			line += ": " + a.Title + " (" + arguments.What + ")"
		}
		got = append(got, line)
	}
	if diff := cmp.Diff([]string{
		"devcontainer `dbt-hybrid setup devcontainer` adds it: Add a dev container that brings the newest dbt at each start (devcontainer)",
		"dev-target is there Makefile",
		"contributing `dbt-hybrid setup contributing` adds it: Tell contributors how to keep their local dbt in step (contributing)",
		"env-script `dbt-hybrid setup env-script` adds it: Add a script that fills .env from the secrets manager (env-script)",
	}, got); diff != "" {
		t.Error(diff)
	}
	var out strings.Builder
	if err := status.Text(&out, Style{}, false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "`dbt-hybrid setup` writes") || strings.Contains(out.String(), "adds it") || strings.Contains(out.String(), "c4n4ry") {
		t.Error(out.String())
	}
}
