package diagnostics_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// savedPieces are what the files of savedFiles are put together from.
var savedPieces = []string{
	"select 1\n", "-- a comment\n", "{{ env_var('A') }}\n", "{{ env_var('B', '') }}\n", "{{ env_var('ONLY_HERE') }}{{ env_var('A') }}\n", "{{ env_var('PORT') }}\n",
	"{% for n in ['X', 'Y'] %}{{ env_var(n) }}{% endfor %}\n", "{{ env_var(var('v')) }}\n", "{{ ref('up', 'm') }}\n", "{{ var('v') }}\n", "{{ var('none') }}\n", "{{ asks() }}\n", "{{ more() }}\n", "{{ other() }}\n",
	"{{ config(enabled=env_var('ON', 'true') == 'true') }}\n", "{% if target.name == 'dev' %}{{ env_var('IN_DEV') }}{% endif %}\n", "{{ env_var(\n",
}

// savedFiles are the files that the test writes anew again and again.
var savedFiles = []string{
	"models/a.sql", "models/b.sql", "models/m/c.sql", "models/m/d.sql", "analyses/e.sql", "tests/f.sql", "snapshots/g.sql", "models/m/schema.yml", "macros/asks.sql", "macros/more.sql", ".env", ".env.example",
}

// savedContent is what one of the files may hold, nil for a file that is gone.
func savedContent(r *rand.Rand, name string) []byte {
	var content strings.Builder
	for range r.IntN(4) {
		switch piece := savedPieces[r.IntN(len(savedPieces))]; {
		case strings.Contains(name, ".env"):
			content.WriteString(typedLines[r.IntN(len(typedLines))] + "\n")
		case strings.HasSuffix(name, ".yml"):
			fmt.Fprintf(&content, "- name: %s\n  description: %q\n", string("abcd"[r.IntN(4)]), piece)
		default:
			content.WriteString(piece)
		}
	}
	switch {
	case r.IntN(12) == 0:
		return nil
	case strings.HasSuffix(name, ".yml"):
		return []byte("models:\n" + content.String())
	case strings.HasPrefix(name, "macros/"):
		macro := strings.TrimSuffix(filepath.Base(name), ".sql")
		second := savedPieces[r.IntN(len(savedPieces))]
		return fmt.Appendf(nil, "{%% macro %s() %%}%s{%% endmacro %%}\n{%% macro other() %%}%s{%% endmacro %%}", macro, content.String(), second)
	}
	return []byte(content.String())
}

// TestSavedFiles writes files of a project one after the other, and compares what
// is found with what a new workspace finds.
func TestSavedFiles(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 3))
		root, machine := writeTypedProject(t)
		kept := workspace.New(machine)
		kept.SetFolders([]string{root})
		for step := range 60 {
			var changed []string
			for range 1 + r.IntN(6)/4 {
				changed = append(changed, saveAny(t, r, root))
			}
			kept.FilesChanged(changed)
			if r.IntN(4) == 0 { // nobody asks in between
				continue
			}
			fresh := workspace.New(machine)
			fresh.SetFolders([]string{root})
			if diff := cmp.Diff(described(fresh), described(kept)); diff != "" {
				t.Fatalf("seed %d, step %d, %s: (-new workspace +kept)\n%s", seed, step, changed, diff)
			}
		}
	}
}

// saveAny writes one of the files, or removes it, and returns its path.
func saveAny(t *testing.T, r *rand.Rand, root string) string {
	t.Helper()
	name := savedFiles[r.IntN(len(savedFiles))]
	path, content := filepath.Join(root, filepath.FromSlash(name)), savedContent(r, name)
	if content != nil {
		write(t, path, string(content))
	} else if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return path
}
