package dbt

import (
	"cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// The files beside or around a project that dbt reads by their exact names.
const (
	ProjectFileName      = "dbt_project.yml"
	ProfilesFileName     = "profiles.yml"
	PackagesFileName     = "packages.yml"
	DependenciesFileName = "dependencies.yml"
	SelectorsFileName    = "selectors.yml"
	VarsFileName         = "vars.yml"
	CatalogsFileName     = "catalogs.yml"
	EnvFileName          = ".env"
	CloudFileName        = "dbt_cloud.yml" // in ~/.dbt
	HomeFolder           = ".dbt"          // in the home folder
)

// PathKind is what dbt looks for in a folder of a project.
type PathKind int

// The kinds of folders, in the order of PathKinds.
const (
	ModelPaths PathKind = iota
	MacroPaths
	SeedPaths
	SnapshotPaths
	TestPaths
	AnalysisPaths
	FunctionPaths
)

// PathKinds lists the kinds of folders that hold Jinja, with the key of
// dbt_project.yml that names them and dbt's default.
var pathKinds = [...]struct{ key, fallback string }{
	ModelPaths:    {"model-paths", "models"},
	MacroPaths:    {"macro-paths", "macros"},
	SeedPaths:     {"seed-paths", "seeds"},
	SnapshotPaths: {"snapshot-paths", "snapshots"},
	TestPaths:     {"test-paths", "tests"},
	AnalysisPaths: {"analysis-paths", "analyses"},
	FunctionPaths: {"function-paths", "functions"},
}

// PathKeys returns the keys of dbt_project.yml that list folders of resources.
func PathKeys() []string {
	var keys []string
	for _, kind := range pathKinds {
		keys = append(keys, kind.key)
	}
	return keys
}

// ProjectFile is a dbt_project.yml.
type ProjectFile struct {
	YAML    *yamlfile.File
	Context *jinja.Context // of paths with Jinja; nil: nobody knows what they are
}

// Name returns the project's name, "" where there is none, and the node that holds it.
func (p ProjectFile) Name() (string, *yamlfile.Node) {
	node := p.YAML.Root.Get("name")
	name, _ := node.Text()
	return name, node
}

// Paths returns the folders of each PathKind, relative to the project's root,
// or dbt's defaults.
func (p ProjectFile) Paths() [][]string {
	all := make([][]string, len(pathKinds))
	for kind, k := range pathKinds {
		all[kind] = p.list(k.key, k.fallback)
	}
	return all
}

// PackagesInstallPath returns the folder of installed packages, relative to
// the root. One that is not known counts as the default.
func (p ProjectFile) PackagesInstallPath() string {
	if path, ok := p.path(p.YAML.Root.Get("packages-install-path")); ok && path != "" {
		return path
	}
	return "dbt_packages"
}

func (p ProjectFile) list(key, fallback string) []string {
	node := p.YAML.Root.Get(key).Resolved()
	if node == nil || node.Kind != yamlfile.Sequence {
		return []string{fallback}
	}
	var paths []string
	for _, item := range node.Items {
		if path, ok := p.path(item); ok {
			paths = append(paths, cmp.Or(path, ".")) // an empty one is the project's own folder
		}
	}
	return paths
}

// path is a text, rendered where it holds Jinja; ok is false where nobody knows
// what it is.
func (p ProjectFile) path(node *yamlfile.Node) (path string, ok bool) {
	path, ok = node.Text()
	switch {
	case !ok || node.IsNull():
		return "", false
	case !HasJinja(path):
		return path, true
	case p.Context == nil:
		return "", false
	}
	rendered := Render(node, p.Context)
	return rendered.Text, rendered.Known
}
