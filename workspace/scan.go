package workspace

import (
	"bytes"
	"cmp"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/gitfiles"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/parallel"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
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
	locals  []string   // folders of packages on this disk, which dbt installs when it needs them; absolute
	words   string     // names of Mesh projects, whose refs are looked for; blank-separated
}

func (l layout) equal(other layout) bool {
	return l.root == other.root && l.install == other.install && l.words == other.words && slices.Equal(l.locals, other.locals) &&
		slices.EqualFunc(l.paths, other.paths, slices.Equal[[]string])
}

// folders returns the folders of the project's own resources, absolute.
func (l layout) folders() []string {
	var all []string
	for _, dirs := range l.paths {
		for _, dir := range dirs {
			all = append(all, filepath.Join(l.root, dir))
		}
	}
	return all
}

// An index is what the resource paths of one project hold. It never changes.
type index struct {
	*scanned
	sources []*source                     // sorted by path
	macros  map[string]*jinja.Macro       // of the macro files that are kept
	configs map[resourceID]*yamlfile.Node // of the resources that properties files name
	noted   []*File                       // the project's own files with a comment for this program
	nodes   bool                          // there is a model, seed or snapshot, for which dbt makes up a name
}

// scanned is what only a new scan changes.
type scanned struct {
	layout     layout
	ignoreFile string   // .dbtignore, present or not
	folders    []string // that dbt reads, absolute: the project's own first
	own        int      // of folders
	packages   []pack
	broken     []string // dbt_project.yml of installed packages that are no YAML
	words      []word   // a file without any of them is not kept
	enabled    word
	variable   word                             // "var("
	ref        word                             // "ref("
	ignored    func(path string, dir bool) bool // by .dbtignore; nil where there is none
	files      int
	present    map[resourceID]bool // seeds, singular tests, functions, and whether there are snapshots
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

// kindOf says what dbt does with a file below a resource folder. Of functions it
// renders the other languages as well.
func kindOf(folder dbt.PathKind, rel string) sourceKind {
	switch ext := fspath.Ext(rel); {
	case IsYAML(rel):
		return propertyYML
	case folder == dbt.FunctionPaths && (ext == ".py" || ext == ".js"):
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

// A batch is candidates of one folder, which are read together.
type batch struct {
	dir    string
	rel    string // of dir below its resource folder, with "/" behind it; "" for that itself
	folder dbt.PathKind
	pkg    string
	files  []dirEntry
}

// batchSize is how many files of a folder one goroutine reads at a time.
const batchSize = 128

// readSize is the size, in bytes, of the buffers for files and folders. Hardly
// a model is larger.
const readSize = 64 << 10

func (b *batch) candidate(name string) candidate {
	rel := b.rel + name
	return candidate{b.dir + string(filepath.Separator) + name, rel, b.folder, kindOf(b.folder, rel), b.pkg}
}

// scanner reads the resource paths of one project.
type scanner struct {
	*index
	tree       *Tree
	open       map[string]*File // documents by path; their content counts, also where no file is
	batches    []*batch
	macroFiles []candidate
	taken      map[string][]*batch // by folder
}

// scan reads all resource paths: the macros first, since a model that calls a
// macro which calls env_var needs the variable as well.
func scan(l layout, tree *Tree, open map[string]*File) *index {
	s := &scanner{
		tree: tree, open: open, taken: map[string][]*batch{},
		index: &index{macros: map[string]*jinja.Macro{}, scanned: &scanned{layout: l, present: map[resourceID]bool{}}},
	}
	s.ignoreFile, s.folders = filepath.Join(l.root, ".dbtignore"), l.folders()
	s.own = len(s.folders)
	s.folders = append(append(s.folders, l.install), l.locals...)
	s.ignored = dbtIgnore(l.root)
	s.words, s.enabled, s.variable, s.ref = []word{newWord("env_var"), remark()}, newWord("enabled"), newWord("var("), newWord("ref(")
	for name := range strings.FieldsSeq(l.words) {
		s.words = append(s.words, newWord(name))
	}
	s.list()
	s.readMacros()
	s.readRest()
	slices.SortFunc(s.sources, func(a, b *source) int { return cmp.Compare(a.file.Path, b.file.Path) })
	s.configs = configured(s.sources)
	for _, src := range s.sources {
		s.note(src)
	}
	return s.index
}

// list walks the resource paths of the project and of its installed packages.
func (s *scanner) list() {
	for folder, dirs := range s.layout.paths {
		for _, dir := range dirs {
			s.resources(s.layout.root, dir, dbt.PathKind(folder), "")
		}
	}
	s.packages, s.broken = s.tree.installed(s.layout.install)
	for _, root := range s.layout.locals {
		pkg, ok := packAt(root)
		i := slices.IndexFunc(s.packages, func(p pack) bool { return p.name == pkg.name })
		switch {
		case !ok:
		case i < 0:
			pkg.local = true
			s.packages = append(s.packages, pkg)
		case sameFolder(s.packages[i].root, root): // a link: files are known by the name under which people open them
			s.packages[i].root = root
		}
	}
	for _, pkg := range s.packages {
		for _, name := range pkg.variables {
			s.words = append(s.words, newWord(name))
		}
		for folder, dirs := range pkg.paths {
			for _, dir := range dirs {
				s.resources(pkg.root, dir, dbt.PathKind(folder), pkg.name)
			}
		}
	}
}

// sameFolder reports whether two paths lead to one folder.
func sameFolder(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

func (s *scanner) resources(root, dir string, folder dbt.PathKind, pkg string) {
	base := filepath.Join(root, dir)
	if len(s.tree.list(base)) == 0 { // most of the folders that dbt looks into are not there
		return
	}
	if real, err := filepath.EvalSymlinks(base); err == nil {
		s.walk(&batch{dir: base, folder: folder, pkg: pkg}, []string{real})
	}
}

// walk lists the files of a folder and of those below it. Links to folders are
// followed as dbt follows them, unless they lead to a folder around them; around
// are these folders without links, the folder itself last.
func (s *scanner) walk(b *batch, around []string) {
	earlier, entries := s.taken[b.dir], s.tree.list(b.dir)
	b.files = make([]dirEntry, 0, len(entries))
	for _, e := range entries {
		kind := e.kind
		if kind == isLink {
			kind = linked(filepath.Join(b.dir, e.name))
		}
		switch {
		case kind == isFolder:
			s.descend(b, e, around)
		case kind == isFile && !taken(earlier, e) && (s.ignored == nil || !s.ignored(filepath.Join(b.dir, e.name), false)):
			s.take(b, e)
		}
	}
	s.split(b)
}

func (s *scanner) descend(b *batch, e dirEntry, around []string) {
	dir := filepath.Join(b.dir, e.name)
	if s.ignored != nil && s.ignored(dir, true) {
		return
	}
	real := filepath.Join(around[len(around)-1], e.name)
	if e.kind == isLink {
		var err error
		if real, err = filepath.EvalSymlinks(dir); err != nil {
			return
		}
	}
	if !slices.Contains(around, real) {
		below := &batch{dir: dir, rel: b.rel + e.name + "/", folder: b.folder, pkg: b.pkg}
		s.walk(below, append(around[:len(around):len(around)], real))
	}
}

// linked is what a link leads to.
func linked(path string) entryType {
	info, err := os.Stat(path)
	if err != nil {
		return isOther
	}
	return typeOf(info.Mode())
}

// taken reports whether another resource path led to a file before: the first
// that reads it counts.
func taken(earlier []*batch, e dirEntry) bool {
	return slices.ContainsFunc(earlier, func(b *batch) bool { return slices.Contains(b.files, e) })
}

// take notes one file.
func (s *scanner) take(b *batch, e dirEntry) {
	if b.dir == s.layout.root && misplacedName(e.name) { // it is known already
		return
	}
	s.nodes = s.nodes || b.pkg == "" && isNode(b.folder, e.name)
	if id, ok := resourceOf(b.folder, b.rel+e.name, b.pkg); ok {
		s.present[id] = true
	}
	switch kindOf(b.folder, b.rel+e.name) {
	case notRead:
		return
	case macroSQL:
		s.macroFiles = append(s.macroFiles, b.candidate(e.name))
	case modelSQL, propertyYML:
	}
	s.files++
	b.files = append(b.files, e)
}

// split makes batches of what a folder holds.
func (s *scanner) split(b *batch) {
	if len(b.files) == 0 {
		return
	}
	s.taken[b.dir] = append(s.taken[b.dir], b)
	for files := range slices.Chunk(b.files, batchSize) {
		part := *b
		part.files = files
		s.batches = append(s.batches, &part)
	}
}

// resourceOf is the resource of a file, for the kinds of which dbt must have one to
// look at its properties.
func resourceOf(folder dbt.PathKind, rel, pkg string) (id resourceID, ok bool) {
	id = resourceID{pkg: pkg, key: resourceKeys[folder], name: strings.TrimSuffix(path.Base(rel), path.Ext(rel))}
	switch kind := kindOf(folder, rel); folder {
	case dbt.SeedPaths:
		return id, kind == notRead
	case dbt.TestPaths, dbt.FunctionPaths:
		return id, kind == modelSQL
	case dbt.SnapshotPaths:
		id.name = ""
		return id, kind == modelSQL
	}
	return resourceID{}, false
}

// isNode reports whether dbt makes up a schema and a name for a file.
func isNode(folder dbt.PathKind, rel string) bool {
	switch fspath.Ext(rel) {
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
		return nil
	}
	patterns := gitfiles.Patterns(content, "")
	return func(path string, dir bool) bool {
		rel, err := filepath.Rel(root, path)
		return err == nil && gitfiles.IgnoredBelow(patterns, filepath.ToSlash(rel), dir)
	}
}

// A pack is an installed package.
type pack struct {
	root, name string
	paths      [][]string
	variables  []string // its own, whose value calls env_var
	local      bool     // it lies where packages.yml says, and is not installed yet
}

// installed returns the packages in a folder, sorted by the names of their folders,
// and which of them cannot be read.
func (t *Tree) installed(folder string) (all []pack, broken []string) {
	for _, e := range t.list(folder) {
		root := filepath.Join(folder, e.name)
		if pkg, ok := packAt(root); ok {
			all = append(all, pkg)
		} else if file := readFile(filepath.Join(root, dbt.ProjectFileName)); file.Exists() && file.YAML().Broken() {
			broken = append(broken, file.Path)
		}
	}
	slices.SortFunc(all, func(a, b pack) int { return cmp.Compare(a.root, b.root) })
	return all, broken
}

// packAt reads what a folder says of the package in it.
func packAt(root string) (pack, bool) {
	file := readFile(filepath.Join(root, dbt.ProjectFileName))
	if !file.Exists() {
		return pack{}, false
	}
	project := dbt.ProjectFile{YAML: file.YAML()}
	name, _ := project.Name()
	return pack{root: root, name: name, paths: project.Paths(), variables: variableNames(installedProjectUnits(file, name))}, name != ""
}

// readMacros reads the macro files and finds those that lead to a call, by way
// of any number of other macros.
func (s *scanner) readMacros() {
	for path := range s.open { // a document that is not on the disk
		if c, ok := s.candidate(path); ok && c.kind == macroSQL && !s.hidden(path) {
			s.macroFiles = append(s.macroFiles, c)
		}
	}
	slices.SortStableFunc(s.macroFiles, func(a, b candidate) int { return cmp.Compare(a.path, b.path) })
	files := slices.CompactFunc(s.macroFiles, func(a, b candidate) bool { return a.path == b.path })
	contents := make([]*File, len(files))
	parallel.Each(len(files), 1, func(i int) { contents[i] = s.read(files[i].path) })
	for more := true; more; more = s.addWords() || more {
		more = false
		for i, c := range files {
			if contents[i] != nil && s.interesting(contents[i].Content) {
				s.add(c, contents[i])
				contents[i], more = nil, true
			}
		}
	}
}

// hidden reports whether .dbtignore hides a file from dbt.
func (x *scanned) hidden(path string) bool { return x.ignored != nil && x.ignored(path, false) }

// add keeps a file with its macros.
func (x *index) add(c candidate, file *File) {
	src := newSource(c, file)
	x.sources = append(x.sources, src)
	for _, m := range src.macros() {
		x.macros[c.macroName(m)] = m
	}
}

// addWords makes words of the macros that lead to a call: who calls one of them is
// to be kept as well. It reports whether there are more.
func (x *index) addWords() (more bool) {
	for _, src := range x.sources {
		everywhere := x.interesting(src.outside())
		for _, m := range src.macros() {
			called := calledBy(m)
			if slices.ContainsFunc(x.words, func(w word) bool { return string(w.text) == called }) {
				continue
			}
			if everywhere || x.interesting(src.textOf(m)) {
				x.words, more = append(x.words, newWord(called)), true
			}
		}
	}
	return more
}

// textOf is the whole of a macro.
func (s *source) textOf(m *jinja.Macro) []byte { return s.file.Content[m.Span.Start:m.Span.End] }

// outside is what stands outside all macros of a file: what it sets, each of them
// may use.
func (s *source) outside() []byte {
	var rest []byte
	end := 0
	for _, m := range s.macros() {
		if m.Span.Start >= end { // else it stands in another
			rest = append(rest, s.file.Content[end:m.Span.Start]...)
			end = m.Span.End
		}
	}
	return append(rest, s.file.Content[end:]...)
}

// macros are those that a SQL file defines.
func (s *source) macros() []*jinja.Macro {
	if s.template == nil {
		return nil
	}
	return s.template.Macros
}

// macroName is the name under which a macro of a file is known in the project.
func (c candidate) macroName(m *jinja.Macro) string {
	if c.pkg != "" {
		return c.pkg + "." + m.Name
	}
	return m.Name
}

// calledBy is the word that stands in every file that calls a macro, be it by way
// of adapter.dispatch or, for a generic test, of a properties file.
func calledBy(m *jinja.Macro) string {
	called := strings.TrimPrefix(m.Name, "test_")
	if _, behind, ok := strings.Cut(called, "__"); ok && behind != "" {
		return behind
	}
	return called
}

func (x *index) interesting(content []byte) bool {
	for _, w := range x.words {
		if w.in(content) {
			return true
		}
	}
	return false
}

// readRest reads everything but the macros.
func (s *scanner) readRest() {
	found := make([][]*source, len(s.batches))
	parallel.Each(len(s.batches), 1, func(i int) { found[i] = s.readBatch(s.batches[i]) })
	for _, some := range found {
		s.sources = append(s.sources, some...)
	}
	for path, file := range s.open {
		c, ok := s.candidate(path)
		if !ok || s.hidden(path) {
			continue
		}
		s.nodes = s.nodes || c.pkg == "" && isNode(c.folder, c.rel) && file.Exists()
		if id, ok := resourceOf(c.folder, c.rel, c.pkg); ok && file.Exists() {
			s.present[id] = true
		}
		if c.kind == modelSQL || c.kind == propertyYML {
			if src := s.look(c, file); src != nil {
				s.sources = append(s.sources, src)
			}
		}
	}
}

// readBatch returns the files of a batch that are kept. Documents are left out:
// they are not read from the disk.
func (s *scanner) readBatch(b *batch) []*source {
	folder, err := openFolder(b.dir)
	if err != nil {
		return nil
	}
	defer folder.close()
	buffer := s.tree.buffer()
	defer s.tree.buffers.Put(buffer)
	var kept []*source
	for _, e := range b.files {
		kind := kindOf(b.folder, b.rel+e.name)
		if kind == macroSQL || len(s.open) > 0 && s.open[b.candidate(e.name).path] != nil {
			continue
		}
		content, err := folder.read(e.name, buffer)
		if err == nil && (s.keeps(kind, content) || kind == propertyYML && misplacedName(e.name)) {
			c := b.candidate(e.name)
			kept = append(kept, newSource(c, newFile(c.path, bytes.Clone(content), nil)))
		}
	}
	return kept
}

// look returns a source when a file holds something to keep, else nil.
func (x *index) look(c candidate, file *File) *source {
	if file.Exists() && (x.keeps(c.kind, file.Content) || c.kind == propertyYML && misplacedName(file.Name())) {
		return newSource(c, file)
	}
	return nil
}

// keeps reports whether a file holds a word that is looked for, or a ref to
// another project. A properties file without one matters all the same when it may
// switch a resource off, when it reads a variable of the project, or when dbt
// cannot read it.
func (x *index) keeps(kind sourceKind, content []byte) bool {
	return x.interesting(content) || kind != macroSQL && hasTwoArgumentRef(x.ref, content) ||
		kind == propertyYML && (x.enabled.in(content) || x.variable.in(content) || !yamlfile.Simple(content) && len(yamlfile.Parse(content).Problems) > 0)
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
