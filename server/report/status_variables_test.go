package report

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVariablesOfAnUnreadableEnv: a .env that is there and not read is not
// called absent.
func TestVariablesOfAnUnreadableEnv(t *testing.T) {
	d := newDesk(t, map[string]string{"profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb}}}\n"})
	if err := os.Mkdir(d.path(".env"), 0o755); err != nil {
		t.Fatal(err)
	}
	want := []string{"off variables: .env is not read: it is a folder, a pipe or a device"}
	if diff := cmp.Diff(want, d.says(d.status(t, false).Projects[0].Concerns[1])); diff != "" {
		t.Error(diff)
	}
}

// TestVariablesOfAnUnusedProfile: a call without a default is not said to have
// one where nothing names the profile that it stands in.
func TestVariablesOfAnUnusedProfile(t *testing.T) {
	d := newDesk(t, map[string]string{
		"dbt_project.yml": "name: shop\n",
		"profiles.yml":    "other: {target: dev, outputs: {dev: {type: duckdb, path: \"{{ env_var('DBT_A') }}\", schema: \"{{ env_var('DBT_B', 'main') }}\"}}}\n",
	})
	got := d.says(d.status(t, false).Projects[0].Concerns[1])
	for _, line := range []string{"  off DBT_A: missing, not needed here @profiles.yml:1", "  off DBT_B: default @profiles.yml:1"} {
		if !slices.Contains(got, line) {
			t.Errorf("no %q in %q", line, got)
		}
	}
}
