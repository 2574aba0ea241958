package dbt

import (
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

// ProjectEntry is one item of `projects:`.
type ProjectEntry struct {
	Name string
	At   text.Span // of the name
	Item *yamlfile.Node
	File *PackagesFile
}

// SchemaProblem is a part of the file that dbt does not take.
type SchemaProblem struct {
	Kind    SchemaKind
	Span    text.Span
	Message string // what dbt does and what to do; without a value
	Refuses bool   // dbt stops; otherwise it is taken, but not as meant
	Related text.Span
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
	EmptyLocal       // a local package without a path: dbt aborts
)

// ReadPackagesFile reads a packages.yml or dependencies.yml. It never fails.
func ReadPackagesFile(path string, file *yamlfile.File) *PackagesFile {
	return &PackagesFile{Path: path, YAML: file}
}

// Packages is what the engine makes of the two files
// (dbt-deps/src/steps/load_dbt_packages.rs).
type Packages struct {
	Packages []PackageEntry
	Projects []ProjectEntry
	Ignored  []ProjectEntry // declared, and dropped without a word
	Both     bool           // both files list packages: dbt stops
}

// MergePackages combines the two files; one that does not exist is nil.
func MergePackages(packages, dependencies *PackagesFile) Packages { return Packages{} }

// Project returns the declared project of a name that dbt sees.
func (p *Packages) Project(name string) (ProjectEntry, bool) { return ProjectEntry{}, false }
