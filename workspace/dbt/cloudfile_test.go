package dbt

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

const goodCloudFile = `version: "1"
context:
  active-host: abc.us1.dbt.com
  active-project: "12"
  defer-env-id: "77"
projects:
  - project-name: Jaffle Shop
    project-id: "12"
    account-name: acme
    account-id: "34"
    account-host: abc.us1.dbt.com
    token-name: mine
    token-value: dbtu_c4n4ry
  - project-name: other
    project-id: 13
    account-name: acme
    account-id: 34
    account-host: abc.us1.dbt.com
    token-name: mine
    token-value: dbtu_c4n4ry2
`

func readCloud(content string) *CloudFile {
	return ReadCloudFile("/home/u/.dbt/dbt_cloud.yml", yamlfile.Parse([]byte(content)))
}

func TestReadCloudFile(t *testing.T) {
	c := readCloud(goodCloudFile)
	if c.State != CloudFine || len(c.Problems) > 0 || c.ActiveHost.Text != "abc.us1.dbt.com" || c.ActiveProject.Text != "12" || c.DeferEnvID.Text != "77" {
		t.Errorf("%+v", c)
	}
	first, second, none := c.Entry("12"), c.Entry("13"), c.Entry("14")
	if first == nil || first.AccountID.Text != "34" || first.Token.Reveal() != "dbtu_c4n4ry" || second == nil || second.Token.Reveal() != "dbtu_c4n4ry2" || none != nil {
		t.Errorf("entries %v %v %v", first, second, none)
	}
	if got := goodCloudFile[first.TokenAt.Start:first.TokenAt.End]; got != "dbtu_c4n4ry" {
		t.Errorf("the token's place holds %d bytes", len(got))
	}
	if got := goodCloudFile[first.ProjectID.Span.Start:first.ProjectID.Span.End]; got != `"12"` {
		t.Errorf("the project id's place holds %q", got)
	}
}

func TestCloudFileProblems(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []string // line:column message
	}{
		"empty":          {"", []string{"1:1 the file is empty"}},
		"only a comment": {"# x\n", []string{"1:1 the file is empty"}},
		"no mapping":     {"- x\n", []string{"1:1 the file must be a mapping"}},
		"nothing in it": {"x: 1\n", []string{
			"1:1 the file has no `version`", "1:1 the file has no `context`", "1:1 the file has no `projects`",
		}},
		"nested first": {"context: {active-host: h}\nprojects:\n  - project-name: x\n    project-id: [1]\n", []string{
			"1:11 `context` has no `active-project`",
			"4:17 `project-id` must be a text",
			"3:5 an entry of `projects` has no `account-name`", "3:5 an entry of `projects` has no `account-id`",
			"3:5 an entry of `projects` has no `account-host`", "3:5 an entry of `projects` has no `token-name`",
			"3:5 an entry of `projects` has no `token-value`",
			"1:1 the file has no `version`",
		}},
		"projects of another shape": {"version: 1\ncontext: {active-host: h, active-project: 1}\nprojects: {a: b}\n", []string{"3:11 `projects` must be a list"}},
		"the word null":             {"version: 1\ncontext: {active-host: h, active-project: 1}\nprojects: null\n", []string{"3:11 `projects` must be a list"}},
		"twice":                     {goodCloudFile + "version: 2\n", []string{"21:1 `version` stands twice in the file"}},
		"half of state":             {goodCloudFile + "state:\n  client-id: x\n", []string{"22:3 `state` has no `client-secret`"}},
		"a byte order mark":         {"\ufeff" + goodCloudFile, []string{"1:1 a byte order mark stands before the first key"}},
		"unknown keys":              {goodCloudFile + "more: 1\nmore: 2\n", nil},
		"no projects":               {"version: 1\ncontext: {active-host: h, active-project: 1}\nprojects:\n", nil},
		"a mark before a comment":   {"\ufeff# downloaded\n" + goodCloudFile, nil},
	} {
		t.Run(name, func(t *testing.T) {
			file := readCloud(c.content)
			lines := yamlfile.Parse([]byte(c.content)).Lines
			var got []string
			for _, p := range file.Problems {
				got = append(got, lines.Position(p.Span.Start).String()+" "+p.Message)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if want := len(c.want) > 0; want != (file.State == CloudInvalid) || file.BOM != (name == "a byte order mark") {
				t.Errorf("state %v, mark %v", file.State, file.BOM)
			}
		})
	}
}

func TestCloudFileOfBrokenYAML(t *testing.T) {
	c := readCloud(strings.Replace(goodCloudFile, `"34"`, `"34`, 1))
	if c.State != CloudInvalid || len(c.Problems) == 0 {
		t.Fatalf("%+v", c)
	}
	for _, p := range c.Problems {
		if strings.Contains(p.Message, "c4n4ry") {
			t.Error("a problem shows the token")
		}
	}
}

func TestFitting(t *testing.T) {
	c := readCloud(goodCloudFile)
	for name, want := range map[string]int{"jaffle_shop": 1, "JaffleShop": 1, "other": 1, "jaffle": 0, "": 0, "_": 0} {
		if got := len(c.Fitting(name)); got != want {
			t.Errorf("%d entries fit %q, want %d", got, name, want)
		}
	}
	if got := (*CloudFile)(nil).Fitting("x"); got != nil {
		t.Errorf("no file: %v", got)
	}
}

func FuzzReadCloudFile(f *testing.F) {
	f.Add(goodCloudFile)
	f.Add("\ufeffversion: 1\nprojects: [{project-id: *x}]\n")
	f.Add("projects:\n  - &a {<<: *a}\ncontext: *a\n")
	f.Fuzz(func(t *testing.T, content string) {
		c := readCloud(content)
		if (c.State == CloudInvalid) != (len(c.Problems) > 0) {
			t.Errorf("state %v with %d problems", c.State, len(c.Problems))
		}
		for _, p := range c.Problems {
			if p.Span.Start < 0 || p.Span.End < p.Span.Start || p.Span.End > len(content) {
				t.Errorf("%v lies outside of %d bytes", p.Span, len(content))
			}
		}
	})
}
