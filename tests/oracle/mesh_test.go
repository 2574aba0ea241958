package oracle

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// meshRefs are texts of SQL files, one ref a file, so that one run of dbt answers
// for all of them. None names a model that is not there where the project is.
func meshRefs() map[string]string {
	files := map[string]string{
		"models/base.sql":               "select 1 as x",
		"models/own.sql":                "select * from {{ ref('p', 'base') }}",
		"models/own_by_case.sql":        "select * from {{ ref('P', 'base') }}",
		"models/package.sql":            "select * from {{ ref('q', 'qm') }}",
		"models/package_by_case.sql":    "select * from {{ ref('Q', 'qm') }}",
		"models/declared.sql":           "select * from {{ ref('up', 'model') }}",
		"models/declared_by_case.sql":   "select * from {{ ref('Up', 'model') }}",
		"models/version.sql":            "select * from {{ ref('up', 'model', v=2) }}",
		"models/version_of_unknown.sql": "select * from\n\n  {{ ref('other', 'model', version=2) }}",
		"models/spaces.sql":             "select * from {{  ref(  'other' ,  'model'  )  }}",
		"models/double_quotes.sql":      `select * from {{ ref("other", "model") }}`,
		"models/blank.sql":              "select * from {{ ref('up ', 'model') }}",
		"models/joined.sql":             "select * from {{ ref('ot' ~ 'her', 'model') }}",
		"models/set.sql":                "{% set name = ref('other', 'model') %}select 1",
		"models/in_a_comment.sql":       "{# ref('other', 'model') #}select 1",
		"models/in_an_sql_comment.sql":  "-- {{ ref('other', 'model') }}\nselect 1",
		"models/raw.sql":                "{% raw %}{{ ref('other', 'model') }}{% endraw %}select 1",
		"models/when_it_runs.sql":       "{% if execute %}{{ ref('other', 'model') }}{% endif %}select 1",
		"models/disabled.sql":           "{{ config(enabled=false) }}select * from {{ ref('other', 'model') }}",
		"models/disabled_behind.sql":    "select * from {{ ref('other', 'model') }}{{ config(enabled=false) }}",
		"models/twice.sql":              "{{ ref('other', 'a') }}\n{{ ref('up', 'b') }}\n{{ ref('other', 'c') }}",
		"analyses/analysis.sql":         "select * from {{ ref('other', 'model') }}",
		"snapshots/s.sql":               "{% snapshot s %}{{ config(unique_key='x', strategy='check', check_cols=['x'], target_schema='t') }}select * from {{ ref('other', 'model') }}{% endsnapshot %}",
	}
	return files
}

// meshTests are the same for tests, of which dbt speaks only where it finds all
// that models name.
func meshTests() map[string]string {
	return map[string]string{
		"models/base.sql":     "select 1 as x",
		"tests/own.sql":       "select * from {{ ref('p', 'base') }}",
		"tests/package.sql":   "select * from {{ ref('q', 'qm') }}",
		"tests/singular.sql":  "select * from {{ ref('other', 'model') }}",
		"tests/declared.sql":  "select * from {{ ref('up', 'model') }}",
		"tests/disabled.sql":  "select * from {{ ref('up', 'model') }}{{ config(enabled=false) }}",
		"tests/when_runs.sql": "{% if execute %}{{ ref('other', 'model') }}{% endif %}select 1",
	}
}

// meshFiles are what is declared, by name.
func meshFiles() map[string]map[string]string {
	pkg := map[string]string{"pk/q/dbt_project.yml": "name: q\n", "pk/q/models/qm.sql": "select 1 as x"}
	with := func(files map[string]string) map[string]string {
		maps.Copy(files, pkg)
		return files
	}
	const local, up = "packages:\n  - local: pk/q\n", "projects:\n  - name: up\n"
	return map[string]map[string]string{
		"nothing":              {},
		"a project":            {"dependencies.yml": up},
		"a project, twice":     {"dependencies.yml": up + "  - name: up\n"},
		"a project by case":    {"dependencies.yml": "projects:\n  - name: Up\n"},
		"a package":            with(map[string]string{"packages.yml": local}),
		"both in dependencies": with(map[string]string{"dependencies.yml": local + up}),
		"merged":               with(map[string]string{"packages.yml": local, "dependencies.yml": up}),
		"the trap":             {"packages.yml": "# nothing yet\n", "dependencies.yml": up},
		"in packages.yml":      {"packages.yml": up},
		"one name for both":    with(map[string]string{"packages.yml": local, "dependencies.yml": up + "  - name: q\n"}),
		"the own name":         {"dependencies.yml": "projects:\n  - name: p\n"},
		"not listed":           {"dbt_packages/q/dbt_project.yml": "name: q\n", "dbt_packages/q/models/qm.sql": "select 1 as x"},
	}
}

// TestRefsToOtherProjects compares which two-argument refs dbt does not find, by
// file and line, with what our model of projects and packages says. The
// open-source build, which runs here, finds nothing of a declared project.
func TestRefsToOtherProjects(t *testing.T) {
	dbt := dbttest.Find(t)
	names := slices.Sorted(maps.Keys(meshFiles()))
	var scenarios []dbttest.Scenario
	for _, name := range names {
		for kind, files := range map[string]map[string]string{"models": meshRefs(), "tests": meshTests()} {
			maps.Copy(files, meshFiles()[name])
			scenarios = append(scenarios, dbttest.WithProject(dbttest.Scenario{Name: name + ", " + kind, Files: files}))
		}
	}
	compared := 0
	for i, got := range dbt.Batch(t, scenarios) {
		t.Run(scenarios[i].Name, func(t *testing.T) {
			engine := map[string]string{}
			for _, d := range got.Diags {
				if _, searched, ok := strings.Cut(d.Text, "Searched for '"); ok && (d.Code == "dbt1048" || d.Code == "dbt1087") {
					project, _, _ := strings.Cut(searched, ".")
					engine[fmt.Sprintf("%s:%d %s", d.File, d.Line, project)] = d.Level
				} else if d.Level == "error" {
					t.Errorf("dbt says something else: %s %s:%d", d.Text, d.File, d.Line)
				}
			}
			p := meshProject(t, scenarios[i])
			ours := map[string]string{}
			for _, ref := range p.Refs {
				if ref.Conditional || ref.Unfound == workspace.UnfoundPasses || ref.Package == p.Name || slices.Contains(p.Installed(), ref.Package) {
					continue
				}
				level := "error"
				if ref.Unfound == workspace.UnfoundWarns {
					level = "warning"
				}
				ours[fmt.Sprintf("%s:%d %s", p.Rel(ref.At.File.Path), ref.At.Line(), ref.Package)] = level
			}
			if diff := cmp.Diff(engine, ours); diff != "" {
				t.Errorf("(- engine, + our model)\n%s", diff)
			}
			compared += len(engine)
			for _, f := range diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine, Select: []string{"mesh"}}) {
				if f.Refuses && got.Exit == 0 {
					t.Errorf("dbt goes on, but we say: %s", f.Text())
				}
			}
			if run := p.NextMeshRun(time.Now()); run.Fails && got.Exit == 0 {
				t.Errorf("dbt goes on, but we say: %s", run.Message)
			}
		})
	}
	t.Logf("%d refs that lead nowhere, in %d projects", compared, len(scenarios))
}

// meshProject reads a scenario as we do.
func meshProject(t *testing.T, s dbttest.Scenario) *workspace.Project {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root, home := filepath.Join(top, "root"), filepath.Join(top, "home")
	writeAll(t, root, s.Files, strings.NewReplacer("{root}", root).Replace)
	environ := map[string]secret.Text{}
	for name, value := range s.Environment() {
		environ[name] = secret.New(value)
	}
	w := workspace.New(&workspace.Machine{Home: home, Environ: environ})
	w.SetEngine(running())
	w.SetFolders([]string{root})
	for _, p := range w.Snapshot().Projects() {
		if p.Root == root {
			return p
		}
	}
	t.Fatal("no project")
	return nil
}

// TestPublicationArtifactsAndTheOpenSourceBuild holds that this build neither
// reads nor deletes what the full build keeps of other projects, and that we say
// so.
func TestPublicationArtifactsAndTheOpenSourceBuild(t *testing.T) {
	const (
		artifact = `{"project_name": "up", "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/publication/v1.json"}, "dependencies": [],
 "public_models": {"model.up.model": {"name": "model", "package_name": "up", "unique_id": "model.up.model", "relation_name": "s.model", "schema": "s", "identifier": "model",
 "public_node_dependencies": [], "generated_at": "2026-01-01T00:00:00Z"}}}`
		folder = "target/dbt_cloud_publications/"
	)
	files := func(age time.Duration) map[string]string {
		return map[string]string{
			"dependencies.yml": "projects:\n  - name: up\n", "models/m.sql": "select * from {{ ref('up', 'model') }}",
			folder + "up.json": artifact, folder + "up.info": fmt.Sprint(time.Now().Add(-age).Unix()), "pub/up.json": artifact,
		}
	}
	scenarios := []dbttest.Scenario{
		{Name: "fresh", Files: files(time.Minute)},
		{Name: "stale", Files: files(3 * time.Hour)},
		{Name: "DBT_CLOUD_PUBLICATIONS_DIR", Files: files(time.Minute), Env: map[string]string{"DBT_CLOUD_PUBLICATIONS_DIR": "{root}/pub"}},
		{Name: "--no-defer", Files: files(time.Minute), Args: []string{"parse", "--no-defer"}},
	}
	for i := range scenarios {
		scenarios[i].Read = []string{folder + "up.json", folder + "up.info"}
		scenarios[i] = dbttest.WithProject(scenarios[i])
	}
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		t.Run(scenarios[i].Name, func(t *testing.T) {
			if got.Exit != 1 || !slices.ContainsFunc(got.Diags, func(d dbttest.Diag) bool { return d.Code == "dbt1048" }) {
				t.Errorf("exit %d %v", got.Exit, got.Diags)
			}
			if got.Read[folder+"up.json"] != artifact || got.Read[folder+"up.info"] == "" {
				t.Error("the folder is not as it was")
			}
			run := meshProject(t, scenarios[i]).NextMeshRun(time.Now())
			if run.Code != workspace.MeshOSS || !run.Fails {
				t.Errorf("we say %+v", run)
			}
		})
	}
}

// TestRefsInProperties asks the engine about a ref to a project that nobody knows,
// in each place of a properties file that may hold one.
func TestRefsInProperties(t *testing.T) {
	dbt := dbttest.Find(t)
	places := map[string]string{
		"an argument of a test":         "models:\n  - name: base\n    columns:\n      - name: x\n        data_tests:\n          - relationships:\n              arguments: {to: \"ref('other', 'model')\", field: x}\n",
		"an argument of a test, braces": "models:\n  - name: base\n    columns:\n      - name: x\n        data_tests:\n          - relationships:\n              arguments: {to: \"{{ ref('other', 'model') }}\", field: x}\n",
		"an exposure":                   "exposures:\n  - name: e\n    type: dashboard\n    owner: {name: n, email: a@b.test}\n    depends_on: [\"ref('other', 'model')\"]\n",
		"a unit test":                   "unit_tests:\n  - name: u\n    model: base\n    given: [{input: \"ref('other', 'model')\", rows: []}]\n    expect: {rows: []}\n",
		"a semantic model":              "semantic_models:\n  - name: s\n    model: ref('other', 'model')\n    defaults: {agg_time_dimension: d}\n    entities: [{name: x, type: primary}]\n    dimensions: [{name: d, type: time, type_params: {time_granularity: day}}]\n",
		"a snapshot":                    "snapshots:\n  - name: s\n    relation: ref('other', 'model')\n    config: {unique_key: x, strategy: check, check_cols: all}\n",
	}
	var scenarios []dbttest.Scenario
	for _, name := range slices.Sorted(maps.Keys(places)) {
		file := "models/p.yml"
		if name == "a snapshot" {
			file = "snapshots/p.yml"
		}
		scenarios = append(scenarios, dbttest.WithProject(dbttest.Scenario{Name: name, Files: map[string]string{"models/base.sql": "select 1 as x", file: places[name]}}))
	}
	levels := map[workspace.Unfound]string{workspace.UnfoundStops: "error", workspace.UnfoundWarns: "warning", workspace.UnfoundPasses: ""}
	for i, got := range dbt.Batch(t, scenarios) {
		t.Run(scenarios[i].Name, func(t *testing.T) {
			engine := ""
			for _, d := range got.Diags {
				if strings.Contains(d.Text, "Searched for 'other.model'") {
					engine = d.Level
				}
			}
			p := meshProject(t, scenarios[i])
			if len(p.Refs) != 1 {
				t.Fatalf("%d refs", len(p.Refs))
			}
			if ours := levels[p.Refs[0].Unfound]; ours != engine {
				t.Errorf("dbt says %q, our model %q", engine, ours)
			}
			for _, f := range diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine, Select: []string{"mesh-unknown-project"}}) {
				if f.Refuses != (engine == "error") {
					t.Errorf("dbt says %q, we: %s", engine, f.Text())
				}
			}
		})
	}
}
