package workspace

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// Ignored reports whether .dbtignore hides a file of the project from dbt.
func (p *Project) Ignored(file *File) bool { return p.index.hidden(file.Path) }

// namesFolder reports whether a value of dbt_project.yml is an entry of a list of
// folders of resources that dbt looks into.
func (p *Project) namesFolder(node *yamlfile.Node) bool {
	if p.Ignored(p.File) {
		return false
	}
	for _, key := range dbt.PathKeys() {
		list := p.File.YAML().Root.Get(key).Resolved()
		if list == nil || list.Kind != yamlfile.Sequence {
			continue
		}
		for _, item := range list.Items {
			if item.Resolved() == node {
				return true
			}
		}
	}
	return false
}
