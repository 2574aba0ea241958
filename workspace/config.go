package workspace

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/gitfiles"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// ConfigFileName is the configuration of this program, at the root of a project
// or of its repository. It is no file of dbt's.
const ConfigFileName = "dbt-hybrid.yml"

// Config is what dbt-hybrid.yml says about a project. What stands in the
// project's own file wins over that of the repository. Mistakes count as not
// said; the rule config-invalid tells of them.
type Config struct {
	Files      []*File      // those that exist, the project's first
	Rules      []ConfigRule // the project's first
	Target     string
	WorkingDir string // absolute

	ignore []ignoreList
}

// ConfigRule is one line below `rules:`, as written.
type ConfigRule struct{ Code, Severity string }

// ignoreList is what one file says under `ignore:`.
type ignoreList struct {
	folder   string // of the file
	patterns []gitfiles.Pattern
}

// Ignores reports whether findings in the file at a path are to be left out.
func (c *Config) Ignores(path string) bool {
	for _, list := range c.ignore {
		if rel, ok := fspath.Rel(list.folder, path); ok && gitfiles.IgnoredBelow(list.patterns, rel, false) {
			return true
		}
	}
	return false
}

// configure reads the configuration, and settles what it decides.
func (b *builder) configure() {
	p := b.Project
	var files []*File
	roots := []string{p.Root}
	if b.top != "" && b.top != p.Root {
		roots = append(roots, b.top)
	}
	for _, root := range roots {
		if file := b.load(filepath.Join(root, ConfigFileName)); file.Exists() {
			files = append(files, file)
		}
	}
	if p.Config = b.before.Config; p.Config == nil || !slices.Equal(p.Config.Files, files) {
		p.Config = &Config{}
		for _, file := range files {
			p.Config.read(file, b.good(file).YAML())
		}
	}
	p.Settings = p.given
	p.Settings.Target = cmp.Or(p.given.Target, p.Config.Target)
	p.Settings.WorkingDir = cmp.Or(p.given.WorkingDir, p.Config.WorkingDir)
	p.WorkingDir = p.Root
	if dir := p.Settings.WorkingDir; dir != "" {
		p.WorkingDir = absolute(p.Root, dir)
	}
}

func absolute(folder, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, filepath.FromSlash(path))
}

// read adds what a file says.
func (c *Config) read(file *File, content *yamlfile.File) {
	c.Files = append(c.Files, file)
	root, folder := content.Root, filepath.Dir(file.Path)
	if rules := root.Get("rules").Resolved(); rules != nil && rules.Kind == yamlfile.Mapping {
		for pair := range rules.All() {
			if value := pair.Value.Resolved(); value != nil && value.Kind == yamlfile.Scalar {
				c.Rules = append(c.Rules, ConfigRule{pair.Key.Value, value.Value})
			}
		}
	}
	if list := root.Get("ignore").Resolved(); list != nil && list.Kind == yamlfile.Sequence {
		var lines strings.Builder
		for _, item := range list.Items {
			lines.WriteString(strings.TrimPrefix(configText(item), "./") + "\n")
		}
		c.ignore = append(c.ignore, ignoreList{folder, gitfiles.Patterns([]byte(lines.String()), "")})
	}
	c.Target = cmp.Or(c.Target, configText(root.Get("target")))
	if dir := configText(root.Get("workingDirectory")); dir != "" && c.WorkingDir == "" {
		c.WorkingDir = absolute(folder, dir)
	}
}

// configText returns a value that is a text, "" for any other.
func configText(node *yamlfile.Node) string {
	if node = node.Resolved(); node == nil || node.Kind != yamlfile.Scalar || node.IsNull() {
		return ""
	}
	return node.Value
}

// chosenTarget is the target that was given, or the one of the configuration.
func (p *Project) chosenTarget() dbt.Setting {
	s := flag("target", p.Settings.Target)
	if s.Set && p.given.Target == "" {
		s.From.Name = "`target:` in " + ConfigFileName
	}
	return s
}
