package oracle_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

const cloudFile = `version: "1"
context:
  active-host: abc.us1.dbt.com
  active-project: "12"
projects:
  - project-name: shop
    project-id: "12"
    account-name: acme
    account-id: "34"
    account-host: abc.us1.dbt.com
    token-name: mine
    token-value: dbtu_x
`

// TestCloudFileAgrees compares whether dbt takes a ~/.dbt/dbt_cloud.yml, and
// what it names as missing when it does not.
func TestCloudFileAgrees(t *testing.T) {
	contents := cloudFiles()
	scenarios := make([]dbttest.Scenario, len(contents))
	for i, content := range contents {
		scenarios[i] = dbttest.WithProject(dbttest.Scenario{
			Name: fmt.Sprintf("%q", content), Files: map[string]string{"models/m.sql": "select 1 as x"},
			Home: map[string]string{".dbt/" + dbt.CloudFileName: content},
		})
	}
	missing := regexp.MustCompile("missing field (`[a-z-]+`)")
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		if got.Exit != 0 {
			t.Fatalf("%s: exit %d\n%s", scenarios[i].Name, got.Exit, got.Stdout)
		}
		ours := dbt.ReadCloudFile("dbt_cloud.yml", yamlfile.Parse([]byte(contents[i])))
		var warning string
		for _, d := range got.Diags {
			if strings.HasPrefix(d.Text, "Ignoring dbt_cloud.yml") {
				warning = d.Text
			}
		}
		if refused := warning != ""; refused != (ours.State == dbt.CloudInvalid) {
			t.Errorf("%s: dbt says %q, we %v", scenarios[i].Name, warning, ours.Problems)
			continue
		}
		if m := missing.FindStringSubmatch(warning); m != nil && !ours.BOM {
			if first := ours.Problems[0].Message; first != "the file is empty" && !strings.Contains(first, m[1]) {
				t.Errorf("%s: dbt misses %s, we say %q", scenarios[i].Name, m[1], first)
			}
		}
	}
	t.Logf("%d files", len(contents))
}

// TestCloudEntriesAgree compares what dbt reads out of the entry that
// `dbt login status` takes: that of the active project on the active host.
func TestCloudEntriesAgree(t *testing.T) {
	contents := []string{
		cloudFile,
		strings.NewReplacer(`"12"`, "12", `"34"`, "34 # no quotes").Replace(cloudFile),
		strings.ReplaceAll(cloudFile, `"12"`, "1_2"),
		strings.Replace(cloudFile, `account-id: "34"`, "account-id: |-\n      34", 1),
		strings.Replace(cloudFile, `account-id: "34"`, `account-id: !x "\x334"`, 1),
		strings.ReplaceAll(cloudFile, "\n", "\r\n"),
		"\ufeff# a comment\n" + cloudFile,
	}
	scenarios := make([]dbttest.Scenario, len(contents))
	for i, content := range contents {
		scenarios[i] = dbttest.Scenario{
			Name: fmt.Sprintf("%q", content), Home: map[string]string{".dbt/" + dbt.CloudFileName: content}, Args: []string{"login", "status"},
		}
	}
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		ours := dbt.ReadCloudFile("dbt_cloud.yml", yamlfile.Parse([]byte(contents[i])))
		entry := ours.Entry(ours.ActiveProject.Text)
		if entry == nil {
			t.Errorf("%s: no entry for %q", scenarios[i].Name, ours.ActiveProject.Text)
			continue
		}
		for label, value := range map[string]string{"host": entry.AccountHost.Text, "ID": entry.AccountID.Text} {
			line := regexp.MustCompile(`(?im)account ` + label + `:[ \t]*(.*?)[ \t\r]*$`).FindStringSubmatch(got.Stdout + got.Stderr)
			if line == nil || line[1] != value {
				t.Errorf("%s: dbt reads the account's %s as %q, we %q\n%s%s", scenarios[i].Name, label, line, value, got.Stdout, got.Stderr)
			}
		}
	}
}

func cloudFiles() []string {
	files := []string{
		cloudFile, "", "# only a comment\n", cloudFile + "foo: 1\nfoo: 2\n", cloudFile + "version: 2\n", cloudFile + "    token-name: twice\n",
		cloudFile + "state:\n", cloudFile + "state:\n  client-id: x\n", cloudFile + "state:\n  client-id: x\n  client-secret: y\n",
		cloudFile + "state: 1\n", cloudFile + "  - project-id: 3\n", cloudFile + "---\nversion: 2\n", cloudFile + "...\n", cloudFile + "5: x\n",
		cloudFile + "x: *nowhere\n", cloudFile + "# \x00\n", cloudFile + "\tx: 1\n",
		"\ufeff" + cloudFile, "\ufeff# c\n" + cloudFile, "\ufeff\n" + cloudFile, "\ufeff  \n" + cloudFile, "\ufeff---\n" + cloudFile, "\ufeffx: 1\n" + cloudFile,
		"\ufeff{version: 1, context: {active-host: h, active-project: 1}, projects: []}\n", "\ufeff",
		"x: &x\n  account-name: a\n" + strings.Replace(cloudFile, "account-name: acme", "<<: *x", 1),
		strings.Replace(cloudFile, "    token-name: mine\n", "", 1),
		strings.Replace(strings.Replace(cloudFile, "    token-name: mine\n", "", 1), "version: \"1\"\n", "", 1),
		strings.Replace(cloudFile, "dbtu_x", `"{{ env_var('NOPE') }}"`, 1), strings.Replace(cloudFile, "dbtu_x", "{{ x }}", 1),
		strings.ReplaceAll(cloudFile, "\n", "\r\n"), "context: []\n" + cloudFile,
	}
	for line := range strings.Lines(cloudFile) {
		if without := strings.Replace(cloudFile, line, "", 1); !strings.HasPrefix(line, "  - ") && !strings.HasSuffix(line, ":\n") {
			files = append(files, without)
		}
	}
	before, _, _ := strings.Cut(cloudFile, "projects:")
	files = append(files, before)
	for _, v := range []string{"", "true", "null", `""`, "[1]", "{a: b}"} {
		files = append(files,
			v+"\n", strings.Replace(cloudFile, `version: "1"`, "version: "+v, 1), strings.Replace(cloudFile, "token-value: dbtu_x", "token-value: "+v, 1),
			strings.Replace(cloudFile, "projects:", "  defer-env-id: "+v+"\nprojects:", 1), before+"projects: "+v+"\n", before+"projects:\n  - "+v+"\n",
			"version: 1\ncontext: "+v+"\nprojects: []\n",
		)
	}
	return files
}
