package workspace

import (
	"path/filepath"
	"strings"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/commands"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jsonc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// supplierNames are the files of a repository that give variables to what one
// tool starts: direnv, Meltano, compose, a dev container. dbt reads none of them.
var supplierNames = [...]string{
	".envrc", meltanoName, "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml",
	".devcontainer/devcontainer.json", ".devcontainer.json",
}

const meltanoName = "meltano.yml"

// Supplier returns the file that gives a variable to what another tool starts, nil
// without one: dbt has the variable there, and not in a plain terminal.
func (p *Project) Supplier(name string) *File { return p.around.suppliers.of(name) }

// suppliers are the files that supply variables, the nearest first. They are looked
// into when somebody asks.
type suppliers struct {
	files   []*File
	once    sync.Once
	byName  map[string]*File
	meltano *File
}

// findSuppliers finds them in the project's folder and those above it, up to the top
// of the repository.
func (b *builder) findSuppliers() *suppliers {
	var paths []string
	for dir := b.Root; ; dir = filepath.Dir(dir) {
		for _, name := range supplierNames {
			paths = append(paths, filepath.Join(dir, filepath.FromSlash(name)))
		}
		paths = append(paths, b.namedContainers(dir)...)
		if _, inside := fspath.Rel(b.around.from.top, dir); b.around.from.top == "" || !inside || dir == b.around.from.top {
			return &suppliers{files: b.existing(paths)}
		}
	}
}

// of returns the nearest file that supplies a variable, nil without one.
func (s *suppliers) of(name string) *File {
	s.once.Do(s.read)
	if file := s.byName[name]; file != nil || !strings.HasPrefix(name, "MELTANO_") {
		return file
	}
	return s.meltano // which sets such names by itself
}

func (s *suppliers) read() {
	s.byName = map[string]*File{}
	for _, file := range s.files {
		for _, name := range suppliedBy(file) {
			if s.byName[name] == nil {
				s.byName[name] = file
			}
		}
		if file.Name() == meltanoName && s.meltano == nil {
			s.meltano = file
		}
	}
}

// suppliedBy returns the names that a file gives a value of its own, not one that
// it hands on from outside.
func suppliedBy(file *File) []string {
	switch filepath.Ext(file.Name()) {
	case ".envrc":
		return commands.Exported(string(file.Content))
	case ".json":
		return devcontainerNames(string(file.Content))
	}
	return environmentNames(file)
}

// devcontainerNames returns what a dev container sets, and the secrets that
// Codespaces asks for.
func devcontainerNames(content string) []string {
	var names []string
	root := jsonc.Parse(content).Root
	for _, key := range [...]string{"containerEnv", "remoteEnv", "secrets"} {
		object := root.Get(key)
		if object == nil {
			continue
		}
		for i, name := range object.Keys {
			if !handsOn(object.Items[i].Text, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// environmentNames returns the keys below every `environment:` of a compose file,
// or `env:` of meltano.yml; a list has NAME=value as its items.
func environmentNames(file *File) []string {
	heading := "environment"
	if file.Name() == meltanoName {
		heading = "env"
	}
	var names []string
	file.YAML().Walk(func(path []string, node *yamlfile.Node) bool {
		if len(path) < 2 || path[len(path)-2] != heading {
			return true
		}
		text, _ := node.Text()
		name, value := path[len(path)-1], text
		if strings.HasPrefix(name, "[") {
			var assigned bool
			if name, value, assigned = strings.Cut(text, "="); !assigned {
				return true
			}
		}
		if !handsOn(value, name) {
			names = append(names, name)
		}
		return true
	})
	return names
}

// handsOn reports whether a value is that of the same variable outside.
func handsOn(value, name string) bool {
	return strings.Contains(value, "${"+name) || strings.Contains(value, "localEnv:"+name) || value == "$"+name
}
