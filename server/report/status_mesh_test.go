package report_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// timeOfDay is when the tests run, whatever the machine's clock says.
var timeOfDay = time.Unix(1_800_000_000, 0)

const meshBase = `
-- dbt_project.yml --
name: shop
profile: shop
-- profiles.yml --
shop: {target: dev, outputs: {dev: {type: duckdb}}}
`

// meshStatus is the status of a project that an archive holds, on a machine with
// one dbt of a kind; no kind is no dbt.
func meshStatus(t *testing.T, kind engine.Kind, files string, environ ...string) (root string, status *report.Status) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(meshBase + files)).Files {
		path := filepath.Join(root, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m := &workspace.Machine{Home: filepath.Join(root, "home"), Environ: map[string]secret.Text{}, Clock: func() time.Time { return timeOfDay }}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		m.Environ[name] = secret.New(value)
	}
	w := workspace.New(m)
	w.SetFolders([]string{root})
	if kind != "" {
		w.SetEngine(&workspace.Engine{Found: true, Releases: engine.Builtin(), Installs: []engine.Install{{Path: "/dbt", Kind: kind}}})
	}
	return root, report.NewStatus(w.Snapshot(), root, false)
}

// TestStatusMergesTheTwoFiles goes through the first table of docs/engine/mesh.md.
// A name is a row: packages.yml has packages, dependencies.yml has packages,
// dependencies.yml has projects.
func TestStatusMergesTheTwoFiles(t *testing.T) {
	const (
		none     = "# comments only\n"
		projects = "projects: [{name: up}]\n"
		absent   = "-"
	)
	local := func(name string) string { return "packages: [{local: " + name + "}]\n" }
	for _, c := range []struct {
		name, packages, dependencies string
		want                         string
	}{
		{"yes, no, yes", local("p"), projects, "packages p of packages.yml; projects up of dependencies.yml"},
		{"yes, no, no", local("p"), none, "packages p of packages.yml"},
		{"no, yes, no", none, local("d"), "packages d of dependencies.yml"},
		{"no, yes, yes", none, local("d") + projects, "packages d of dependencies.yml; projects up of dependencies.yml"},
		{"no, no, yes", none, projects, "ignored up of dependencies.yml"},
		{"no, no, no", none, none, ""},
		{"yes, yes, no", local("p"), local("d"), "both; refuses"},
		{"yes, yes, yes", local("p"), local("d") + projects, "both; refuses"},
		{"packages.yml only", local("p") + projects, absent, "packages p of packages.yml; projects up of packages.yml"},
		{"dependencies.yml only", absent, local("d") + projects, "packages d of dependencies.yml; projects up of dependencies.yml"},
		{"neither", absent, absent, ""},
		{"projects written into packages.yml: overwritten", local("p") + "projects: [{name: old}]\n", projects, "packages p of packages.yml; projects up of dependencies.yml; ignored old of packages.yml"},
		{"projects written into packages.yml: nothing", "projects: [{name: old}]\n", none, "ignored old of packages.yml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := ""
			if c.packages != absent {
				files += "-- packages.yml --\n" + c.packages
			}
			if c.dependencies != absent {
				files += "-- dependencies.yml --\n" + c.dependencies
			}
			_, status := meshStatus(t, engine.KindV2, files)
			m := status.Projects[0].Mesh
			var got []string
			for _, p := range m.Packages {
				got = append(got, "packages "+*p.Source+" of "+p.File)
			}
			for _, p := range m.Projects {
				got = append(got, "projects "+p.Name+" of "+*p.File)
			}
			for _, p := range m.Ignored {
				got = append(got, "ignored "+p.Name+" of "+p.File)
			}
			if m.Both {
				got = append(got, "both", string(m.Next.Code))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "; ")); diff != "" {
				t.Error(diff)
			}
			if shown := meshNode(status) != nil; shown != (c.want != "") {
				t.Errorf("Mesh has a line: %v", shown)
			}
		})
	}
}

func meshNode(s *report.Status) *report.Node {
	for _, concern := range s.Projects[0].Concerns {
		for i, child := range concern.Children {
			if child.Key == "mesh" {
				return &concern.Children[i]
			}
		}
	}
	return nil
}

// meshFull has something of everything.
const meshFull = `
-- dbt_project.yml --
name: shop
profile: shop
dbt-cloud: {project-id: 12}
-- home/.dbt/dbt_cloud.yml --
version: "1"
context: {active-host: h, active-project: "12"}
projects:
  - {project-name: shop, project-id: "12", account-name: a, account-id: "1", account-host: h, token-name: t, token-value: dbtu_c4n4ry}
-- dependencies.yml --
projects:
  - name: finance
  - name: sales
  - name: util
-- packages.yml --
packages:
  - local: packages/util
  - git: "https://c4n4ry:c4n4ry@git.test/a/audit.git?token=c4n4ry"
  - package: dbt-labs/dbt_utils
  - git: "https://{{ env_var('DBT_ENV_SECRET_T') }}@git.test/x.git"
-- packages/util/dbt_project.yml --
name: util
-- dbt_packages/util/dbt_project.yml --
name: util
-- dbt_packages/audit/dbt_project.yml --
name: audit
-- dbt_packages/dbt_utils/dbt_project.yml --
name: dbt_utils
-- dbt_packages/x/dbt_project.yml --
name: x
-- models/a.sql --
select * from {{ ref('finance', 'revenue') }}
  {{ ref('finance', 'ledgers') }} {{ ref('dbt_utils', 'dates') }}
-- models/b.sql --
select * from {{ ref('Finance', 'revenue') }} {{ ref('nowhere', 'x') }}
select * from {{ ref('finance', var('m')) }}
-- target/dbt_cloud_publications/finance.json --
{"project_name": "finance", "metadata": {"dbt_version": "2.0.8", "generated_at": "2027-01-15T07:30:00Z"}, "public_models": {
 "model.finance.revenue": {"name": "revenue"}, "model.finance.ledger.v1": {"name": "ledger", "version": 1}, "model.finance.ledger.v2": {"name": "ledger", "version": 2}}}
-- target/dbt_cloud_publications/finance.info --
1799998800
-- target/dbt_cloud_publications/sales.json --
{"project_name": "sales", "public_models": {
-- target/dbt_cloud_publications/sales.info --
1799992800
`

func TestStatusMeshJSON(t *testing.T) {
	const want = `{
  "projects": [
    {
      "name": "finance", "used": 3,
      "artifact": {"state": "fresh", "age": 1200, "file": "target/dbt_cloud_publications/finance.json", "problem": null, "project": "finance",
        "version": "2.0.8", "generated": "2027-01-15T07:30:00Z", "models": ["ledger", "revenue"]},
      "file": "dependencies.yml", "line": 2, "clash": null,
      "places": [
        {"file": "models/a.sql", "line": 1, "column": 23, "model": "revenue"},
        {"file": "models/a.sql", "line": 2, "column": 11, "model": "ledgers"},
        {"file": "models/b.sql", "line": 2, "column": 23, "model": null}
      ]
    },
    {
      "name": "sales", "used": 0,
      "artifact": {"state": "stale", "age": 7200, "file": "target/dbt_cloud_publications/sales.json", "problem": "cut", "project": "sales",
        "version": null, "generated": null, "models": null},
      "file": "dependencies.yml", "line": 3, "clash": null, "places": []
    },
    {
      "name": "util", "used": 0,
      "artifact": {"state": "absent", "age": null, "file": null, "problem": null, "project": null, "version": null, "generated": null, "models": null},
      "file": "dependencies.yml", "line": 4, "clash": "package", "places": []
    }
  ],
  "packages": [
    {"name": "util", "kind": "local", "source": "packages/util", "installed": true, "used": 0, "file": "packages.yml", "line": 2},
    {"name": "audit", "kind": "git", "source": "https://git.test/a/audit.git", "installed": true, "used": 0, "file": "packages.yml", "line": 3},
    {"name": "dbt_utils", "kind": "hub", "source": "dbt-labs/dbt_utils", "installed": true, "used": 1, "file": "packages.yml", "line": 4},
    {"name": null, "kind": "git", "source": null, "installed": null, "used": 0, "file": "packages.yml", "line": 5}
  ],
  "ignored": [],
  "both": false,
  "unknown": [
    {"name": "Finance", "used": 1, "meant": "finance", "places": [{"file": "models/b.sql", "line": 1, "column": 23, "model": "revenue"}]},
    {"name": "nowhere", "used": 1, "meant": null, "places": [{"file": "models/b.sql", "line": 1, "column": 55, "model": "x"}]}
  ],
  "next": {"code": "download", "message": "dbt will download all 3 projects again: what it has of sales is over an hour old.", "fails": false}
}`
	_, status := meshStatus(t, engine.KindV2, meshFull)
	encoded, err := json.Marshal(status.Projects[0].Mesh)
	if err != nil {
		t.Fatal(err)
	}
	var expected, got any
	if err := json.Unmarshal([]byte(want), &expected); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(string(encoded), "c4n4ry") {
		t.Error("a password is shown")
	}
}

// outline writes a node and those below it, a line each.
func outline(root string, n report.Node, depth int) string {
	line := strings.Repeat("  ", depth) + strings.TrimSpace(fmt.Sprintf("%s | %s | %s", n.Label, n.Value, n.Mark))
	if n.From != nil {
		rel := n.From.Text
		if n.From.Path != "" {
			if below, err := filepath.Rel(root, n.From.Path); err == nil {
				rel = fmt.Sprintf("%s %s:%d:%d", rel, filepath.ToSlash(below), n.From.Line, n.From.Column)
			}
		}
		line += " (" + rel + ")"
	}
	for _, child := range n.Children {
		line += "\n" + outline(root, child, depth+1)
	}
	return line
}

func TestStatusMeshNodes(t *testing.T) {
	for _, c := range []struct {
		name    string
		kind    engine.Kind
		files   string
		environ []string
		want    string
	}{
		{"everything", engine.KindV2, meshFull, nil, `mesh | 3 projects, 4 packages, 2 unknown names | warning (dependencies.yml dependencies.yml:0:0)
  next run | dbt will download all 3 projects again: what it has of sales is over an hour old. | ok
  Finance | 1 ref, but no project and no package of that name; did you mean finance? | warning (models/b.sql:1 models/b.sql:1:23)
    revenue |  | (models/b.sql:1 models/b.sql:1:23)
  nowhere | 1 ref, but no project and no package of that name | warning (models/b.sql:1 models/b.sql:1:55)
    x |  | (models/b.sql:1 models/b.sql:1:55)
  finance | 3 refs; fetched 20 minutes ago, 2 public models; not public: ledgers | warning (dependencies.yml:2 dependencies.yml:2:11)
    artifact | fresh | (target/dbt_cloud_publications/finance.json target/dbt_cloud_publications/finance.json:0:0)
      ledger |  |
      revenue |  |
    refs | 3 |
      revenue |  | (models/a.sql:1 models/a.sql:1:23)
      ledgers |  | (models/a.sql:2 models/a.sql:2:11)
      a name that is put together |  | (models/b.sql:2 models/b.sql:2:23)
  sales | never referenced; fetched 2 hours ago, stale; the file ends too early | warning (dependencies.yml:3 dependencies.yml:3:11)
    artifact | stale | (target/dbt_cloud_publications/sales.json target/dbt_cloud_publications/sales.json:0:0)
  util | never referenced; a package has the same name; nothing fetched yet | warning (dependencies.yml:4 dependencies.yml:4:11)
    artifact | absent |
  util | local package, installed | (packages.yml:2 packages.yml:2:12)
  audit | git package, installed | (packages.yml:3 packages.yml:3:10)
  dbt_utils | hub package, installed, 1 ref | (packages.yml:4 packages.yml:4:14)
  a package | git package | (packages.yml:5 packages.yml:5:10)`},
		{"ignored", engine.KindV2, "-- packages.yml --\n# nothing\n-- dependencies.yml --\nprojects: [{name: up}]\n", nil, `mesh | 1 project ignored | warning (dependencies.yml dependencies.yml:0:0)
  up | ignored by dbt, without a word: packages.yml is there and lists no package | warning (dependencies.yml:1 dependencies.yml:1:19)`},
		{"a package that is not installed", engine.KindV2, "-- packages.yml --\npackages: [{local: u}, {package: a/b}]\n-- u/dbt_project.yml --\nname: util\n-- models/a.sql --\n{{ ref('other', 'x') }}\n", nil, `mesh | 2 packages | (packages.yml packages.yml:0:0)
  util | local package, not installed: the next command installs it | (packages.yml:1 packages.yml:1:20)
  b | hub package, not installed: the next command installs it | (packages.yml:1 packages.yml:1:34)`},
		{"not linked", engine.KindV2, "-- dependencies.yml --\nprojects: [{name: shop}]\n", nil, `mesh | 1 project | error (dependencies.yml dependencies.yml:0:0)
  next run | dbt will fail: not linked to dbt platform. Nothing is kept of shop. | error
  shop | never referenced; it is the name of this project; nothing fetched yet | warning (dependencies.yml:1 dependencies.yml:1:19)
    artifact | absent |`},
		{"the open-source build", engine.KindV2OSS, "-- dependencies.yml --\nprojects: [{name: up}]\n", nil, `mesh | 1 project | warning (dependencies.yml dependencies.yml:0:0)
  next run | Nothing is downloaded: the open-source build does not fetch other projects, and a ref to one fails. | warning
  up | never referenced | ok (dependencies.yml:1 dependencies.yml:1:19)`},
		{"a folder that a variable names", engine.KindV2, "-- dependencies.yml --\nprojects: [{name: up}]\n-- c4n4ry/up.json --\n{\"public_models\": {}}\n", []string{"DBT_CLOUD_PUBLICATIONS_DIR=c4n4ry"}, `mesh | 1 project | ok (dependencies.yml dependencies.yml:0:0)
  next run | Nothing will be downloaded, because DBT_CLOUD_PUBLICATIONS_DIR is set: dbt takes what lies in that folder. | (DBT_CLOUD_PUBLICATIONS_DIR)
  up | never referenced; fetched at a time that is not known, stale, 0 public models | ok (dependencies.yml:1 dependencies.yml:1:19)
    artifact | stale |`},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, status := meshStatus(t, c.kind, c.files, c.environ...)
			node := meshNode(status)
			if node == nil {
				t.Fatal("Mesh has no line")
			}
			got := outline(root, *node, 0)
			for line := range strings.SplitSeq(got, "\n") {
				if strings.Contains(line, "c4n4ry") {
					t.Errorf("a value is shown: %s", line)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			siblings(t, *node)
			for _, child := range node.Children {
				if child.Mark == report.MarkError && len(child.Actions) == 0 {
					t.Errorf("nothing is offered for %q", child.Label)
				}
			}
		})
	}
}

// siblings holds that keys are what they are for.
func siblings(t *testing.T, n report.Node) {
	t.Helper()
	var keys []string
	for _, child := range n.Children {
		if slices.Contains(keys, child.Key) {
			t.Errorf("two lines below %s have the key %s", n.Label, child.Key)
		}
		keys = append(keys, child.Key)
		siblings(t, child)
	}
}

// TestStatusMeshOfManyRefs holds that a tree stays small, and the JSON complete.
func TestStatusMeshOfManyRefs(t *testing.T) {
	files := "-- dependencies.yml --\nprojects: [{name: up}]\n-- models/a.sql --\n" + strings.Repeat("{{ ref('up', 'x') }}\n", 2000)
	_, status := meshStatus(t, engine.KindV2, files)
	if m := status.Projects[0].Mesh.Projects[0]; m.Used != 2000 || len(m.Places) != 2000 {
		t.Errorf("used %d times, %d places", m.Used, len(m.Places))
	}
	root := t.TempDir()
	if lines := strings.Count(outline(root, *meshNode(status), 0), "\n"); lines > 60 {
		t.Errorf("%d lines", lines)
	}
}
