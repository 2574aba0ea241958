package workspace

import (
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
)

// InPackage reports whether a file belongs to an installed package and to no
// project itself: what is written into it is lost with the next `dbt deps`.
func (s *Snapshot) InPackage(path string) bool {
	found := false
	for _, p := range s.Projects() {
		switch _, inside := fspath.Rel(p.Root, path); {
		case slices.ContainsFunc(p.index.packages, func(pkg pack) bool { _, ok := fspath.Rel(pkg.root, path); return ok }):
			found = true
		case inside:
			return false
		}
	}
	return found
}
