package gitfiles_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/gitfiles"
)

// repository is one with files of names of every length that fills an entry
// differently.
func repository(t *testing.T, version, hash string) (root string, files map[string]string) {
	t.Helper()
	root, files = t.TempDir(), map[string]string{".env": "A=1\n", "models/über.sql": "select 1\n", strings.Repeat("long/", 900) + "x": ""}
	for n := range 20 {
		files["some/folder/"+strings.Repeat("n", n+1)] = fmt.Sprint(n)
	}
	git(t, root, "", "init", "-q", "--object-format="+hash)
	git(t, root, "", "config", "index.version", version)
	for path, content := range files {
		blob := strings.TrimSpace(git(t, root, content, "hash-object", "-w", "--stdin"))
		git(t, root, "", "update-index", "--add", "--cacheinfo", "100644,"+blob+","+path)
	}
	return root, files
}

func readIndex(t *testing.T, root string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, ".git", "index"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestFindsWhatGitHolds(t *testing.T) {
	for _, version := range []string{"2", "4"} {
		for _, hash := range []string{"sha1", "sha256"} {
			t.Run(version+" "+hash, func(t *testing.T) {
				root, files := repository(t, version, hash)
				index := readIndex(t, root)
				if got := fmt.Sprint(index[7]); got != version {
					t.Fatalf("git wrote version %s", got)
				}
				for path, content := range files {
					entry, ok := gitfiles.Find(index, path)
					if !ok || !entry.Holds([]byte(content)) || entry.Stage != 0 || entry.IntentToAdd {
						t.Errorf("%q: %t, %+v", path[max(0, len(path)-60):], ok, entry)
					}
					if entry.Holds([]byte(content + "more")) {
						t.Errorf("holds other content as well")
					}
				}
				for _, path := range []string{".en", ".envx", "models", "some/folder", ""} {
					if entry, ok := gitfiles.Find(index, path); ok {
						t.Errorf("%q is found: %+v", path, entry)
					}
				}
				for end := range min(len(index), 600) {
					if entry, ok := gitfiles.Find(index[:end], "some/folder/n"); ok {
						t.Errorf("found in the first %d bytes: %+v", end, entry)
					}
				}
			})
		}
	}
}

func TestFindsIntentsAndConflicts(t *testing.T) {
	root, _ := repository(t, "2", "sha1")
	write(t, filepath.Join(root, "later"), "x")
	git(t, root, "", "add", "--intent-to-add", "later")
	blob := strings.TrimSpace(git(t, root, "y", "hash-object", "-w", "--stdin"))
	git(t, root, "100644 "+blob+" 2\tboth\n100644 "+blob+" 3\tboth\n", "update-index", "--index-info")
	index := readIndex(t, root)
	if entry, ok := gitfiles.Find(index, "later"); !ok || !entry.IntentToAdd {
		t.Errorf("a file to be added: %t, %+v", ok, entry)
	}
	if entry, ok := gitfiles.Find(index, "both"); !ok || entry.Stage != 2 {
		t.Errorf("a file in conflict: %t, %+v", ok, entry)
	}
}

func FuzzFind(f *testing.F) {
	f.Add([]byte("DIRC\x00\x00\x00\x02\x00\x00\x00\x01"+strings.Repeat("\x00", 60)+"\x00\x01a\x00"+strings.Repeat("\x00", 30)), "a")
	f.Add([]byte("DIRC\x00\x00\x00\x04\x00\x00\x00\x01"+strings.Repeat("\x00", 60)+"\x00\x01\x80\x80\x80a\x00"), "a")
	f.Fuzz(func(t *testing.T, index []byte, path string) {
		if entry, ok := gitfiles.Find(index, path); ok && len(entry.Hash) != 20 && len(entry.Hash) != 32 {
			t.Errorf("%+v", entry)
		}
	})
}
