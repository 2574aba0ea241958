package oracle_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// packagePair is the content of packages.yml and dependencies.yml, "-" for none.
type packagePair struct {
	packages, dependencies string
}

// TestPackagesAgree compares what dbt makes of packages.yml and dependencies.yml
// with our reading: whether it stops, at which keys, and which packages it installs.
func TestPackagesAgree(t *testing.T) {
	pairs := packagePairs()
	scenarios := make([]dbttest.Scenario, len(pairs))
	for i, pair := range pairs {
		files := map[string]string{
			"models/m.sql":         "select 1 as x",
			"pk/q/dbt_project.yml": "name: q\n", "pk/r/dbt_project.yml": "name: r\n",
		}
		if pair.packages != "-" {
			files[dbt.PackagesFileName] = pair.packages
		}
		if pair.dependencies != "-" {
			files[dbt.DependenciesFileName] = pair.dependencies
		}
		scenarios[i] = dbttest.WithProject(dbttest.Scenario{
			Name: fmt.Sprintf("%q %q", pair.packages, pair.dependencies), Files: files, Env: map[string]string{"EMPTY": ""},
			Read: []string{"package-lock.yml"},
		})
	}
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		if diff := cmp.Diff(engineAnswer(got), ourAnswer(pairs[i])); diff != "" {
			t.Errorf("packages.yml %q\ndependencies.yml %q\n(- engine, + our model)\n%s", pairs[i].packages, pairs[i].dependencies, diff)
		}
	}
	t.Logf("%d pairs of files", len(pairs))
}

// packagesAnswer is what is compared.
type packagesAnswer struct {
	Stops    bool
	Both     bool
	Keys     []string // file:line:column of the keys that dbt does not know; nil where a worse problem hides them
	Packages []string // the local packages that dbt installs; nil where it stops
}

func engineAnswer(got dbttest.Observation) packagesAnswer {
	var a packagesAnswer
	shape := false
	for _, d := range got.Diags {
		switch place := fmt.Sprintf("%s:%d:%d", path.Base(d.File), d.Line, d.Col); {
		case d.Level != "error":
		case d.Code == "dbt1060":
			a.Stops = true
			if !slices.Contains(a.Keys, place) {
				a.Keys = append(a.Keys, place)
			}
		case d.Code == "dbt1013", d.Code == "dbt1059":
			a.Stops, shape = true, true
		case strings.HasPrefix(d.Text, "Both packages.yml"):
			a.Stops, a.Both = true, true
		}
	}
	if got.Exit < 0 || got.Exit == 2 {
		a.Stops = true
	}
	if shape {
		a.Keys = nil
	}
	if a.Stops {
		return a
	}
	for line := range strings.Lines(got.Read["package-lock.yml"]) {
		if _, local, ok := strings.Cut(strings.TrimSpace(line), "local: "); ok {
			a.Packages = append(a.Packages, path.Base(local))
		}
	}
	slices.Sort(a.Packages)
	return a
}

func ourAnswer(pair packagePair) packagesAnswer {
	packages, shape1 := readPackages(dbt.PackagesFileName, pair.packages)
	dependencies, shape2 := readPackages(dbt.DependenciesFileName, pair.dependencies)
	merged := dbt.MergePackages(packages, dependencies)
	a := packagesAnswer{Both: merged.Both, Stops: merged.Both || shape1 || shape2}
	for _, file := range []*dbt.PackagesFile{packages, dependencies} {
		if file == nil {
			continue
		}
		for _, p := range file.Problems {
			a.Stops = a.Stops || p.Refuses
			if p.Kind == dbt.UnknownKey {
				at := file.YAML.Lines.Position(p.Span.Start)
				a.Keys = append(a.Keys, fmt.Sprintf("%s:%s", file.Path, at))
			}
		}
	}
	if shape1 || shape2 {
		a.Keys, a.Both = nil, false
	}
	if len(a.Keys) > 0 {
		a.Both = false
	}
	if a.Stops {
		return a
	}
	for _, p := range merged.Packages {
		if p.Kind == dbt.LocalPackage && strings.HasPrefix(path.Clean(p.Source), "pk/") {
			a.Packages = append(a.Packages, p.Name())
		}
	}
	slices.Sort(a.Packages)
	a.Packages = slices.Compact(a.Packages)
	return a
}

// readPackages also reports whether something is wrong that keeps dbt from
// looking at the keys.
func readPackages(name, content string) (file *dbt.PackagesFile, shape bool) {
	if content == "-" {
		return nil, false
	}
	file = dbt.ReadPackagesFile(name, yamlfile.Parse([]byte(content)))
	for _, p := range file.YAML.Problems {
		shape = shape || p.Kind != yamlfile.UnquotedJinja
	}
	for _, p := range file.Problems {
		shape = shape || p.Refuses && (p.Kind == dbt.WrongShape || p.Kind == dbt.MissingName)
	}
	return file, shape
}

func packagePairs() []packagePair {
	var pairs []packagePair
	contents := []string{
		"-", "# only a comment\n", "packages: []\n", "packages:\n  - local: pk/q\n",
		"projects:\n  - name: u\n", "packages:\n  - local: pk/q\nprojects:\n  - name: u\n",
		"projects:\n  - name: u\n    foo: 1\n", "packages: x\n",
	}
	for _, a := range contents {
		for _, b := range contents {
			pairs = append(pairs, packagePair{a, b})
		}
	}
	values := []string{"", "1", "1.5", "true", "null", "x", `"5"`, "[a]", "{a: b}", "!x y"}
	for _, v := range values {
		for _, form := range []string{"projects: %s\n", "projects:\n  - %s\n", "projects:\n  - name: %s\n", "%s\n"} {
			pairs = append(pairs, packagePair{"-", fmt.Sprintf(form, v)})
		}
		for _, form := range []string{
			"packages: %s\n", "packages:\n  - %s\n", "packages:\n  - local: %s\n", "packages:\n  - local: pk/q\n    foo: %s\n",
			"packages:\n  - git: %s\n", "packages:\n  - git: nowhere\n    revision: %s\n", "packages:\n  - git: nowhere\n    subdirectory: %s\n",
			"packages:\n  - git: nowhere\n    warn-unpinned: %s\n",
		} {
			pairs = append(pairs, packagePair{fmt.Sprintf(form, v), "-"})
		}
	}
	for _, v := range []string{"1", "1.5", "true", "x", "[a]", "[1]", "{a: b}"} { // a version that is none ends without the network
		pairs = append(pairs, packagePair{fmt.Sprintf("packages:\n  - package: a/b\n    version: %s\n    zzz: 1\n", v), "-"})
	}
	for i, content := range []string{
		"packages:\n  - package: 1\n", "packages:\n  - package: a/b\n    install-prerelease: x\n", "packages:\n  - private: a/b\n    provider: 1\n",
		"packages:\n  - private: ''\n", "packages:\n  - tarball: 1\n", "packages:\n  - revision: x\n", "packages:\n  - git: nowhere\n    foo: 1\n",
		"packages:\n  - git: nowhere\n    local: pk/q\n", "packages:\n  - local: pk/q\n    git: 5\n", "packages:\n  - package: 5\n    local: pk/q\n",
		"packages:\n  - local: pk/q\n    name: n\n", "packages:\n  - x\n  - local: pk/q\n", "packages:\n  - local: pk/q\n    foo: 1\n  - x\n",
		"foo: 1\npackages: x\n", "foo: 1\nbar: 2\npackages:\n  - local: pk/q\n", "projects:\n  - name: x\n    foo: 1\nfoo: 2\nbar: 3\n",
		"packages:\n  - local: \"{{ 'pk/q' }}\"\n    foo: 1\n", "packages: \"{{ [] }}\"\n", "projects:\n  - name: \"{{ env_var('NOPE') }}\"\n", "projects:\n  - name: \"{{ bad\"\n",
		"packages:\n  - {{ x }}\n", "packages:\n  - local: {{ x }}\n", "\"{{ 'packages' }}\":\n  - local: pk/q\n",
		"x: &x\n  local: pk/q\npackages:\n  - *x\n", "packages:\n  - &x\n    local: pk/q\n  - <<: *x\n", "projects:\n  - &a\n    name: u\n  - <<: *a\n",
		"projects:\n  - name: u\nprojects:\n  - name: w\n", "projects:\n  - name: u\n    name: w\n", "packages:\n  - local: pk/q\n    foo: 1\n    foo: 2\n",
		"5: x\n", "? [a]\n: x\n", "null: x\n", "true: 1\n", "projects:\n  - name: u\n    5: x\n", "packages:\n  - local: pk/q\n    5: 6\n", "\"projects\":\n  - name: u\n",
		"projects:\n  - name: ''\n", "projects:\n  - name: u\n  - name: u\n", "projects:\n  - name: p\n", "projects:\n  - name: q\npackages:\n  - local: pk/q\n",
		"{}\n", "---\nprojects:\n  - name: u\n", "projects:\n  - name: u\n---\nx: 1\n", "projects:\n  - name: u\n...\n", "\ufeffprojects:\n  - name: u\n",
		"projects:\r\n  - name: u\r\n", "projects:\n\t- name: u\n", "Projects:\n  - name: u\n", "package:\n  - local: pk/q\n", "+packages: 1\n",
		"packages:\n  - local: ''\n", "packages:\n  - local: .\n", "packages:\n  - local: ./\n", "packages:\n  - local: pk/q\n  - local: pk/q\n",
		"packages:\n  - local: pk/q\n  - local: ./pk/q\n", "packages:\n  - local: pk/q\n  - local: pk/r\n", "packages: [{local: pk/q}, {local: pk/r}]\n", "packages:\n- local: pk/q\n",
	} {
		pair := packagePair{content, "-"}
		if i%2 == 1 {
			pair = packagePair{"-", content}
		}
		pairs = append(pairs, pair)
	}
	return pairs
}
