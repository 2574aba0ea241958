package workspace

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/gitfiles"
)

// Git is what git would do with the files of a project. It is read from the
// repository's files; git itself is not run.
type Git struct {
	Root    string // the work tree, "" outside a repository
	tracked map[string]bool
	ignored map[string]bool
}

// Tracked reports whether git holds the file at a path.
func (g *Git) Tracked(path string) bool { return g.tracked[path] }

// Ignored reports whether git leaves the file at a path out.
func (g *Git) Ignored(path string) bool { return g.ignored[path] }

// readGit answers for a few paths of the work tree at root, which is "" outside
// one; load reads a file and notes that the answer depends on it.
func readGit(root string, paths []string, load func(path string) *File) *Git {
	g := &Git{Root: root, tracked: map[string]bool{}, ignored: map[string]bool{}}
	if g.Root == "" {
		return g
	}
	rules := &ignoreRules{root: g.Root, load: load, patterns: map[string][]gitfiles.Pattern{}}
	for _, path := range paths {
		if rel, ok := fspath.Rel(g.Root, path); ok {
			g.ignored[path] = rules.match(rel)
			g.tracked[path] = tracked(g.Root, rel)
		}
	}
	return g
}

// gitRoot finds the work tree that dir lies in: the nearest folder upwards that
// has a .git, which is a file in a linked work tree.
func gitRoot(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// ignoreRules reads the .gitignore files from the root down to a path.
type ignoreRules struct {
	root     string
	load     func(path string) *File
	patterns map[string][]gitfiles.Pattern
}

func (r *ignoreRules) match(path string) bool {
	all := r.read(filepath.Join(r.root, ".git", "info", "exclude"), "")
	all = append(all[:len(all):len(all)], r.read(filepath.Join(r.root, ".gitignore"), "")...)
	for i, c := range []byte(path) {
		if c != '/' {
			continue
		}
		dir := path[:i]
		if gitfiles.Ignored(all, dir, true) {
			return true
		}
		all = append(all, r.read(filepath.Join(r.root, filepath.FromSlash(dir), ".gitignore"), dir)...)
	}
	return gitfiles.Ignored(all, path, false)
}

func (r *ignoreRules) read(path, folder string) []gitfiles.Pattern {
	if patterns, ok := r.patterns[path]; ok {
		return patterns
	}
	var patterns []gitfiles.Pattern
	if file := r.load(path); file.Exists() {
		patterns = gitfiles.Patterns(file.Content, folder)
	}
	r.patterns[path] = patterns
	return patterns
}

// tracked looks a path up in git's index. Almost always the path's bytes do not
// stand in it, which is known without decoding it; version 4 of the format
// shortens paths, so that only decoding tells.
func tracked(root, rel string) bool {
	content, err := os.ReadFile(indexPath(root))
	if err != nil {
		return false
	}
	const versionAt = 7
	if len(content) > versionAt && content[versionAt] < 4 && !bytes.Contains(content, []byte(rel)) {
		return false
	}
	_, found := gitfiles.Find(content, rel)
	return found
}

// indexPath follows the .git file of a linked work tree.
func indexPath(root string) string {
	dir := filepath.Join(root, ".git")
	if content, err := os.ReadFile(dir); err == nil {
		if target, ok := strings.CutPrefix(strings.TrimSpace(string(content)), "gitdir: "); ok {
			if !filepath.IsAbs(target) {
				target = filepath.Join(root, target)
			}
			dir = target
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return filepath.Join(dir, "index")
}
