package workspace

import (
	"os"
	"path/filepath"

	"github.com/go-git/go-git/v5/plumbing"
	gitindex "github.com/go-git/go-git/v5/plumbing/format/index"
)

// GitHolds reports whether git can give back a file byte for byte: its index
// has the path with exactly this content. Where that cannot be told, it does
// not.
func GitHolds(path string, content []byte) bool {
	if real, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(real, filepath.Base(path))
	}
	root := gitRoot(filepath.Dir(path))
	rel, ok := below(root, path)
	if root == "" || !ok {
		return false
	}
	file, err := os.Open(indexPath(root))
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	var idx gitindex.Index
	_ = gitindex.NewDecoder(file).Decode(&idx) // what it does not know stands behind the entries
	for _, entry := range idx.Entries {
		if entry.Name == rel && entry.Stage == 0 && !entry.IntentToAdd {
			return entry.Hash == plumbing.ComputeHash(plumbing.BlobObject, content)
		}
	}
	return false
}
