package workspace

import (
	"os"
	"path/filepath"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/gitfiles"
)

// GitHolds reports whether git can give back a file byte for byte: its index
// has the path with exactly this content. Where that cannot be told, it does
// not.
func GitHolds(path string, content []byte) bool {
	if real, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(real, filepath.Base(path))
	}
	root := gitRoot(filepath.Dir(path))
	rel, ok := fspath.Rel(root, path)
	if root == "" || !ok {
		return false
	}
	index, err := os.ReadFile(indexPath(root))
	if err != nil {
		return false
	}
	entry, found := gitfiles.Find(index, rel)
	return found && entry.Stage == 0 && !entry.IntentToAdd && entry.Holds(content)
}
