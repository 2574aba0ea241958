package report

import (
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// TestPackageSource shows where a package comes from, and no password on the way.
func TestPackageSource(t *testing.T) {
	for source, want := range map[string]string{
		"dbt-labs/dbt_utils":                     "dbt-labs/dbt_utils",
		"git@git.test:a/b.git":                   "git@git.test:a/b.git",
		"https://me:c4n4ry@git.test/a.git?t=c#d": "https://git.test/a.git",
		" https://me:c4n4ry@git.test/a.git":      "https://git.test/a.git",
		"git::https://me:c4n4ry@git.test/a.git":  "none",
		"x/https://me:c4n4ry@git.test/a.git":     "none",
		"https://me:%zz@git.test/a.git":          "none",
		"https://{{ env_var('T') }}@git.test/a":  "none",
	} {
		if got := or(packageSource(dbt.PackageEntry{Source: source}), "none"); got != want {
			t.Errorf("%s is shown as %s", source, got)
		}
	}
}
