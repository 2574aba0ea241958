package dbt

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

type variables map[string]string

func (v variables) lookup(name string) (secret.Text, bool) {
	value, ok := v[name]
	return secret.New(value), ok
}

const (
	linkedProject = "name: jaffle_shop\ndbt-cloud:\n  project-id: 12\n"
	loneProject   = "name: jaffle_shop\n"
)

func query(project string, cloud *CloudFile, env variables) LinkQuery {
	return LinkQuery{
		Project: yamlfile.Parse([]byte(project)), ProjectPath: "/p/dbt_project.yml", Cloud: cloud, Env: env.lookup,
		Origin: func(name string) Origin { return Origin{Kind: OriginEnvFile, Name: name, Path: "/p/.env"} },
	}
}

var fourVariables = variables{
	ProjectIDVariable: "c4n4ry-id", AccountIDVariable: "c4n4ry-account", AccountHostVariable: "c4n4ry.host", TokenVariable: "c4n4ry-token",
}

func absentCloud() *CloudFile {
	return &CloudFile{Path: "/home/u/.dbt/dbt_cloud.yml", State: CloudAbsent}
}

// summary shows each part of a link with where it comes from.
func summary(l *Link) []string {
	var all []string
	for _, p := range []struct {
		name string
		Part
	}{{"id", l.ProjectID}, {"account", l.AccountID}, {"host", l.Host}, {"token", l.Token}, {"defer", l.DeferEnv}, {"job", l.DeferJob}, {"org", l.StateOrg}} {
		if p.From.Kind == OriginNone {
			continue
		}
		value := p.Value.Reveal()
		if !p.Known {
			value = "?"
		}
		all = append(all, fmt.Sprintf("%s=%s from %s", p.name, value, p.From.Name))
	}
	if l.Mixed {
		all = append(all, "mixed")
	}
	if l.Linked {
		all = append(all, "linked")
	}
	return all
}

func TestResolveLink(t *testing.T) {
	cloud := readCloud(goodCloudFile)
	for name, c := range map[string]struct {
		project string
		cloud   *CloudFile
		env     variables
		want    []string
	}{
		"way: file": {linkedProject, cloud, nil, []string{
			"id=12 from dbt-cloud.project-id", "account=34 from account-id", "host=abc.us1.dbt.com from account-host",
			"token=dbtu_c4n4ry from token-value", "defer=77 from defer-env-id", "linked",
		}},
		"way: environment only": {loneProject, absentCloud(), fourVariables, []string{
			"id=c4n4ry-id from DBT_CLOUD_PROJECT_ID", "account=c4n4ry-account from DBT_CLOUD_ACCOUNT_ID",
			"host=c4n4ry.host from DBT_CLOUD_ACCOUNT_HOST", "token=c4n4ry-token from DBT_CLOUD_TOKEN", "linked",
		}},
		"way: mixed": {linkedProject, cloud, variables{TokenVariable: "dbtc_c4n4ry"}, []string{
			"id=12 from dbt-cloud.project-id", "account=34 from account-id", "host=abc.us1.dbt.com from account-host",
			"token=dbtc_c4n4ry from DBT_CLOUD_TOKEN", "defer=77 from defer-env-id", "linked",
		}},
		"way: not enough": {loneProject, cloud, variables{ProjectIDVariable: "12"}, []string{"id=12 from DBT_CLOUD_PROJECT_ID"}},
		"environment, job, account slug": {loneProject, cloud, variables{
			"DBT_CLOUD_ENVIRONMENT_ID": "1", "DBT_CLOUD_JOB_ID": "2", "DBT_CLOUD_ACCOUNT_IDENTIFIER": "act_3"}, nil},
		"job for deferral":                       {loneProject, cloud, variables{DeferJobVariable: "9"}, []string{"job=9 from DBT_CLOUD_DEFER_JOB_ID"}},
		"job for deferral, in the block":         {"dbt-cloud: {job-id: 9, run-id: 8}\n", cloud, nil, nil},
		"State organization, in the environment": {"dbt-cloud: {state-org-id: 4}\n", cloud, variables{StateOrgVariable: "5"}, []string{"org=5 from DBT_CLOUD_STATE_ORG_ID"}},
		"State organization, in the block":       {"dbt-cloud: {state-org-id: 4}\n", cloud, nil, []string{"org=4 from dbt-cloud.state-org-id"}},
		"a key that is misspelt":                 {"dbt-cloud: {project_id: 12, account-id: 1, defer_env_id: 2}\n", cloud, nil, nil},
		"another top-level key":                  {"dbt_cloud: {project-id: 12}\ncloud: {project-id: 12}\n", cloud, nil, nil},
		"a template's id left in place":          {"dbt-cloud:\n  project-id: 275557 # Put your project id here\n", cloud, nil, []string{"id=275557 from dbt-cloud.project-id"}},
		"an id of null":                          {"dbt-cloud: {project-id: null}\n", cloud, nil, nil},
		"the same id, as a text and as a number": {"dbt-cloud: {project-id: '13'}\n", cloud, nil, []string{
			"id=13 from dbt-cloud.project-id", "account=34 from account-id", "host=abc.us1.dbt.com from account-host",
			"token=dbtu_c4n4ry2 from token-value", "defer=77 from defer-env-id", "linked",
		}},
		"context.active-project has no part in it": {"dbt-cloud: {project-id: 13}\n", cloud, nil, []string{
			"id=13 from dbt-cloud.project-id", "account=34 from account-id", "host=abc.us1.dbt.com from account-host",
			"token=dbtu_c4n4ry2 from token-value", "defer=77 from defer-env-id", "linked",
		}},
		"two ids: nothing of the file is used": {"dbt-cloud: {project-id: 12, account_id: 5}\n", cloud, variables{ProjectIDVariable: "13", TokenVariable: "t"}, []string{
			"id=13 from DBT_CLOUD_PROJECT_ID", "account=5 from dbt-cloud.account_id", "token=t from DBT_CLOUD_TOKEN", "mixed",
		}},
		"a file alone does nothing":   {loneProject, cloud, nil, nil},
		"an id alone is not enough":   {linkedProject, absentCloud(), nil, []string{"id=12 from dbt-cloud.project-id"}},
		"no home":                     {linkedProject, nil, nil, []string{"id=12 from dbt-cloud.project-id"}},
		"a file that cannot be read":  {linkedProject, readCloud("version: 1\n"), nil, []string{"id=12 from dbt-cloud.project-id"}},
		"an id that the file has not": {"dbt-cloud: {project-id: 99}\n", cloud, nil, []string{"id=99 from dbt-cloud.project-id"}},
		"both files": {linkedProject, cloud, nil, []string{
			"id=12 from dbt-cloud.project-id", "account=34 from account-id", "host=abc.us1.dbt.com from account-host",
			"token=dbtu_c4n4ry from token-value", "defer=77 from defer-env-id", "linked",
		}},
		"the block overrides the file": {
			"dbt-cloud:\n  project-id: '12'\n  account_id: 5\n  tenant_hostname: t\n  account-host: h\n  defer-env-id: 8\n", cloud, nil, []string{
				"id=12 from dbt-cloud.project-id", "account=5 from dbt-cloud.account_id", "host=t from dbt-cloud.tenant_hostname",
				"token=dbtu_c4n4ry from token-value", "defer=8 from dbt-cloud.defer-env-id", "linked",
			}},
		"an empty tenant_hostname is none": {"dbt-cloud: {project-id: 12, tenant_hostname: '', account-host: h}\n", absentCloud(), nil, []string{
			"id=12 from dbt-cloud.project-id", "host=h from dbt-cloud.account-host",
		}},
		"variables alone": {loneProject, absentCloud(), fourVariables, []string{
			"id=c4n4ry-id from DBT_CLOUD_PROJECT_ID", "account=c4n4ry-account from DBT_CLOUD_ACCOUNT_ID",
			"host=c4n4ry.host from DBT_CLOUD_ACCOUNT_HOST", "token=c4n4ry-token from DBT_CLOUD_TOKEN", "linked",
		}},
		"the id as a variable, though the file has it": {loneProject, cloud, variables{ProjectIDVariable: "12"}, []string{"id=12 from DBT_CLOUD_PROJECT_ID"}},
		"the same id twice": {linkedProject, cloud, variables{ProjectIDVariable: "12", AccountHostVariable: "x"}, []string{
			"id=12 from DBT_CLOUD_PROJECT_ID", "account=34 from account-id", "host=x from DBT_CLOUD_ACCOUNT_HOST",
			"token=dbtu_c4n4ry from token-value", "defer=77 from defer-env-id", "linked",
		}},
		"two ids": {linkedProject, cloud, variables{ProjectIDVariable: "13"}, []string{"id=13 from DBT_CLOUD_PROJECT_ID", "mixed"}},
		"two ids, and all variables": {linkedProject, cloud, fourVariables, []string{
			"id=c4n4ry-id from DBT_CLOUD_PROJECT_ID", "account=c4n4ry-account from DBT_CLOUD_ACCOUNT_ID",
			"host=c4n4ry.host from DBT_CLOUD_ACCOUNT_HOST", "token=c4n4ry-token from DBT_CLOUD_TOKEN", "mixed", "linked",
		}},
		"empty variables are none": {linkedProject, cloud, variables{ProjectIDVariable: "", TokenVariable: "", DeferEnvVariable: ""}, []string{
			"id=12 from dbt-cloud.project-id", "account=34 from account-id", "host=abc.us1.dbt.com from account-host",
			"token=dbtu_c4n4ry from token-value", "defer=77 from defer-env-id", "linked",
		}},
		"Jinja": {"dbt-cloud: {project-id: \"{{ env_var('ID') }}\"}\n", cloud, variables{"ID": "12"}, []string{
			"id=12 from dbt-cloud.project-id", "account=34 from account-id", "host=abc.us1.dbt.com from account-host",
			"token=dbtu_c4n4ry from token-value", "defer=77 from defer-env-id", "linked",
		}},
		"Jinja with a missing variable": {"dbt-cloud: {project-id: \"{{ env_var('ID') }}\"}\n", cloud, nil, []string{"id=? from dbt-cloud.project-id"}},
		"an empty token": {linkedProject, readCloud(strings.Replace(goodCloudFile, "dbtu_c4n4ry\n", "\n", 1)), nil, []string{
			"id=12 from dbt-cloud.project-id", "account=34 from account-id", "host=abc.us1.dbt.com from account-host", "defer=77 from defer-env-id",
		}},
		"an empty id":       {"dbt-cloud: {project-id: ''}\n", cloud, nil, nil},
		"an empty block":    {"dbt-cloud:\n", cloud, nil, nil},
		"a block of a list": {"dbt-cloud: [12]\n", cloud, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, summary(ResolveLink(query(c.project, c.cloud, c.env)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPrecedence takes the places of every value away one by one, from the one
// that wins: each row of the table names them in their order.
func TestPrecedence(t *testing.T) {
	block := map[string]string{"project-id": "12"}
	for value, places := range map[string][]string{
		"project id":           {ProjectIDVariable, "dbt-cloud.project-id"},
		"account id":           {AccountIDVariable, "dbt-cloud.account_id", "account-id"},
		"host":                 {AccountHostVariable, "dbt-cloud.tenant_hostname", "dbt-cloud.account-host", "account-host"},
		"token":                {TokenVariable, "token-value"},
		"deferral environment": {DeferEnvVariable, "dbt-cloud.defer-env-id", "defer-env-id"},
		"job for deferral":     {DeferJobVariable},
		"State organization":   {StateOrgVariable, "dbt-cloud.state-org-id"},
	} {
		t.Run(value, func(t *testing.T) {
			env, keys := variables{}, maps.Clone(block)
			for _, place := range places {
				switch key, ok := strings.CutPrefix(place, "dbt-cloud."); {
				case ok:
					keys[key] = "12"
				case strings.HasPrefix(place, "DBT_"):
					env[place] = "12"
				}
			}
			for _, place := range append(places, "") {
				project := "dbt-cloud:\n"
				for _, key := range slices.Sorted(maps.Keys(keys)) {
					project += "  " + key + ": " + keys[key] + "\n"
				}
				cloud := goodCloudFile
				if place == "" { // nothing is left
					cloud = strings.NewReplacer("account-id: \"34\"", "account-id:", "account-host: abc.us1.dbt.com", "account-host:",
						"dbtu_c4n4ry\n", "\n", "defer-env-id: \"77\"\n", "x: 1\n").Replace(cloud)
				}
				l := ResolveLink(query(project, readCloud(cloud), env))
				part := map[string]Part{
					"project id": l.ProjectID, "account id": l.AccountID, "host": l.Host, "token": l.Token,
					"deferral environment": l.DeferEnv, "job for deferral": l.DeferJob, "State organization": l.StateOrg,
				}[value]
				if part.From.Name != place || part.Known != (place != "") {
					t.Errorf("%s comes from %q, known %v; want %q", value, part.From.Name, part.Known, place)
				}
				switch key, ok := strings.CutPrefix(place, "dbt-cloud."); {
				case ok:
					keys[key] = "\"\"" // an empty one counts as none
				case strings.HasPrefix(place, "DBT_"):
					env[place] = ""
				}
			}
		})
	}
}

func TestResolveLogin(t *testing.T) {
	cloud := readCloud(goodCloudFile)
	three := variables{AccountIDVariable: "c4n4ry", AccountHostVariable: "c4n4ry", TokenVariable: "dbtu_c4n4ry"}
	for name, c := range map[string]struct {
		cloud   *CloudFile
		env     variables
		session bool
		want    string
	}{
		"nothing":                         {absentCloud(), nil, false, ""},
		"no home":                         {nil, nil, false, ""},
		"three variables":                 {cloud, three, true, "environment personal"},
		"a host of its own":               {cloud, variables{AccountHostVariable: "c4n4ry"}, false, ""},
		"a project of its own":            {cloud, variables{ProjectIDVariable: "13"}, false, "dbt_cloud.yml personal"},
		"a project that is not there":     {cloud, variables{ProjectIDVariable: "99"}, false, ""},
		"two variables":                   {cloud, variables{AccountIDVariable: "1", TokenVariable: "t"}, false, "dbt_cloud.yml personal"},
		"an empty variable":               {cloud, variables{AccountIDVariable: "1", AccountHostVariable: "", TokenVariable: "t"}, false, "dbt_cloud.yml personal"},
		"a service token":                 {readCloud(strings.Replace(goodCloudFile, "dbtu_c4n4ry", "dbtc_c4n4ry", 1)), nil, false, "dbt_cloud.yml service"},
		"the active project is not there": {readCloud(strings.Replace(goodCloudFile, `active-project: "12"`, "active-project: 99", 1)), nil, false, ""},
		"another active host":             {readCloud(strings.Replace(goodCloudFile, "active-host: abc", "active-host: x", 1)), nil, false, ""},
		"an empty token":                  {readCloud(strings.Replace(goodCloudFile, "dbtu_c4n4ry\n", "\n", 1)), nil, false, "problem"},
		"a bad file":                      {readCloud("version: 1\n"), nil, false, "problem"},
		"a session":                       {absentCloud(), nil, true, "session service"},
		"a session and a file":            {cloud, nil, true, "dbt_cloud.yml personal"},
	} {
		l := ResolveLogin(LoginQuery{Cloud: c.cloud, Env: c.env.lookup, Session: c.session})
		got := string(l.Via)
		switch {
		case l.Personal:
			got += " personal"
		case l.Via != LoginNone:
			got += " service"
		case l.Problem != "":
			got = "problem"
		}
		if got != c.want || strings.Contains(l.Problem, "c4n4ry") || (l.Entry != nil) != (l.Via == LoginFile) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestShownHidesVariables(t *testing.T) {
	l := ResolveLink(query(linkedProject, readCloud(goodCloudFile), variables{AccountHostVariable: "c4n4ry.host"}))
	for _, c := range []struct {
		part   Part
		reveal bool
		want   string
	}{
		{l.ProjectID, false, "12"}, {l.AccountID, false, "34"},
		{l.Host, false, secret.Mask}, {l.Host, true, "c4n4ry.host"},
		{l.Token, false, secret.Mask}, {Part{}, true, ""},
	} {
		if got := c.part.Shown(c.reveal); got != c.want {
			t.Errorf("part from %s: shown with %v it is not %q", c.part.From.Name, c.reveal, c.want)
		}
	}
	jinjaID := ResolveLink(LinkQuery{
		Project: yamlfile.Parse([]byte("dbt-cloud: {project-id: \"{{ env_var('ID') }}\"}\n")),
		Context: &jinja.Context{Env: variables{"ID": "c4n4ry"}.lookup},
	})
	if got := jinjaID.ProjectID.Shown(false); got != secret.Mask {
		t.Errorf("an id that a variable gives is shown as %d bytes", len(got))
	}
	if text := fmt.Sprintf("%v %+v %#v", l, jinjaID, l.Entry.Token); strings.Contains(text, "c4n4ry") {
		t.Error("printing a link shows a secret")
	}
}

func TestMissing(t *testing.T) {
	l := ResolveLink(query(loneProject, absentCloud(), variables{AccountIDVariable: "1"}))
	if diff := cmp.Diff([]string{"project-id", "account-host", "token-value"}, l.Missing()); diff != "" {
		t.Error(diff)
	}
}

func TestUsesPlatform(t *testing.T) {
	one := readCloud(goodCloudFile)
	two := readCloud(strings.Replace(goodCloudFile, "project-name: other", "project-name: jaffle-shop", 1))
	mesh := ReadPackagesFile("dependencies.yml", yamlfile.Parse([]byte("projects:\n  - name: up\n")))
	none := ReadPackagesFile("packages.yml", yamlfile.Parse([]byte("projects: []\n")))
	for name, c := range map[string]struct {
		query                  LinkQuery
		packages, dependencies *PackagesFile
		want                   bool
	}{
		"nothing":            {query("name: p\n", one, nil), nil, nil, false},
		"an empty block":     {query("name: p\ndbt-cloud:\n", nil, nil), nil, nil, true},
		"projects":           {query("name: p\n", nil, nil), nil, mesh, true},
		"projects elsewhere": {query("name: p\n", nil, nil), mesh, nil, true},
		"no projects":        {query("name: p\n", nil, nil), none, none, false},
		"four variables":     {query("name: p\n", nil, fourVariables), nil, nil, true},
		"three variables":    {query("name: p\n", nil, variables{ProjectIDVariable: "1", AccountIDVariable: "1", TokenVariable: "1", AccountHostVariable: ""}), nil, nil, false},
		"one entry fits":     {query(loneProject, one, nil), nil, nil, true},
		"two entries fit":    {query(loneProject, two, nil), nil, nil, false},
		"no name":            {query("x: 1\n", one, nil), nil, nil, false},
	} {
		if got := UsesPlatform(c.query, c.packages, c.dependencies); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
