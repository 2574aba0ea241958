package dbt

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// PackagesFile is a packages.yml or dependencies.yml: one type in dbt
// (dbt-schemas/src/schemas/packages.rs).
type PackagesFile struct {
	Path     string
	YAML     *yamlfile.File
	Packages []PackageEntry
	Projects []ProjectEntry
	Problems []SchemaProblem // in the order of their places
}

// PackageKind is where a package comes from.
type PackageKind int

// The kinds of packages.
const (
	HubPackage PackageKind = iota
	GitPackage
	LocalPackage
	PrivatePackage
	TarballPackage
)

// PackageEntry is one item of `packages:`.
type PackageEntry struct {
	Kind   PackageKind
	Source string    // the text of its main key: dbt-labs/dbt_utils, a URL, a path; Jinja is not rendered
	At     text.Span // of Source
	Item   *yamlfile.Node
	File   *PackagesFile
}

// Name returns the name that a package most likely has: only its own
// dbt_project.yml says it. It is "" where nothing can be said.
func (e PackageEntry) Name() string {
	if HasJinja(e.Source) || e.Kind == TarballPackage {
		return ""
	}
	source := e.Source
	if end := strings.IndexAny(source, "?#"); end >= 0 && e.Kind == GitPackage { // what stands behind it may be a token
		source = source[:end]
	}
	name := path.Base(strings.TrimSuffix(filepath.ToSlash(source), ".git"))
	if name == "." || name == ".." || name == "/" {
		return ""
	}
	return name
}

// ProjectEntry is one item of `projects:`.
type ProjectEntry struct {
	Name string
	At   text.Span // of the name
	Item *yamlfile.Node
	File *PackagesFile
}

// SchemaProblem is a part of the file that dbt does not take as it is meant.
type SchemaProblem struct {
	Kind    SchemaKind
	Span    text.Span
	Message string     // what dbt does and what to do; without a value
	Refuses bool       // dbt stops; otherwise it goes on, but not as meant
	Related text.Span  // the other place, for duplicates; zero without one
	Edit    *text.Edit // the repair where the meaning is plain, else nil
}

// SchemaKind is what is wrong.
type SchemaKind int

// The kinds of problems.
const (
	UnknownKey SchemaKind = iota
	WrongShape
	MissingName
	DuplicateName    // a project twice
	DuplicatePackage // a local package twice
	JinjaNotRendered // Jinja in a project's name
	EmptySource      // a package without a path: dbt aborts
)

// ReadPackagesFile reads a packages.yml or dependencies.yml. It never fails; of
// a file that is no YAML it says nothing. Keys that stand twice are problems of
// the YAML.
func ReadPackagesFile(path string, file *yamlfile.File) *PackagesFile {
	p := &PackagesFile{Path: path, YAML: file}
	root := file.Root
	switch {
	case root.IsNull():
		return p
	case root.Resolved().Kind != yamlfile.Mapping:
		p.wrong(root, "dbt stops: the file must be a mapping with `packages` or `projects`.")
		return p
	}
	for pair := range root.All() {
		key, ok := textKey(pair.Key)
		switch {
		case !ok:
			p.wrong(pair.Key, "dbt stops: a key of this file must be a text.")
		case key == "packages":
			p.list(pair.Value, key, p.readPackage)
		case key == "projects":
			p.list(pair.Value, key, p.readProject)
		default:
			p.unknown(pair.Key, "This file has only `packages` and `projects`.", "packages", "projects")
		}
	}
	p.findDuplicates()
	slices.SortStableFunc(p.Problems, func(a, b SchemaProblem) int { return a.Span.Start - b.Span.Start })
	return p
}

func (p *PackagesFile) list(node *yamlfile.Node, key string, read func(*yamlfile.Node)) {
	node = node.Resolved()
	switch {
	case node.IsNull():
	case node.Kind != yamlfile.Sequence:
		p.wrong(node, fmt.Sprintf("dbt stops: `%s` must be a list.", key))
	default:
		for _, item := range node.Items {
			read(item.Resolved())
		}
	}
}

func (p *PackagesFile) readProject(item *yamlfile.Node) {
	const only = "An item of `projects` has only `name`."
	if item.IsNull() {
		p.missingName(item)
		return
	}
	if item.Kind != yamlfile.Mapping {
		p.wrong(item, "dbt stops: an item of `projects` must be written `name: …`.")
		if source, ok := p.source(item); ok && isText(item) {
			p.repair(text.Edit{Span: text.At(item.Span.Start), New: "name: "}, source)
		}
		return
	}
	var name *yamlfile.Node
	for pair := range item.All() {
		key, ok := textKey(pair.Key)
		switch {
		case !ok:
			p.wrong(pair.Key, "dbt stops: a key of this file must be a text.")
		case key == "name":
			name = pair.Value.Resolved()
			p.readName(item, name)
		default:
			p.unknown(pair.Key, only, "name")
		}
	}
	if name == nil {
		p.missingName(item)
	}
}

func (p *PackagesFile) readName(item, name *yamlfile.Node) {
	switch {
	case name.IsNull():
		p.missingName(name)
		return
	case !isText(name):
		p.wrong(name, "dbt stops: the `name` of a project must be a text.")
		if source, ok := p.source(name); ok && name.Kind == yamlfile.Scalar {
			p.repair(text.Edit{Span: name.Span, New: `"` + source + `"`}, source)
		}
		return
	case HasJinja(name.Value):
		p.add(SchemaProblem{Kind: JinjaNotRendered, Span: name.Span, Message: "dbt does not render Jinja in `projects`: it takes the name as it stands here. Write the name itself."})
	case name.Value == "":
		p.add(SchemaProblem{Kind: MissingName, Span: name.Span, Message: "The name is empty: no project is declared. Write the `name` of the upstream project's dbt_project.yml."})
	}
	p.Projects = append(p.Projects, ProjectEntry{name.Value, name.Span, item, p})
}

func (p *PackagesFile) missingName(at *yamlfile.Node) {
	p.add(SchemaProblem{Kind: MissingName, Span: spanOf(at), Refuses: true, Message: "dbt stops: an item of `projects` needs a `name`. Write the `name` of the upstream project's dbt_project.yml."})
}

// packageKind is what dbt accepts as one kind of package.
type packageKind struct {
	kind     PackageKind
	key      string // required, a text
	optional []packageOption
	open     bool // other keys are taken without a word
}

type packageOption struct {
	key   string
	takes func(*yamlfile.Node) bool
}

// packageKinds are the kinds in the order in which dbt tries them. Kinds with a
// text that dbt renders later take every other key without a word.
func packageKinds() []packageKind {
	repository := []packageOption{{"revision", isText}, {"warn-unpinned", isBool}, {"subdirectory", isText}}
	return []packageKind{
		{kind: HubPackage, key: "package", optional: []packageOption{{"version", isVersion}, {"install-prerelease", isBool}}},
		{kind: GitPackage, key: "git", optional: repository, open: true},
		{kind: LocalPackage, key: "local"},
		{kind: PrivatePackage, key: "private", optional: append(repository, packageOption{"provider", isText}), open: true},
		{kind: TarballPackage, key: "tarball", open: true},
	}
}

func (p *PackagesFile) readPackage(item *yamlfile.Node) {
	if item == nil || item.Kind != yamlfile.Mapping {
		p.wrongItem(item, "dbt stops: an item of `packages` must be a mapping with one of `package`, `git`, `local`, `private` and `tarball`.")
		return
	}
	kinds := packageKinds()
	for _, kind := range kinds {
		if kind.fits(item) {
			p.addPackage(item, kind)
			return
		}
	}
	p.explainPackage(item, kinds)
}

// fits reports whether dbt takes an item for a kind of package.
func (k packageKind) fits(item *yamlfile.Node) bool {
	if !isText(item.Get(k.key)) {
		return false
	}
	for pair := range item.All() {
		key, ok := textKey(pair.Key)
		if !ok || !k.takes(key, pair.Value.Resolved()) {
			return false
		}
	}
	return true
}

// takes reports whether a kind has no objection to the value of a key; null is
// no value.
func (k packageKind) takes(key string, value *yamlfile.Node) bool {
	for _, option := range k.optional {
		if option.key == key {
			return value.IsNull() || option.takes(value)
		}
	}
	return true
}

func (k packageKind) has(key string) bool {
	return key == k.key || slices.ContainsFunc(k.optional, func(o packageOption) bool { return o.key == key })
}

func (p *PackagesFile) addPackage(item *yamlfile.Node, kind packageKind) {
	source := item.Get(kind.key)
	if !kind.open {
		names := kind.keys()
		for pair := range item.All() {
			if key, _ := textKey(pair.Key); !kind.has(key) {
				p.unknown(pair.Key, fmt.Sprintf("A package with `%s` has only %s.", kind.key, list(names)), names...)
			}
		}
	}
	switch {
	case kind.kind == LocalPackage && path.Clean(source.Value) == ".":
		p.add(SchemaProblem{Kind: EmptySource, Span: source.Span, Refuses: true, Message: "dbt aborts: a project cannot be its own package. Write the path of another project, or remove the item."})
	case kind.kind == PrivatePackage && source.Value == "":
		p.add(SchemaProblem{Kind: EmptySource, Span: source.Span, Refuses: true, Message: "dbt aborts: the package has no name. Write it, or remove the item."})
	}
	p.Packages = append(p.Packages, PackageEntry{kind.kind, source.Value, source.Span, item, p})
}

func (k packageKind) keys() []string {
	keys := []string{k.key}
	for _, option := range k.optional {
		keys = append(keys, option.key)
	}
	return keys
}

// explainPackage says why an item is no package of any kind. dbt itself says
// only that nothing fits.
func (p *PackagesFile) explainPackage(item *yamlfile.Node, kinds []packageKind) {
	for pair := range item.All() {
		if _, ok := textKey(pair.Key); !ok {
			p.wrong(pair.Key, "dbt stops: a key of a package must be a text.")
			return
		}
	}
	for _, kind := range kinds {
		source, ok := item.Pair(kind.key)
		if !ok {
			continue
		}
		if value := source.Value.Resolved(); !isText(value) {
			p.wrongValue(value, source.Key, fmt.Sprintf("dbt stops: `%s` must be a text.", kind.key))
			return
		}
		for pair := range item.All() {
			key, _ := textKey(pair.Key)
			if value := pair.Value.Resolved(); !kind.takes(key, value) {
				p.wrongValue(value, pair.Key, fmt.Sprintf("dbt stops: `%s` must be %s.", key, expected(key)))
				return
			}
		}
	}
	p.wrongItem(item, "dbt stops: an item of `packages` needs one of `package`, `git`, `local`, `private` and `tarball`.")
}

func expected(key string) string {
	switch key {
	case "warn-unpinned", "install-prerelease":
		return "true or false"
	case "version":
		return "a text, a number or a list of texts"
	}
	return "a text"
}

// wrongValue reports a value that has the wrong type, and offers quotes where a
// text was meant. Where nothing stands, the key is the place.
func (p *PackagesFile) wrongValue(value, key *yamlfile.Node, message string) {
	if value.IsNull() || value.Span.Empty() {
		p.wrong(key, message)
		return
	}
	p.wrong(value, message)
	source, ok := p.source(value)
	if !ok || value.Kind != yamlfile.Scalar || !strings.HasSuffix(message, "a text.") {
		return
	}
	switch value.Type() {
	case yamlfile.Bool, yamlfile.Int, yamlfile.Float:
		p.repair(text.Edit{Span: value.Span, New: `"` + source + `"`}, source)
	}
}

func (p *PackagesFile) wrongItem(item *yamlfile.Node, message string) {
	p.add(SchemaProblem{Kind: WrongShape, Span: spanOf(item), Message: message, Refuses: true})
}

func (p *PackagesFile) wrong(node *yamlfile.Node, message string) { p.wrongItem(node, message) }

// unknown reports a key that dbt does not know here. A key that differs from a
// known one by case, a plural or the dash is offered as that one.
func (p *PackagesFile) unknown(key *yamlfile.Node, only string, known ...string) {
	problem := SchemaProblem{Kind: UnknownKey, Span: spanOf(key), Refuses: true, Message: "dbt stops at a key that it does not know here. " + only}
	name, _ := key.Text()
	for _, k := range known {
		if singular(letters(name)) == singular(letters(k)) {
			problem.Message += fmt.Sprintf(" Write `%s`.", k)
			problem.Edit = &text.Edit{Span: spanOf(key), New: k}
		}
	}
	if problem.Edit == nil {
		problem.Message += " Remove it."
	}
	p.add(problem)
}

func singular(word string) string { return strings.TrimSuffix(word, "s") }

func (p *PackagesFile) add(problem SchemaProblem) { p.Problems = append(p.Problems, problem) }

// repair gives the last problem an edit. Only a text that needs no escape is
// quoted.
func (p *PackagesFile) repair(edit text.Edit, source string) {
	if source != "" && !strings.ContainsAny(source, "\"\\\n\r") {
		p.Problems[len(p.Problems)-1].Edit = &edit
	}
}

// source returns what a scalar is written as.
func (p *PackagesFile) source(node *yamlfile.Node) (string, bool) {
	if node == nil || node.Kind != yamlfile.Scalar {
		return "", false
	}
	return string(node.Span.Of(p.YAML.Content)), true
}

func (p *PackagesFile) findDuplicates() {
	projects := map[string]ProjectEntry{}
	for _, e := range p.Projects {
		if before, ok := projects[e.Name]; ok {
			p.add(SchemaProblem{Kind: DuplicateName, Span: e.At, Related: before.At, Message: "The project is declared twice. Remove one."})
			continue
		}
		projects[e.Name] = e
	}
	packages := map[string]PackageEntry{}
	for _, e := range p.Packages {
		if e.Kind != LocalPackage {
			continue
		}
		if before, ok := packages[e.Source]; ok {
			p.add(SchemaProblem{Kind: DuplicatePackage, Span: e.At, Related: before.At, Message: "The package is listed twice: dbt warns and keeps the first. Remove one."})
			continue
		}
		packages[e.Source] = e
	}
}

// textKey returns a key that dbt takes for a name; numbers, booleans and null
// are none.
func textKey(key *yamlfile.Node) (string, bool) {
	name, ok := key.Text()
	return name, ok && isText(key)
}

func isText(node *yamlfile.Node) bool {
	node = node.Resolved()
	if node == nil || node.Kind != yamlfile.Scalar {
		return false
	}
	t := node.Type()
	return t == yamlfile.String || t == yamlfile.Tagged
}

func isBool(node *yamlfile.Node) bool { return node.Type() == yamlfile.Bool }

func isVersion(node *yamlfile.Node) bool {
	switch node.Type() {
	case yamlfile.Int, yamlfile.Float:
		return true
	case yamlfile.List:
		return !slices.ContainsFunc(node.Resolved().Items, func(item *yamlfile.Node) bool { return !isText(item) })
	}
	return isText(node)
}

// list joins names as a sentence does.
func list(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = "`" + name + "`"
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}

// Packages is what the engine makes of the two files
// (dbt-deps/src/steps/load_dbt_packages.rs).
type Packages struct {
	Packages []PackageEntry
	Projects []ProjectEntry
	Ignored  []ProjectEntry // declared, and dropped without a word
	Both     bool           // both files list packages: dbt stops
}

// MergePackages combines packages.yml and dependencies.yml; one that does not
// exist is nil.
func MergePackages(packages, dependencies *PackagesFile) Packages {
	switch {
	case packages == nil && dependencies == nil:
		return Packages{}
	case packages == nil:
		return Packages{Packages: dependencies.Packages, Projects: dependencies.Projects}
	case dependencies == nil:
		return Packages{Packages: packages.Packages, Projects: packages.Projects}
	}
	switch first, second := len(packages.Packages) > 0, len(dependencies.Packages) > 0; {
	case first && second:
		return Packages{Both: true}
	case first && len(dependencies.Projects) > 0:
		return Packages{Packages: packages.Packages, Projects: dependencies.Projects, Ignored: packages.Projects}
	case first:
		return Packages{Packages: packages.Packages, Projects: packages.Projects}
	case second:
		return Packages{Packages: dependencies.Packages, Projects: dependencies.Projects, Ignored: packages.Projects}
	}
	return Packages{Ignored: slices.Concat(packages.Projects, dependencies.Projects)}
}

// Project returns the declared project of a name that dbt sees.
func (p *Packages) Project(name string) (ProjectEntry, bool) {
	for _, e := range p.Projects {
		if e.Name == name {
			return e, true
		}
	}
	return ProjectEntry{}, false
}
