package workspace

import "slices"

// InPackage reports whether a file belongs to an installed package and to no
// project itself: what is written into it is lost with the next `dbt deps`.
func (s *Snapshot) InPackage(path string) bool {
	found := false
	for _, p := range s.Projects() {
		switch _, inside := below(p.Root, path); {
		case slices.ContainsFunc(p.index.packages, func(pkg pack) bool { _, ok := below(pkg.root, path); return ok }):
			found = true
		case inside:
			return false
		}
	}
	return found
}
