package dbt

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

func readPackages(content string) *PackagesFile {
	return ReadPackagesFile("dependencies.yml", yamlfile.Parse([]byte(content)))
}

func TestReadPackagesFile(t *testing.T) {
	content := `packages:
  - package: dbt-labs/dbt_utils
    version: [">=1.0.0", "<2.0.0"]
  - git: "https://git.test/shop/audit.git?token=x#y"
    revision: main
    anything: goes
  - local: ../shared
  - private: shop/finance
    provider: gitlab
  - tarball: https://files.test/x.tar.gz
    name: x
  - local: "{{ env_var('X') }}"
projects:
  - name: upstream
  - name: "finance"
`
	f := readPackages(content)
	var got []string
	for _, p := range f.Packages {
		if p.Source != strings.Trim(content[p.At.Start:p.At.End], `"`) {
			t.Errorf("the place of %q is wrong", p.Source)
		}
		got = append(got, fmt.Sprintf("%d %s %s", p.Kind, p.Source, p.Name()))
	}
	for _, p := range f.Projects {
		got = append(got, p.Name+" "+content[p.At.Start:p.At.End])
	}
	want := []string{
		"0 dbt-labs/dbt_utils dbt_utils", "1 https://git.test/shop/audit.git?token=x#y audit", "2 ../shared shared", "3 shop/finance finance",
		"4 https://files.test/x.tar.gz ", "2 {{ env_var('X') }} ", "upstream upstream", `finance "finance"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(f.Problems) > 0 {
		t.Errorf("problems %v", f.Problems)
	}
}

func TestPackagesSchema(t *testing.T) {
	for _, c := range []struct {
		name, content string
		want          []string // line:column of the problem, "!" where dbt refuses, message
		fixed         string   // the content after all edits, "" for no edit
	}{
		{"nothing", "", nil, ""},
		{"null", "packages:\nprojects: ~\n", nil, ""},
		{"a list", "- x\n", []string{"1:1! dbt stops: the file must be a mapping with `packages` or `projects`."}, ""},
		{"singular", "project:\n  - name: u\n", []string{
			"1:1! dbt stops at a key that it does not know here. This file has only `packages` and `projects`. Write `projects`.",
		}, "projects:\n  - name: u\n"},
		{"unknown", "Projects: []\nfoo: 1\n", []string{
			"1:1! dbt stops at a key that it does not know here. This file has only `packages` and `projects`. Write `projects`.",
			"2:1! dbt stops at a key that it does not know here. This file has only `packages` and `projects`. Remove it.",
		}, "projects: []\nfoo: 1\n"},
		{"an item's text", "projects:\n  - upstream\n", []string{"2:5! dbt stops: an item of `projects` must be written `name: …`."}, "projects:\n  - name: upstream\n"},
		{"an item's number", "projects:\n  - 5\n", []string{"2:5! dbt stops: an item of `projects` must be written `name: …`."}, ""},
		{"a number as name", "projects:\n  - name: 1_000\n", []string{"2:11! dbt stops: the `name` of a project must be a text."}, "projects:\n  - name: \"1_000\"\n"},
		{"a list as name", "projects:\n  - name: [x]\n", []string{"2:11! dbt stops: the `name` of a project must be a text."}, ""},
		{"no name", "projects:\n  - {}\n  -\n  - name:\n", []string{
			"2:5! dbt stops: an item of `projects` needs a `name`. Write the `name` of the upstream project's dbt_project.yml.",
			"3:4! dbt stops: an item of `projects` needs a `name`. Write the `name` of the upstream project's dbt_project.yml.",
			"4:10! dbt stops: an item of `projects` needs a `name`. Write the `name` of the upstream project's dbt_project.yml.",
		}, ""},
		{"an empty name", "projects:\n  - name: ''\n", []string{
			"2:11 The name is empty: no project is declared. Write the `name` of the upstream project's dbt_project.yml.",
		}, ""},
		{"Jinja in a name", "projects:\n  - name: \"{{ env_var('X') }}\"\n", []string{
			"2:11 dbt does not render Jinja in `projects`: it takes the name as it stands here. Write the name itself.",
		}, ""},
		{"more than a name", "projects:\n  - name: u\n    id: 5\n", []string{
			"3:5! dbt stops at a key that it does not know here. An item of `projects` has only `name`. Remove it.",
		}, ""},
		{"twice", "projects:\n  - name: u\n  - name: u\n", []string{"3:11 The project is declared twice. Remove one."}, ""},
		{"a local package twice", "packages:\n  - local: a\n  - local: a\n  - local: ./a\n", []string{
			"3:12 The package is listed twice: dbt warns and keeps the first. Remove one.",
		}, ""},
		{"no list", "packages: x\nprojects:\n  name: u\n", []string{
			"1:11! dbt stops: `packages` must be a list.", "3:3! dbt stops: `projects` must be a list.",
		}, ""},
		{"an item of nothing", "packages:\n  - revision: x\n", []string{
			"2:5! dbt stops: an item of `packages` needs one of `package`, `git`, `local`, `private` and `tarball`.",
		}, ""},
		{"an item of text", "packages:\n  - dbt-labs/dbt_utils\n", []string{
			"2:5! dbt stops: an item of `packages` must be a mapping with one of `package`, `git`, `local`, `private` and `tarball`.",
		}, ""},
		{"a number as revision", "packages:\n  - git: x\n    revision: 1.0\n", []string{"3:15! dbt stops: `revision` must be a text."}, "packages:\n  - git: x\n    revision: \"1.0\"\n"},
		{"no path", "packages:\n  - local:\n", []string{"2:5! dbt stops: `local` must be a text."}, ""},
		{"yes and no", "packages:\n  - git: x\n    warn-unpinned: yes\n", []string{"3:20! dbt stops: `warn-unpinned` must be true or false."}, ""},
		{"a wrong version", "packages:\n  - package: a/b\n    version: {a: b}\n", []string{"3:14! dbt stops: `version` must be a text, a number or a list of texts."}, ""},
		{"unknown in a hub package", "packages:\n  - package: a/b\n    versions: 1.0.0\n    revision: x\n", []string{
			"3:5! dbt stops at a key that it does not know here. A package with `package` has only `package`, `version` and `install-prerelease`. Write `version`.",
			"4:5! dbt stops at a key that it does not know here. A package with `package` has only `package`, `version` and `install-prerelease`. Remove it.",
		}, "packages:\n  - package: a/b\n    version: 1.0.0\n    revision: x\n"},
		{"unknown in a local package", "packages:\n  - local: a\n    name: n\n", []string{
			"3:5! dbt stops at a key that it does not know here. A package with `local` has only `local`. Remove it.",
		}, ""},
		{"the project itself", "packages:\n  - local: ''\n  - local: ./\n  - private: ''\n", []string{
			"2:12! dbt aborts: a project cannot be its own package. Write the path of another project, or remove the item.",
			"3:12! dbt aborts: a project cannot be its own package. Write the path of another project, or remove the item.",
			"4:14! dbt aborts: the package has no name. Write it, or remove the item.",
		}, ""},
		{"keys that are no texts", "5: x\nprojects:\n  - name: u\n    6: y\npackages:\n  - local: a\n    7: z\n", []string{
			"1:1! dbt stops: a key of this file must be a text.", "4:5! dbt stops: a key of this file must be a text.",
			"7:5! dbt stops: a key of a package must be a text.",
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := readPackages(c.content)
			var got []string
			var edits []text.Edit
			for _, p := range f.Problems {
				mark := ""
				if p.Refuses {
					mark = "!"
				}
				got = append(got, fmt.Sprintf("%s%s %s", f.YAML.Lines.Position(p.Span.Start), mark, p.Message))
				if p.Edit != nil {
					edits = append(edits, *p.Edit)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			fixed, err := text.Apply([]byte(c.content), edits)
			if err != nil || len(edits) > 0 != (c.fixed != "") || c.fixed != "" && string(fixed) != c.fixed {
				t.Errorf("fixed: %q, %v; want %q", fixed, err, c.fixed)
			}
		})
	}
}

func TestDuplicatesNameTheFirst(t *testing.T) {
	content := "projects:\n  - name: u\n  - name: v\n  - name: u\n"
	problems := readPackages(content).Problems
	if len(problems) != 1 || problems[0].Related.Start != strings.Index(content, "u\n") {
		t.Errorf("%+v", problems)
	}
}

// The merge table of dbt (load_dbt_packages.rs), docs/engine/mesh.md: "has"
// means a list that is not empty. A name is a row: packages.yml has packages,
// dependencies.yml has packages, dependencies.yml has projects.
func TestMergePackages(t *testing.T) {
	const (
		none     = "# nothing\n"
		packages = "packages:\n  - local: %s\n"
		projects = "projects:\n  - name: %s\n"
		both     = packages + projects
		absent   = "-"
	)
	for _, c := range []struct {
		name, packages, dependencies string
		want                         string // packages; projects; ignored projects
		stops                        bool
	}{
		{"yes, no, yes", packages, projects, "P;D;", false},
		{"yes, no, no", packages, none, "P;;", false},
		{"no, yes, no", none, packages, "D;;", false},
		{"no, yes, yes", none, both, "D;D;", false},
		{"no, no, yes", none, projects, ";;D", false},
		{"no, no, no", none, none, ";;", false},
		{"yes, yes, no", packages, packages, ";;", true},
		{"yes, yes, yes", packages, both, ";;", true},
		{"packages.yml only: packages", packages, absent, "P;;", false},
		{"packages.yml only: projects", projects, absent, ";P;", false},
		{"packages.yml only: both", both, absent, "P;P;", false},
		{"packages.yml only: nothing", none, absent, ";;", false},
		{"dependencies.yml only: packages", absent, packages, "D;;", false},
		{"dependencies.yml only: projects", absent, projects, ";D;", false},
		{"dependencies.yml only: both", absent, both, "D;D;", false},
		{"dependencies.yml only: nothing", absent, none, ";;", false},
		{"neither", absent, absent, ";;", false},
		{"the trap: comments only", "# nothing\n", projects, ";;D", false},
		{"the trap: empty", "", projects, ";;D", false},
		{"the trap: {}", "{}\n", projects, ";;D", false},
		{"the trap: packages without a value", "packages:\n", projects, ";;D", false},
		{"the trap: packages: []", "packages: []\n", projects, ";;D", false},
		{"projects without a value are none", packages, "projects:\n", "P;;", false},
		{"projects: [] are none", packages, "projects: []\n", "P;;", false},
		{"projects of packages.yml: overwritten in the merge case", both, projects, "P;D;P", false},
		{"projects of packages.yml: kept where there is nothing to merge", both, none, "P;P;", false},
		{"projects of packages.yml: lost beside packages", projects, packages, "D;;P", false},
		{"projects of packages.yml: lost in the error case", both, both, ";;", true},
		{"projects of packages.yml: lost in the nothing case", projects, none, ";;P", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			read := func(content, mark string) *PackagesFile {
				if content == absent {
					return nil
				}
				return readPackages(strings.ReplaceAll(content, "%s", mark))
			}
			m := MergePackages(read(c.packages, "P"), read(c.dependencies, "D"))
			var got strings.Builder
			for _, p := range m.Packages {
				got.WriteString(p.Source)
			}
			got.WriteString(";")
			for _, p := range m.Projects {
				got.WriteString(p.Name)
			}
			got.WriteString(";")
			for _, p := range m.Ignored {
				got.WriteString(p.Name)
			}
			if got.String() != c.want || m.Both != c.stops {
				t.Errorf("got %s, both %v; want %s, %v", got.String(), m.Both, c.want, c.stops)
			}
			if _, ok := m.Project("D"); ok != strings.Contains(strings.Split(c.want, ";")[1], "D") {
				t.Errorf("Project(D) = %v", ok)
			}
		})
	}
}

func FuzzReadPackagesFile(f *testing.F) {
	f.Add("packages:\n  - package: a/b\n    version: [1]\nprojects:\n  - name: u\n  - u\n")
	f.Add("packages: &a\n  - *a\n  - {git: *a, <<: {local: x}}\n")
	f.Add("projects:\n  - name: 5\n    ? [x]\n    : y\n")
	f.Fuzz(func(t *testing.T, content string) {
		p := readPackages(content)
		var edits []text.Edit
		for _, problem := range p.Problems {
			if problem.Span.Start < 0 || problem.Span.End < problem.Span.Start || problem.Span.End > len(content) {
				t.Errorf("%v lies outside of %d bytes", problem.Span, len(content))
			}
			if problem.Edit != nil {
				edits = append(edits, *problem.Edit)
			}
		}
		if _, err := text.Apply([]byte(content), edits); err != nil {
			t.Error(err)
		}
		MergePackages(p, p)
	})
}
