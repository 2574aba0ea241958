package workspace

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// A sourceKind is what dbt does with a file below the resource paths.
type sourceKind int

const (
	notRead     sourceKind = iota
	modelSQL               // models, singular tests, analyses, snapshots: rendered at parse
	macroSQL               // macros and generic tests: rendered when they are called
	propertyYML            // properties: every value is rendered at parse
)

// A source is one file below the resource paths that holds a call or leads to
// one, or a properties file with a mistake. Others are not kept.
type source struct {
	file     *File
	kind     sourceKind
	folder   dbt.PathKind
	rel      string          // path below the folder it was found in, with "/"
	pkg      string          // the installed package it belongs to, "" for the project's own
	template *jinja.Template // of a SQL file
	units    []*unit
	tests    []string // of a properties file: the words below `data_tests:`
}

// A layout says which folders of a project dbt reads. Two layouts that are
// equal find the same files.
type layout struct {
	root    string
	paths   [][]string // by dbt.PathKind
	install string     // the folder of installed packages, absolute
	words   string     // names of Mesh projects, whose refs are looked for; blank-separated
}

func (l layout) equal(other layout) bool {
	return l.root == other.root && l.install == other.install && l.words == other.words &&
		slices.EqualFunc(l.paths, other.paths, slices.Equal[[]string])
}

// An index is what the resource paths of one project hold. It never changes.
type index struct {
	*scanned
	sources []*source                     // sorted by path
	configs map[resourceID]*yamlfile.Node // of the resources that properties files name
	nodes   bool                          // there is a model, seed or snapshot, for which dbt makes up a name
}

// scanned is what only a new scan changes.
type scanned struct {
	layout   layout
	packages []pack
	macros   map[string]*jinja.Macro
	words    [][]byte                         // a file without any of them is not kept
	ignored  func(path string, dir bool) bool // by .dbtignore
	files    int
}

// source returns what is kept of the file at a path, nil if nothing is.
func (x *index) source(path string) *source {
	if i, ok := x.find(path); ok {
		return x.sources[i]
	}
	return nil
}

func (x *index) find(path string) (at int, ok bool) {
	return slices.BinarySearchFunc(x.sources, path, func(s *source, path string) int { return cmp.Compare(s.file.Path, path) })
}

// kindOf says what dbt does with a file below a resource folder.
func kindOf(folder dbt.PathKind, rel string) sourceKind {
	switch ext := filepath.Ext(rel); {
	case ext == ".yml" || ext == ".yaml":
		return propertyYML
	case ext != ".sql":
		return notRead
	case folder == dbt.SeedPaths:
		return notRead
	case folder == dbt.MacroPaths, folder == dbt.TestPaths && strings.HasPrefix(rel, "generic/"):
		return macroSQL
	}
	return modelSQL
}

// A candidate is a file that dbt reads, before anybody looked into it.
type candidate struct {
	path   string
	rel    string
	folder dbt.PathKind
	kind   sourceKind
	pkg    string
}

// scanner reads the resource paths of one project.
type scanner struct {
	*index
	open map[string]*File // documents by path; their content counts, also where no file is
}

// scan reads all resource paths: the macros first, since a model that calls a
// macro which calls env_var needs the variable as well.
func scan(l layout, open map[string]*File) *index {
	s := &scanner{open: open, index: &index{scanned: &scanned{layout: l, macros: map[string]*jinja.Macro{}}}}
	candidates := s.list()
	s.files = len(candidates)
	s.words = append([][]byte{[]byte("env_var")}, bytes.Fields([]byte(l.words))...)
	s.readMacros(candidates)
	s.readRest(candidates)
	slices.SortFunc(s.sources, func(a, b *source) int { return cmp.Compare(a.file.Path, b.file.Path) })
	s.configs = configured(s.sources)
	return s.index
}

// list walks the resource paths of the project and of its installed packages.
func (s *scanner) list() []candidate {
	var all []candidate
	s.ignored = dbtIgnore(s.layout.root)
	for folder, dirs := range s.layout.paths {
		for _, dir := range dirs {
			nodes := s.walk(filepath.Join(s.layout.root, dir), "", dbt.PathKind(folder), s.ignored, &all)
			s.nodes = s.nodes || nodes
		}
	}
	s.packages = installed(s.layout.install)
	for _, pkg := range s.packages {
		for folder, dirs := range pkg.paths {
			for _, dir := range dirs {
				s.walk(filepath.Join(pkg.root, dir), pkg.name, dbt.PathKind(folder), s.ignored, &all)
			}
		}
	}
	for path := range s.open {
		if c, ok := s.candidate(path); ok && c.kind != notRead && !s.ignored(path, false) {
			all = append(all, c)
			s.nodes = s.nodes || isNode(c.folder, c.rel)
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.path, b.path) })
	return slices.CompactFunc(all, func(a, b candidate) bool { return a.path == b.path })
}

// walk lists the files below one resource folder, and reports whether one of
// them is a node. Links to folders are followed as dbt follows them, unless
// they lead to a folder around them.
func (s *scanner) walk(base, pkg string, folder dbt.PathKind, ignored func(path string, dir bool) bool, all *[]candidate) (nodes bool) {
	var visit func(dir string, around []string)
	visit = func(dir string, around []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return
		}
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			isDir := entry.IsDir()
			if entry.Type()&os.ModeSymlink != 0 {
				info, err := os.Stat(path)
				isDir = err == nil && info.IsDir()
			}
			if ignored(path, isDir) {
				continue
			}
			if isDir {
				if real, err := filepath.EvalSymlinks(path); err == nil && !slices.Contains(around, real) {
					visit(path, append(around[:len(around):len(around)], real))
				}
				continue
			}
			rel, _ := filepath.Rel(base, path)
			rel = filepath.ToSlash(rel)
			nodes = nodes || isNode(folder, rel)
			if kind := kindOf(folder, rel); kind != notRead {
				*all = append(*all, candidate{path, rel, folder, kind, pkg})
			}
		}
	}
	if real, err := filepath.EvalSymlinks(base); err == nil {
		visit(base, []string{real})
	}
	return nodes
}

// isNode reports whether dbt makes up a schema and a name for a file.
func isNode(folder dbt.PathKind, rel string) bool {
	switch filepath.Ext(rel) {
	case ".sql":
		return folder == dbt.ModelPaths || folder == dbt.SnapshotPaths
	case ".py":
		return folder == dbt.ModelPaths
	case ".csv":
		return folder == dbt.SeedPaths
	}
	return false
}

// dbtIgnore reads .dbtignore, whose patterns are those of .gitignore.
func dbtIgnore(root string) func(path string, dir bool) bool {
	content, err := readRegular(filepath.Join(root, ".dbtignore"))
	if err != nil {
		return func(string, bool) bool { return false }
	}
	var patterns []gitignore.Pattern
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !strings.HasPrefix(line, "#") {
			patterns = append(patterns, gitignore.ParsePattern(line, nil))
		}
	}
	matcher := gitignore.NewMatcher(patterns)
	return func(path string, dir bool) bool {
		rel, err := filepath.Rel(root, path)
		return err == nil && matcher.Match(strings.Split(filepath.ToSlash(rel), "/"), dir)
	}
}

// A pack is an installed package.
type pack struct {
	root, name string
	paths      [][]string
}

func installed(folder string) []pack {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var all []pack
	for _, entry := range entries {
		root := filepath.Join(folder, entry.Name())
		file := readFile(filepath.Join(root, dbt.ProjectFileName))
		if !file.Exists() {
			continue
		}
		project := dbt.ProjectFile{YAML: file.YAML()}
		if name, _ := project.Name(); name != "" {
			all = append(all, pack{root, name, project.Paths()})
		}
	}
	return all
}

// readMacros reads the macro files and finds those that lead to a call, by way
// of any number of other macros.
func (s *scanner) readMacros(candidates []candidate) {
	var files []candidate
	for _, c := range candidates {
		if c.kind == macroSQL {
			files = append(files, c)
		}
	}
	contents := make([]*File, len(files))
	parallel(len(files), func(i int) { contents[i] = s.read(files[i].path) })
	for more := true; more; {
		more = false
		for i, c := range files {
			if contents[i] == nil || !s.interesting(contents[i].Content) {
				continue
			}
			s.add(c, contents[i])
			contents[i], more = nil, true
		}
	}
}

// add keeps a file, and the names of its macros as words to look for.
func (x *index) add(c candidate, file *File) {
	src := newSource(c, file)
	x.sources = append(x.sources, src)
	if src.template == nil {
		return
	}
	for _, m := range src.template.Macros {
		name := m.Name
		if c.pkg != "" {
			name = c.pkg + "." + name
		}
		x.macros[name] = m
		word := []byte(strings.TrimPrefix(m.Name, "test_"))
		if i := strings.Index(m.Name, "__"); i > 0 { // called through adapter.dispatch
			word = word[strings.Index(string(word), "__")+2:]
		}
		if !slices.ContainsFunc(x.words, func(w []byte) bool { return bytes.Equal(w, word) }) {
			x.words = append(x.words, word)
		}
	}
}

func (x *index) interesting(content []byte) bool {
	for _, word := range x.words {
		if bytes.Contains(content, word) {
			return true
		}
	}
	return false
}

// readRest reads everything but the macros.
func (s *scanner) readRest(candidates []candidate) {
	found := make([]*source, len(candidates))
	parallel(len(candidates), func(i int) {
		if c := candidates[i]; c.kind != macroSQL {
			found[i] = s.look(c, s.read(c.path))
		}
	})
	s.sources = append(s.sources, slices.DeleteFunc(found, func(src *source) bool { return src == nil })...)
}

// look returns a source when a file holds something to keep, else nil.
func (x *index) look(c candidate, file *File) *source {
	if file == nil || !file.Exists() {
		return nil
	}
	if x.interesting(file.Content) || c.kind == propertyYML && tells(file) {
		return newSource(c, file)
	}
	return nil
}

// tells reports whether a properties file without a call matters all the same:
// it may switch a resource off, or dbt cannot read it.
func tells(file *File) bool {
	return bytes.Contains(file.Content, []byte("enabled")) || len(file.YAML().Problems) > 0
}

func (s *scanner) read(path string) *File {
	if file, ok := s.open[path]; ok {
		return file
	}
	file := readFile(path)
	if !file.Exists() {
		return nil
	}
	return file
}

// parallel runs work for 0 to n-1 on all processors.
func parallel(n int, work func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			work(i)
		}
		return
	}
	var next sync.Mutex
	at := 0
	const chunk = 32
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				next.Lock()
				from := at
				at += chunk
				next.Unlock()
				if from >= n {
					return
				}
				for i := from; i < min(from+chunk, n); i++ {
					work(i)
				}
			}
		})
	}
	wg.Wait()
}
