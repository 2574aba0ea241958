package generate

import (
	"fmt"
	"strings"
)

// Profiles returns a profiles.yml of at least the given number of bytes. Its
// first profile is `shop` with the target `dev`, and every target reads
// variables, the first target only those of Variable(0) and Variable(1).
func Profiles(size int) string {
	var b strings.Builder
	for profile := 0; profile == 0 || b.Len() < size; profile++ {
		name := "shop"
		if profile > 0 {
			name = fmt.Sprintf("shop_%04d", profile)
		}
		fmt.Fprintf(&b, "%s:\n  target: dev\n  outputs:\n", name)
		for n, target := range [...]string{"dev", "prod"} {
			first := 2 * (2*profile + n)
			fmt.Fprintf(&b, `    %s:
      type: duckdb
      # The database file of this target
      path: "{{ env_var('%s', 'target/%s.duckdb') }}"
      schema: "{{ env_var('%s') }}"
      threads: 8
`, target, Variable(first), target, Variable(first+1))
		}
	}
	return b.String()
}
