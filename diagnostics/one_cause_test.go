package diagnostics_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"golang.org/x/tools/txtar"
)

// TestOneCauseOneRow holds that a rule says nothing of what another one has said:
// in the first project of a pair only the one speaks, in the second, without its
// cause, the other does. The files are those of an archive of TestRules.
func TestOneCauseOneRow(t *testing.T) {
	const (
		model       = "-- c/models/m.sql --\nselect '{{ env_var(\"DBT_A\") }}' as a\n"
		withDefault = "-- c/models/m.sql --\nselect '{{ env_var(\"DBT_A\", \"x\") }}' as a\n"
		inExample   = "-- c/.env.example --\nDBT_A=x\n"
		emptyEnv    = "-- c/.env --\n# nothing yet\n"
		linked      = "-- c/dbt_project.yml --\nname: shop\nprofile: shop\ndbt-cloud: {project-id: 1}\n"
		platform    = "-- c/dbt_project.yml --\nname: shop\nprofile: shop\ndbt-cloud: {defer-env-id: 1}\n"
		fullBuild   = "-- c/engine --\nv2 2.0.8 installer\n"
		projects    = "-- c/dependencies.yml --\nprojects: [{name: up}]\n"
		profiles    = "-- c/profiles.yml --\nshop:\n  target: dev\n  outputs:\n    dev: "
		noProfiles  = "-- c/absent --\nprofiles.yml\n"
		crossRef    = "-- c/models/m.sql --\nselect * from {{ ref('up', 'm') }}\n"
		lostTarget  = "-- c/shell --\nDBT_TARGET=nowhere\n"
		snowflake   = profiles + "{type: snowflake}\n"
		variable    = "-- c/models/m.yml --\nmodels: [{name: m, description: \"{{ var('start') }}\"}]\n"
		account     = profiles + "{type: snowflake, account: \"{{ env_var('A') }}\", user: u, password: \"{{ env_var('B', 'x') }}\", database: d, schema: s}\n"
		target      = "-- c/models/m.sql --\nselect '{{ env_var('DBT_TARGET') }}' as t\n"
		cloud       = "-- c/home/.dbt/dbt_cloud.yml --\nversion: \"1\"\ncontext: {active-host: h, active-project: \"2\"}\nprojects:\n  - {project-name: other, project-id: \"2\", account-name: a, account-id: \"3\", account-host: h, token-name: t, token-value: t}\n"
		noID        = "-- c/dbt_project.yml --\nname: shop\nprofile: shop\ndbt-cloud: {project-id: 1.5}\n"
	)
	for _, pair := range []struct{ says, silent, together, alone string }{
		{"yaml-syntax", "profile-structure", "-- c/profiles.yml --\nconfig: {}\nshop: [\n", "-- c/profiles.yml --\nconfig: {}\nshop: {target: dev, outputs: {dev: {type: duckdb}}}\n"},
		{"env-lost", "env-missing", model + "-- c/.env --\nB=two words\nDBT_A=x\n", model},
		{"env-missing", "local-missing-key", model + emptyEnv + inExample, withDefault + emptyEnv + inExample},
		{"env-absent", "local-missing-key", model + inExample, withDefault + emptyEnv + inExample},
		{"mesh-unlinked", "link-missing", projects + platform + fullBuild, platform + fullBuild},
		{"mesh-unlinked", "defer-off", projects + platform + fullBuild, linked + fullBuild},
		{"link-missing", "defer-off", platform + fullBuild, linked + fullBuild},
		{"mesh-ignored", "mesh-unknown-project", projects + crossRef + "-- c/packages.yml --\n# nothing yet\n", crossRef},
		{"link-key", "yaml-unknown-key", "-- c/dbt_project.yml --\nname: shop\nprofile: shop\ndbt-cloud: {project_id: 1}\n", "-- c/dbt_project.yml --\nname: shop\nprofile: shop\nnonsense: 1\n"},
		{"dependencies-schema", "yaml-unknown-key", "-- c/dependencies.yml --\nnonsense: 1\n", "-- c/dbt_project.yml --\nname: shop\nprofile: shop\nnonsense: 1\n"},
		{"file-misnamed", "profiles-not-found", noProfiles + "-- c/profiles.yaml --\nshop: {target: dev, outputs: {dev: {type: duckdb}}}\n", noProfiles},
		{"profiles-not-found", "target-missing", noProfiles + lostTarget, lostTarget},
		{"profile-missing", "target-missing", "-- c/profiles.yml --\nother: {target: dev, outputs: {dev: {type: duckdb}}}\n" + lostTarget, lostTarget},
		{"target-missing", "profile-field-required", snowflake + lostTarget, snowflake},
		{"env-name-invalid", "env-missing", profiles + "{type: duckdb}\n    prod: {type: duckdb, schema: \"{{ env_var('_DBT_A') }}\"}\n", profiles + "{type: duckdb}\n    prod: {type: duckdb, schema: \"{{ env_var('DBT_A') }}\"}\n"},
		{"env-empty", "env-retype", account + "-- c/.env --\nA=x\n-- c/shell --\nA=\n", account + "-- c/shell --\nA=#\n"},
		{"env-setting-invalid", "env-empty", target + "-- c/.env --\nDBT_ENGINE_TARGET=\n", model + "-- c/.env --\nDBT_A=\n"},
		{"env-unused", "env-shadowed", "-- c/.env --\nDBT_A=x\n-- c/shell --\nDBT_A=y\n", model + "-- c/.env --\nDBT_A=x\n-- c/shell --\nDBT_A=y\n"},
		{"env-unused", "env-reference", "-- c/.env --\nDBT_A=op://x/y\n", model + "-- c/.env --\nDBT_A=op://x/y\n"},
		{"project-schema", "link-unknown-project", noID + cloud, linked + cloud},
		{"project-schema", "link-mixed", noID + "-- c/shell --\nDBT_CLOUD_PROJECT_ID=2\n", linked + "-- c/shell --\nDBT_CLOUD_PROJECT_ID=2\n"},
		{"yaml-syntax", "var-missing", variable + "-- c/vars.yml --\nvars: [\n", variable},
		{"yaml-duplicate-key", "var-missing", variable + "-- c/dbt_project.yml --\nname: shop\nprofile: shop\nvars: {a: 1}\nvars: {start: 1}\n", variable},
		{"env-missing", "var-missing", variable + "-- c/vars.yml --\nvars: {start: \"{{ env_var('DBT_A') }}\"}\n", variable},
		{"jinja-unquoted", "var-missing", "-- c/models/m.yml --\nmodels: [{name: m, description: {{ var('start') }}}]\n", variable},
		{"var-missing", "profile-missing", "-- c/dbt_project.yml --\nname: shop\nprofile: \"{{ var('p') }}\"\n", "-- c/dbt_project.yml --\nname: shop\nprofile: \"{{ var('p', 'other') }}\"\n"},
		{"jinja-unquoted", "yaml-syntax", profiles + "\n      type: duckdb\n      schema: {{ env_var('A', 'b') }}\n", "-- c/profiles.yml --\nshop: [\n"},
	} {
		t.Run(pair.says+" "+pair.silent, func(t *testing.T) {
			together, alone := codesOf(t, pair.together), codesOf(t, pair.alone)
			if !slices.Contains(together, pair.says) || slices.Contains(together, pair.silent) {
				t.Errorf("together: %v", together)
			}
			if !slices.Contains(alone, pair.silent) {
				t.Errorf("alone: %v", alone)
			}
		})
	}
	if found := codesOf(t, strings.ReplaceAll(model, "DBT_A", "DBT_CLOUD_RUN_ID")); slices.Contains(found, "env-platform-only") || !slices.Contains(found, "env-missing") {
		t.Errorf("that only dbt platform sets a name is a sentence of env-missing: %v", found)
	}
}

// codesOf returns the codes of what is found in a case.
func codesOf(t *testing.T, archive string) []string {
	t.Helper()
	c := readCases(txtar.Parse([]byte(archive)))[0]
	c.setUp(t)
	var codes []string
	for _, project := range c.workspace.Snapshot().Projects() {
		for _, f := range diagnostics.Check(project, diagnostics.Options{Scope: diagnostics.Machine}) {
			codes = append(codes, f.Rule.Code)
		}
	}
	return codes
}
