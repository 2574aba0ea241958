package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// meshNow is the time of day of the tests.
var meshNow = time.Unix(1_800_000_000, 0)

// meshProject is a project that declares one other.
const meshProject = `
-- dbt_project.yml --
name: shop
profile: shop
-- profiles.yml --
shop: {target: dev, outputs: {dev: {type: duckdb}}}
-- dependencies.yml --
projects:
  - name: up
-- models/a.sql --
select * from {{ ref('up', 'orders') }}
`

const upJSON = `{"project_name": "up", "public_models": {"model.up.orders": {"name": "orders"}}}`

// meshWorkspace makes a workspace of the files of an archive.
func meshWorkspace(t *testing.T, files string, environ ...string) (root string, w *Workspace) {
	t.Helper()
	root = t.TempDir()
	for _, f := range txtar.Parse([]byte(files)).Files {
		put(t, filepath.Join(root, filepath.FromSlash(f.Name)), string(f.Data))
	}
	m := testMachine(filepath.Join(root, "home"))
	m.Clock = func() time.Time { return meshNow }
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		m.Environ[name] = secret.New(value)
	}
	w = New(m)
	w.SetFolders([]string{root})
	return root, w
}

func only(t *testing.T, w *Workspace) *Project {
	t.Helper()
	projects := w.Snapshot().Projects()
	if len(projects) != 1 {
		t.Fatalf("%d projects", len(projects))
	}
	return projects[0]
}

func fetched(ago time.Duration) string { return fmt.Sprint(meshNow.Add(-ago).Unix()) }

// TestArtifactStates holds what dbt does with a publication artifact, and that
// whatever lies there has a clear state.
func TestArtifactStates(t *testing.T) {
	const folder = "target/dbt_cloud_publications/"
	file := func(name, content string) func(*testing.T, string) {
		return func(t *testing.T, root string) {
			t.Helper()
			put(t, filepath.Join(root, folder+name), content)
		}
	}
	path := func(root, name string) string { return filepath.Join(root, filepath.FromSlash(folder+name)) }
	fresh := file("up.info", fetched(time.Minute))
	for _, c := range []struct {
		name  string
		files []func(*testing.T, string)
		want  string // state, age in seconds, problem
	}{
		{"absent", nil, "absent -"},
		{"only the time", []func(*testing.T, string){fresh}, "absent 60"},
		{"fresh", []func(*testing.T, string){file("up.json", upJSON), fresh}, "fresh 60 "},
		{"fetched just now", []func(*testing.T, string){file("up.json", upJSON), file("up.info", fetched(0))}, "fresh 0 "},
		{"an hour old", []func(*testing.T, string){file("up.json", upJSON), file("up.info", fetched(3600*time.Second))}, "fresh 3600 "},
		{"stale", []func(*testing.T, string){file("up.json", upJSON), file("up.info", fetched(3601*time.Second))}, "stale 3601 "},
		{"with a line end", []func(*testing.T, string){file("up.json", upJSON), file("up.info", " "+fetched(time.Minute)+"\n")}, "fresh 60 "},
		{"without its time", []func(*testing.T, string){file("up.json", upJSON)}, "stale - "},
		{"a time that is none", []func(*testing.T, string){file("up.json", upJSON), file("up.info", "yesterday")}, "stale - "},
		{"a time with a fraction", []func(*testing.T, string){file("up.json", upJSON), file("up.info", fetched(0)+".5")}, "stale - "},
		{"a huge time", []func(*testing.T, string){file("up.json", upJSON), file("up.info", strings.Repeat("9", 5000))}, "stale - "},
		{"a time in the future", []func(*testing.T, string){file("up.json", upJSON), file("up.info", fetched(-time.Minute))}, "stale - "},
		{"the time is a folder", []func(*testing.T, string){file("up.json", upJSON), file("up.info/x", "")}, "stale - "},
		{"half-written", []func(*testing.T, string){file("up.json", upJSON[:50]), fresh}, "fresh 60 cut"},
		{"binary", []func(*testing.T, string){file("up.json", "\x00\x01\xff"), fresh}, "fresh 60 not-json"},
		{"other version", []func(*testing.T, string){file("up.json", `{"metadata": {"dbt_schema_version": "…/v9.json"}, "public_models": {}}`), fresh}, "fresh 60 other-version"},
		{"other project", []func(*testing.T, string){file("up.json", strings.Replace(upJSON, `"up"`, `"down"`, 1)), fresh}, "fresh 60 other-project"},
		{"a folder", []func(*testing.T, string){file("up.json/x", ""), fresh}, "fresh 60 no-file"},
		{"a pipe", []func(*testing.T, string){fresh, func(t *testing.T, root string) { pipe(t, path(root, "up.json")) }}, "fresh 60 no-file"},
		{"a link in a circle", []func(*testing.T, string){fresh, func(t *testing.T, root string) { link(t, "up.json", path(root, "up.json")) }}, "stale 60 unreadable"},
		{"a link that leads nowhere", []func(*testing.T, string){fresh, func(t *testing.T, root string) { link(t, "gone", path(root, "up.json")) }}, "absent 60"},
		{"a link to a device", []func(*testing.T, string){fresh, func(t *testing.T, root string) { link(t, os.DevNull, path(root, "up.json")) }}, "fresh 60 no-file"},
		{"the folder is a file", []func(*testing.T, string){func(t *testing.T, root string) {
			t.Helper()
			put(t, filepath.Join(root, "target/dbt_cloud_publications"), "x")
		}}, "stale - unreadable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, w := meshWorkspace(t, meshProject)
			for _, make := range c.files {
				make(t, root)
			}
			a := only(t, w).Artifact("up")
			got := string(a.State(meshNow))
			if age, ok := a.Age(meshNow); ok {
				got += fmt.Sprintf(" %d", int(age.Seconds()))
			} else {
				got += " -"
			}
			if content := a.Content(); content != nil {
				got += " " + string(content.Problem)
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

// TestArtifactPlaces holds where artifacts are looked for, and that a project's
// name leads nowhere else.
func TestArtifactPlaces(t *testing.T) {
	for _, c := range []struct {
		name, names, environ string
		want                 []string
	}{
		{"below target", "up", "X=", []string{"target/dbt_cloud_publications/up.json"}},
		{"target path", "up", "DBT_TARGET_PATH=out", []string{"out/dbt_cloud_publications/up.json"}},
		{"given folder", "up", "DBT_CLOUD_PUBLICATIONS_DIR=pub", []string{"pub/up.json"}},
		{"given and empty", "up", "DBT_CLOUD_PUBLICATIONS_DIR=", []string{"up.json"}},
		{"twice", "up,up", "X=", []string{"target/dbt_cloud_publications/up.json"}},
		{"other folders", "../../up,/etc/up,a/b,\"a\\\\b\",\"c:x\"", "X=", nil},
		{"Jinja", "\"{{ env_var('X') }}\"", "X=", nil},
		{"dots", "..", "X=", []string{"target/dbt_cloud_publications/...json"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries := "projects:\n"
			for name := range strings.SplitSeq(c.names, ",") {
				entries += "  - name: " + name + "\n"
			}
			root, w := meshWorkspace(t, meshProject+"-- dependencies.yml --\n"+entries, c.environ)
			var got []string
			for _, a := range only(t, w).Artifacts() {
				rel, err := filepath.Rel(root, a.Path)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, filepath.ToSlash(rel))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestArtifactsAreReadOnce holds that an artifact is read when it is asked for,
// once for each state of its files, and not while somebody types.
func TestArtifactsAreReadOnce(t *testing.T) {
	root, w := meshWorkspace(t, meshProject+"-- target/dbt_cloud_publications/up.json --\n"+upJSON+"\n-- target/dbt_cloud_publications/up.info --\n"+fetched(time.Minute))
	path := filepath.Join(root, "target", "dbt_cloud_publications", "up.json")
	first := only(t, w).Artifact("up")
	type step struct {
		name string
		do   func()
		same bool
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	content := first.Content()
	for i, s := range []step{
		{"typing in SQL", func() {
			w.SetDocument(filepath.Join(root, "models", "a.sql"), 1, []byte("{{ ref('up', 'x') }} {{ env_var('A') }}"))
		}, true},
		{"typing in .env", func() { w.SetDocument(filepath.Join(root, ".env"), 1, []byte("A=1\n")) }, true},
		{"typing after dbt has written, before anybody says so", func() {
			put(t, path, strings.Replace(upJSON, "orders", "customers", 2))
			w.SetDocument(filepath.Join(root, ".env"), 2, []byte("A=12\n"))
		}, true},
		{"typing in dependencies.yml", func() {
			w.SetDocument(filepath.Join(root, "dependencies.yml"), 1, []byte("projects:\n  - name: up\n  - name: ano"))
		}, true},
		{"another file has changed, and the artifact is as it was", func() {
			put(t, path, upJSON+"\n")
			if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
			w.FilesChanged([]string{filepath.Join(root, "profiles.yml")})
		}, true},
		{"the artifact has changed", func() {
			put(t, path, strings.Replace(upJSON, "orders", "customers", 2))
			w.FilesChanged([]string{path})
		}, false},
	} {
		s.do()
		a := only(t, w).Artifact("up")
		if same := a == first && a.Content() == content; same != s.same {
			t.Errorf("step %d, %s: the same artifact: %v", i, s.name, same)
		}
	}
	if p := only(t, w); !p.Artifact("up").Content().Has("customers") || !p.Watched(path) || !p.Watched(first.Info) {
		t.Error("a new artifact is not seen")
	}
}

func TestArtifactIsReadLazily(t *testing.T) {
	root, w := meshWorkspace(t, meshProject+"-- target/dbt_cloud_publications/up.json --\n"+upJSON+"\n")
	a := only(t, w).Artifact("up")
	if err := os.Remove(filepath.Join(root, "target", "dbt_cloud_publications", "up.json")); err != nil {
		t.Fatal(err)
	}
	if got := a.Content().Problem; got != dbt.PublicationUnreadable {
		t.Errorf("the file was read before it was asked for: %q", got)
	}
	if changed := w.Snapshot().Outdated(); len(changed) != 1 || changed[0] != a.Path {
		t.Errorf("on a disk that tells nothing, the change is not found: %q", changed)
	}
}

func TestArtifactsBelongToTheMachine(t *testing.T) {
	root, _ := meshWorkspace(t, meshProject+"-- target/dbt_cloud_publications/up.json --\n"+upJSON+"\n")
	w := New(&Machine{Repository: true})
	w.SetFolders([]string{root})
	if all := only(t, w).Artifacts(); all != nil {
		t.Errorf("%d artifacts in the repository", len(all))
	}
}

// cloudFile links a project.
const cloudFile = `
-- home/.dbt/dbt_cloud.yml --
version: "1"
context: {active-host: h, active-project: "12"}
projects:
  - {project-name: shop, project-id: "12", account-name: a, account-id: "1", account-host: h, token-name: t, token-value: dbtu_x}
`

// TestNextMeshRun goes through what docs/engine/mesh.md says of publication artifacts.
func TestNextMeshRun(t *testing.T) {
	const (
		linked = "-- dbt_project.yml --\nname: shop\nprofile: shop\ndbt-cloud: {project-id: 12}\n" + cloudFile
		second = "-- dependencies.yml --\nprojects:\n  - name: up\n  - name: two\n"
		none   = "-- dependencies.yml --\n"
		both   = "-- packages.yml --\npackages:\n  - local: x\n-- dependencies.yml --\npackages:\n  - local: y\nprojects:\n  - name: up\n"
	)
	kept := func(name string, ago time.Duration) string {
		return "-- target/dbt_cloud_publications/" + name + ".json --\n" + strings.ReplaceAll(upJSON, `"up"`, `"`+name+`"`) +
			"\n-- target/dbt_cloud_publications/" + name + ".info --\n" + fetched(ago) + "\n"
	}
	for _, c := range []struct {
		name    string
		files   string
		kind    engine.Kind
		environ string
		want    string
	}{
		{"skipped if projects is empty", none, "", "", "nothing: "},
		{"both files list packages", both, "", "", "refuses, fails: dbt will stop: packages.yml and dependencies.yml both list packages."},
		{"skipped if DBT_CLOUD_PUBLICATIONS_DIR is set", "", "", "DBT_CLOUD_PUBLICATIONS_DIR=", "given-folder: Nothing will be downloaded, because DBT_CLOUD_PUBLICATIONS_DIR is set: dbt takes what lies in that folder."},
		{"nothing in the cache, linked", linked, "", "", "download: dbt will download up: nothing is kept of up."},
		{"cache of 3600 s, fresh", linked + kept("up", 20*time.Minute), "", "", "kept: dbt uses what it fetched for 40 more minutes, and then downloads it again."},
		{"cache of 3600 s, a minute left", linked + kept("up", 3500*time.Second), "", "", "kept: dbt uses what it fetched for one more minute, and then downloads it again."},
		{"cache of 3600 s, over", linked + kept("up", 2*time.Hour), "", "", "download: dbt will download up again: what it has of up is over an hour old."},
		{"stale rule: one takes all others with it", linked + second + kept("up", time.Minute) + kept("two", 2*time.Hour), "", "", "download: dbt will download all 2 projects again: what it has of two is over an hour old."},
		{"stale rule: one is missing", linked + second + kept("up", time.Minute), "", "", "download: dbt will download all 2 projects again: nothing is kept of two."},
		{"stale rule: before credentials are looked at", kept("up", 2*time.Hour), "", "", "not-linked, fails: dbt will fail: not linked to dbt platform. What it has of up is over an hour old, so dbt deletes all that it kept before it looks for credentials."},
		{"all fresh: used without credentials", kept("up", 59*time.Minute+30*time.Second), "", "", "kept: dbt uses what it fetched for less than a minute more, and then fails: not linked to dbt platform."},
		{"error: not linked", "", "", "", "not-linked, fails: dbt will fail: not linked to dbt platform. Nothing is kept of up."},
		{"error: no entry or token", "-- dbt_project.yml --\nname: shop\nprofile: shop\ndbt-cloud: {project-id: 99}\n" + cloudFile, "", "", "not-linked, fails: dbt will fail: no complete credentials for dbt platform. Nothing is kept of up."},
		{"error: credentials from the environment, no project id", "", "", "DBT_CLOUD_ACCOUNT_ID=1 DBT_CLOUD_ACCOUNT_HOST=h DBT_CLOUD_TOKEN=t", "no-project-id, fails: dbt will fail: no project id. Nothing is kept of up."},
		{"the open-source build never downloads", linked, engine.KindV2OSS, "", "oss-build, fails: Nothing is downloaded: the open-source build does not fetch other projects, and a ref to one fails."},
		{"the open-source build, no ref", linked + "-- models/a.sql --\nselect 1", engine.KindV2OSS, "", "oss-build: Nothing is downloaded: the open-source build does not fetch other projects, and a ref to one fails."},
		{"dbt v1", linked, engine.KindV1, "", "not-v2, fails: Nothing is downloaded: dbt v1 does not fetch other projects, and a ref to one fails."},
		{"platform CLI needs no download", "", engine.KindPlatformCLI, "", "platform-cli: Nothing is downloaded: the platform CLI runs on dbt platform, which knows these projects."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, w := meshWorkspace(t, meshProject+c.files, strings.Fields(c.environ)...)
			if c.kind != "" {
				w.SetEngine(&Engine{Found: true, Installs: []engine.Install{{Path: "/dbt", Kind: c.kind}}})
			}
			run := only(t, w).NextMeshRun(meshNow)
			got := string(run.Code)
			if run.Fails {
				got += ", fails"
			}
			if got += ": " + run.Message; got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// TestPublished holds that nothing is said of an artifact that dbt will replace.
func TestPublished(t *testing.T) {
	root, w := meshWorkspace(t, meshProject+"-- target/dbt_cloud_publications/up.json --\n"+upJSON+"\n-- target/dbt_cloud_publications/up.info --\n"+fetched(time.Minute))
	if p := only(t, w); p.Published("up") == nil || p.Published("other") != nil || !p.Looked().Equal(meshNow) {
		t.Errorf("published: %+v", p.Published("up"))
	}
	for name, content := range map[string]string{"up.info": fetched(2 * time.Hour), "up.json": "{"} {
		path := filepath.Join(root, "target", "dbt_cloud_publications", name)
		put(t, path, content)
		w.FilesChanged([]string{path})
		if only(t, w).Published("up") != nil {
			t.Errorf("something is published with %s %q", name, content)
		}
	}
}

func TestPackageName(t *testing.T) {
	_, w := meshWorkspace(t, meshProject+`
-- packages.yml --
packages:
  - local: packages/util
  - package: dbt-labs/dbt_utils
  - git: https://git.test/shop/audit-helper.git
  - tarball: https://files.test/x.tar.gz
  - package: dbt-labs/absent
-- packages/util/dbt_project.yml --
name: our_util
-- dbt_packages/dbt_utils/dbt_project.yml --
name: dbt_utils
-- dbt_packages/audit_helper/dbt_project.yml --
name: audit_helper
`)
	p := only(t, w)
	var got []string
	for _, e := range p.Mesh.Packages {
		name, installed := p.PackageName(e)
		got = append(got, fmt.Sprint(name, " ", installed))
	}
	want := []string{"our_util false", "dbt_utils true", "audit_helper true", " false", "absent false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestClosestIsLookedForOnce holds that a misspelt name costs nothing at the next
// key.
func TestClosestIsLookedForOnce(t *testing.T) {
	_, w := meshWorkspace(t, meshProject+"-- target/dbt_cloud_publications/up.json --\n"+upJSON+"\n")
	a, asked := only(t, w).Artifact("up"), 0
	for range 3 {
		got := a.Closest("order", func(_ string, candidates []string) string { asked++; return candidates[0] })
		if got != "orders" {
			t.Errorf("%q", got)
		}
	}
	if asked != 1 {
		t.Errorf("looked for %d times", asked)
	}
}

// TestRefsInProperties: a ref of a properties file counts where dbt wants one, and
// its places are those of the file.
func TestRefsInProperties(t *testing.T) {
	root := t.TempDir()
	for name, content := range map[string]string{
		"dbt_project.yml": "name: p\nprofile: p\n",
		"models/p.yml": `models:
  - name: a
    description: ref('up', 'no_ref')
    data_tests:
      - relationships: {arguments: {to: "ref('up', 'tested')", field: x}}
      - custom: {arguments: {than: "{{ ref('up', 'braced') }}"}}
exposures:
  - name: e
    depends_on: [ref('own'), "ref( \"up\" , 'exposed', v=2 )", "source('up', 'no_ref')"]
unit_tests:
  - name: u
    given: [{input: "ref('up', 'given')"}]
semantic_models:
  - name: s
    model: ref('up', 'measured')
snapshots:
  - name: s
    relation: 'ref(''up'', ''kept'')'
`,
	} {
		put(t, filepath.Join(root, name), content)
	}
	w := New(testMachine(root))
	w.SetFolders([]string{root})
	got := map[string]Unfound{}
	for _, ref := range w.Snapshot().Projects()[0].Refs {
		if ref.At.Text() != ref.Package || ref.ModelAt.Text() != ref.Model {
			t.Errorf("%s.%s stands at %q and %q", ref.Package, ref.Model, ref.At.Text(), ref.ModelAt.Text())
		}
		got[ref.Package+"."+ref.Model] = ref.Unfound
	}
	want := map[string]Unfound{
		"up.tested": UnfoundWarns, "up.braced": UnfoundWarns, "up.exposed": UnfoundWarns,
		"up.given": UnfoundPasses, "up.measured": UnfoundPasses, "up.kept": UnfoundStops,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
