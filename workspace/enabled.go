package workspace

import (
	"cmp"
	"path"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// resourceKeys are the keys of dbt_project.yml and of properties files that
// configure what stands in a kind of folder.
var resourceKeys = [...]string{
	dbt.ModelPaths:    "models",
	dbt.MacroPaths:    "macros",
	dbt.SeedPaths:     "seeds",
	dbt.SnapshotPaths: "snapshots",
	dbt.TestPaths:     "data_tests",
	dbt.AnalysisPaths: "analyses",
	dbt.FunctionPaths: "functions",
}

// A resourceID names a resource in properties files.
type resourceID struct{ pkg, key, name string }

// configured reads the `config:` of every resource that a properties file names.
func configured(sources []*source) map[resourceID]*yamlfile.Node {
	all := map[resourceID]*yamlfile.Node{}
	for _, src := range sources {
		if src.kind != propertyYML {
			continue
		}
		for _, key := range resourceKeys {
			list := src.file.YAML().Root.Get(key)
			if list == nil || list.Kind != yamlfile.Sequence {
				continue
			}
			for _, item := range list.Items {
				if name, ok := item.Get("name").Text(); ok {
					all[resourceID{src.pkg, key, name}] = item.Get("config")
				}
			}
		}
	}
	return all
}

// resource is the name of a file's resource in properties files.
func (s *source) resource() resourceID {
	return resourceID{s.pkg, resourceKeys[s.folder], strings.TrimSuffix(path.Base(s.rel), path.Ext(s.rel))}
}

// enabled reports whether dbt renders a SQL file: it does not look at one that
// dbt_project.yml or a properties file switches off. The most specific wins.
func (r *run) enabled(src *source) bool {
	if on, said := r.enabledBy(r.config, r.yaml()); said {
		return on
	}
	on, ctx := true, r.yaml()
	ctx.Var = noVariables
	pkg := cmp.Or(src.pkg, r.project.Name)
	node := r.project.File.YAML().Root.Get(resourceKeys[src.folder])
	for _, step := range append([]string{"", pkg}, strings.Split(src.rel, "/")...) {
		if step != "" {
			node = cmp.Or(node.Get(step), node.Get(strings.TrimSuffix(step, path.Ext(step))))
		}
		if node == nil {
			break
		}
		if value, said := r.enabledBy(node, ctx); said {
			on = value
		}
	}
	return on
}

// enabledBy reads `enabled:` or `+enabled:` of a mapping. A text other than
// "true" switches off, whatever it says.
func (r *run) enabledBy(node *yamlfile.Node, ctx *jinja.Context) (on, said bool) {
	value := node.Get("+enabled")
	if value == nil {
		value = node.Get("enabled")
	}
	if value == nil || value.Kind != yamlfile.Scalar || value.IsNull() {
		return false, false
	}
	text := dbt.Render(value, ctx)
	if strings.Contains(value.Value, "target") || r.reads.mention("target") {
		r.trace.target = r.project.target
	}
	if !text.Known {
		return true, true // dbt stops at the missing variable before it asks
	}
	return strings.EqualFold(text.Text, "true"), true
}
