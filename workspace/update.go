package workspace

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
)

// reads reports whether a path lies in one of the folders that dbt reads, or may
// be a folder around one of those of the project's own.
func (x *index) reads(path string) bool {
	if path == x.ignoreFile {
		return true
	}
	for i, folder := range x.folders {
		if _, ok := fspath.Rel(folder, path); ok || i < x.own && strings.HasPrefix(folder, path+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// update returns the index after a few files changed, or nil when everything
// has to be read again: which macros lead to a call, or the folders themselves,
// may have changed.
func (x *index) update(changed map[string]bool, open map[string]*File) *index {
	next := *x
	for path := range changed {
		if !x.reads(path) {
			continue
		}
		c, ok := x.candidate(path)
		if !ok {
			return nil
		}
		if x.hidden(path) {
			continue
		}
		file, ok := open[path]
		if !ok {
			file = readFile(path)
		}
		if c.kind == macroSQL {
			if !next.putMacros(c, file) {
				return nil
			}
			continue
		}
		if c.pkg == "" && isNode(c.folder, c.rel) {
			if !file.Exists() {
				return nil // it may have been the last one
			}
			next.nodes = true
		}
		if id, ok := resourceOf(c.folder, c.rel, c.pkg); ok && (x.present[id] != file.Exists() || id.name == "" && !file.Exists()) {
			return nil
		}
		if c.kind != notRead {
			next.put(path, x.look(c, file))
		}
	}
	if next.configs == nil {
		next.configs = configured(next.sources)
	}
	return &next
}

// put replaces what is kept of one file; a nil source is nothing. The list of
// sources itself belongs to the index before.
func (x *index) put(path string, src *source) {
	at, found := x.find(path)
	to := at
	if found {
		to++
	}
	if src == nil && !found {
		return
	}
	if IsYAML(path) {
		x.configs = nil
	}
	if found {
		x.noted = slices.DeleteFunc(slices.Clone(x.noted), func(file *File) bool { return file.Path == path })
	}
	x.note(src)
	var now []*source
	if src != nil {
		now = []*source{src}
	}
	x.sources = slices.Concat(x.sources[:at], now, x.sources[to:])
}

// putMacros replaces what is kept of a macro file. It reports false where the
// words that other files are searched for may be others now: they follow from
// which macro names which.
func (x *index) putMacros(c candidate, file *File) bool {
	before := x.source(c.path)
	switch {
	case before == nil:
		return !file.Exists() || !x.interesting(file.Content)
	case !file.Exists():
		return false
	}
	now := newSource(c, file)
	if !slices.EqualFunc(x.mentions(before), x.mentions(now), mention.equal) {
		return false
	}
	x.macros = maps.Clone(x.macros)
	for i, m := range now.macros() {
		if name := c.macroName(m); x.macros[name] == before.macros()[i] { // else another file has one of that name
			x.macros[name] = m
		}
	}
	x.put(c.path, now)
	return true
}

// A mention is which of the words that are looked for stand in a macro.
type mention struct {
	macro string // "" for what stands outside all macros of a file
	words []int
}

func (m mention) equal(other mention) bool {
	return m.macro == other.macro && slices.Equal(m.words, other.words)
}

func (x *index) mentions(src *source) []mention {
	all := []mention{{words: x.wordsIn(src.outside())}}
	for _, m := range src.macros() {
		all = append(all, mention{m.Name, x.wordsIn(src.textOf(m))})
	}
	return all
}

func (x *index) wordsIn(content []byte) (found []int) {
	for i, w := range x.words {
		if w.in(content) {
			found = append(found, i)
		}
	}
	return found
}

// candidate says what dbt does with a path of the resource folders of the project
// and its packages; ok is false where only a new scan can tell.
func (x *index) candidate(path string) (c candidate, ok bool) {
	if mayBeFolder(path) || filepath.Base(path) == ".dbtignore" {
		return candidate{}, false
	}
	if filepath.Dir(path) == x.layout.root && misplacedName(filepath.Base(path)) {
		return candidate{}, true
	}
	if c, ok = candidateOf(x.layout.root, x.layout.paths, path); ok {
		return c, true
	}
	for _, pkg := range x.packages {
		if c, ok = candidateOf(pkg.root, pkg.paths, path); ok {
			c.pkg = pkg.name
			return c, true
		}
	}
	return candidate{}, false
}

func candidateOf(root string, paths [][]string, path string) (c candidate, ok bool) {
	for folder, dirs := range paths {
		for _, dir := range dirs {
			rel, found := fspath.Rel(filepath.Join(root, dir), path)
			if !found {
				continue
			}
			kind := dbt.PathKind(folder)
			c, ok = candidate{path: path, rel: rel, folder: kind, kind: kindOf(kind, rel)}, true
			if c.kind != notRead {
				return c, true
			}
		}
	}
	return c, ok
}
