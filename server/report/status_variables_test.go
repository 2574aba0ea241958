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

// TestLostVariablesAreNotMissing: each is counted once.
func TestLostVariablesAreNotMissing(t *testing.T) {
	d := newDesk(t, map[string]string{
		"profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: \"{{ env_var('DBT_A') }}\", schema: \"{{ env_var('DBT_B') }}\"}}}\n",
		".env":         "X Y\nDBT_A=a\n",
	})
	want := []string{
		"error variables: dbt stops at line 1 of .env and loses 1, 1 missing @.env:1 [Read how the line is to be written]",
		"  error DBT_A: lost, and every command needs it @.env:2",
		"  error DBT_B: missing, and every command needs it @profiles.yml:1",
	}
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
