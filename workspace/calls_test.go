package workspace

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// TestCalls holds the place, scope and need of every call against archives: a
// case is a project with a file "calls" that lists them as
// name file:line:column scope need.
func TestCalls(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/calls.txtar")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]map[string]string{}
	for _, file := range archive.Files {
		name, path, _ := strings.Cut(file.Name, "/")
		if cases[name] == nil {
			cases[name] = map[string]string{"dbt_project.yml": "name: p\nprofile: p\n"}
		}
		cases[name][path] = string(file.Data)
	}
	for name, files := range cases {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for path, content := range files {
				put(t, filepath.Join(root, path), content)
			}
			w := New(testMachine(t.TempDir()))
			w.SetFolders([]string{root})
			var got strings.Builder
			for _, c := range w.Snapshot().Projects()[0].Calls {
				at := c.File.At(c.Token)
				if word := at.Text(); word != "env_var" {
					t.Errorf("the token of %s is %q", c.Name, word)
				}
				if !c.NameAt.Empty() && c.At().Text() != c.Name {
					t.Errorf("the name of %s is %q in the file", c.Name, c.At().Text())
				}
				fmt.Fprintf(&got, "%s %s:%s %s %s\n", orDash(c.Name), filepath.ToSlash(strings.TrimPrefix(c.File.Path, root+string(filepath.Separator))), at.Position(), c.Scope, needNames[c.Need])
			}
			if diff := cmp.Diff(files["calls"], got.String()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

var needNames = [...]string{NeedNone: "none", NeedElsewhere: "elsewhere", NeedMaybe: "maybe", NeedLater: "later", NeedParse: "parse"}
