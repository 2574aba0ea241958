package dbt

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

func TestResolveDeferral(t *testing.T) {
	cloud := readCloud(goodCloudFile)
	yes, no := true, false
	block := Origin{Kind: OriginFile, Name: "dbt-cloud", Path: "/p/dbt_project.yml"}
	shell := func(name, value string) Setting {
		return Setting{Value: value, Set: true, From: Origin{Kind: OriginShell, Name: name}}
	}
	now := time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)
	kept := func(c DeferralCache) func(q *DeferralQuery) {
		c.Path = "/p/manifest.json"
		c.State = max(c.State, CacheFine)
		return func(q *DeferralQuery) { q.Cache, q.Now = c, now }
	}
	for name, c := range map[string]struct {
		project string
		cloud   *CloudFile
		env     variables
		change  func(q *DeferralQuery)
		want    []string // "on" or "off", then code @ name of the place
	}{
		"linked":                        {linkedProject, cloud, nil, nil, []string{"on"}},
		"linked by variables, no file":  {loneProject, absentCloud(), fourVariables, nil, []string{"on"}},
		"linked by variables, bad file": {loneProject, readCloud(""), fourVariables, nil, []string{"on"}},
		"two ids and all variables":     {linkedProject, cloud, fourVariables, nil, []string{"on"}},
		"row 1: the binary is dbt-oss":  {linkedProject, cloud, nil, func(q *DeferralQuery) { q.Engine = engine.KindV2OSS }, []string{"off", "oss-build @ dbt-cloud"}},
		"dbt v1":                        {linkedProject, cloud, nil, func(q *DeferralQuery) { q.Engine = engine.KindV1 }, []string{"off", "not-v2 @ dbt-cloud"}},
		"the platform CLI":              {linkedProject, cloud, nil, func(q *DeferralQuery) { q.Engine = engine.KindPlatformCLI }, []string{"on"}},
		"row 2: --no-defer": {linkedProject, cloud, nil, func(q *DeferralQuery) {
			q.NoDefer = Setting{Set: true, From: Origin{Kind: OriginFlag, Name: "--no-defer"}}
		}, []string{"off", "flag @ --no-defer"}},
		"row 3: dbt.flag.defer is false":                       {linkedProject, cloud, nil, func(q *DeferralQuery) { q.EditorDefer = &no }, []string{"off", "setting @ dbt.flag.defer"}},
		"row 3: dbt.flag.defer is true":                        {linkedProject, cloud, nil, func(q *DeferralQuery) { q.EditorDefer = &yes }, []string{"on"}},
		"row 4: DBT_STATE":                                     {linkedProject, cloud, nil, func(q *DeferralQuery) { q.State = shell("DBT_STATE", "c4n4ry") }, []string{"off", "local-state @ DBT_STATE"}},
		"row 4: DBT_DEFER_STATE":                               {linkedProject, cloud, nil, func(q *DeferralQuery) { q.DeferState = shell("DBT_DEFER_STATE", "c4n4ry") }, []string{"off", "local-state @ DBT_DEFER_STATE"}},
		"row 4: dbt.flag.state":                                {linkedProject, cloud, nil, func(q *DeferralQuery) { q.EditorState = "st" }, []string{"off", "local-state @ dbt.flag.state"}},
		"row 4: DBT_STATE is empty":                            {linkedProject, cloud, nil, func(q *DeferralQuery) { q.State = shell("DBT_STATE", "") }, []string{"on"}},
		"row 5: no home folder":                                {linkedProject, &CloudFile{}, nil, nil, []string{"off", "no-home @ dbt-cloud"}},
		"row 6: no dbt_cloud.yml and no full set of variables": {linkedProject, absentCloud(), nil, nil, []string{"off", "no-cloud-file @ dbt-cloud"}},
		"no file, no block":                                    {loneProject, absentCloud(), nil, nil, []string{"off", "no-cloud-file @ dbt-cloud", "no-project-id @ dbt-cloud"}},
		"row 7: the file does not parse":                       {linkedProject, readCloud("version: 1\n"), nil, nil, []string{"off", "cloud-file-invalid @ dbt_cloud.yml"}},
		"row 8: no dbt-cloud block":                            {loneProject, cloud, nil, nil, []string{"off", "no-project-id @ dbt-cloud"}},
		"a variable alone":                                     {loneProject, cloud, variables{ProjectIDVariable: "12"}, nil, []string{"off", "no-project-id @ dbt-cloud"}},
		"three variables": {loneProject, cloud, variables{AccountIDVariable: "c4n4ry", AccountHostVariable: "c4n4ry", TokenVariable: "c4n4ry"}, nil,
			[]string{"off", "no-project-id @ dbt-cloud"}},
		"row 9: project-id is not among projects":              {"dbt-cloud: {project-id: 99}\n", cloud, nil, nil, []string{"off", "unknown-project @ dbt-cloud.project-id"}},
		"row 10: DBT_CLOUD_PROJECT_ID differs from project-id": {linkedProject, cloud, variables{ProjectIDVariable: "c4n4ry"}, nil, []string{"off", "mixed-project @ DBT_CLOUD_PROJECT_ID"}},
		"row 11: the token is missing": {linkedProject, readCloud(strings.Replace(goodCloudFile, "dbtu_c4n4ry\n", "\n", 1)), nil, nil,
			[]string{"off", "incomplete-credentials @ dbt_cloud.yml"}},
		"several": {loneProject, absentCloud(), nil, func(q *DeferralQuery) { q.EditorDefer, q.Engine, q.EditorState = &no, engine.KindV2OSS, "st" },
			[]string{"off", "oss-build @ dbt-cloud", "setting @ dbt.flag.defer", "local-state @ dbt.flag.state", "no-cloud-file @ dbt-cloud", "no-project-id @ dbt-cloud"}},
		"row 4: --state": {linkedProject, cloud, nil, func(q *DeferralQuery) {
			q.State = Setting{Value: "c4n4ry", Set: true, From: Origin{Kind: OriginFlag, Name: "--state"}}
		}, []string{"off", "local-state @ --state"}},
		"row 4: --defer-state": {linkedProject, cloud, nil, func(q *DeferralQuery) {
			q.DeferState = Setting{Value: "c4n4ry", Set: true, From: Origin{Kind: OriginFlag, Name: "--defer-state"}}
		}, []string{"off", "local-state @ --defer-state"}},
		"row 8: a block without project-id":                                   {"dbt-cloud:\n  defer-env-id: 5\n", cloud, nil, nil, []string{"off", "no-project-id @ dbt-cloud"}},
		"row 8: an empty project-id":                                          {"dbt-cloud:\n  project-id:\n", cloud, nil, nil, []string{"off", "no-project-id @ dbt-cloud"}},
		"row 11: the account id is missing":                                   {linkedProject, readCloud(strings.Replace(goodCloudFile, "account-id: \"34\"", "account-id:", 1)), nil, nil, []string{"off", "incomplete-credentials @ dbt_cloud.yml"}},
		"row 11: the host is missing":                                         {linkedProject, readCloud(strings.Replace(goodCloudFile, "account-host: abc.us1.dbt.com", "account-host:", 1)), nil, nil, []string{"off", "incomplete-credentials @ dbt_cloud.yml"}},
		"row 12: an expired token, which the network alone can tell":          {linkedProject, readCloud(strings.Replace(goodCloudFile, "dbtu_c4n4ry\n", "dbtu_expired\n", 1)), nil, nil, []string{"on"}},
		"row 12: a host of another region, which the network alone can tell":  {linkedProject, readCloud(strings.Replace(goodCloudFile, "account-host: abc.us1.dbt.com", "account-host: cloud.getdbt.com", 1)), nil, nil, []string{"on"}},
		"row 13: the network is down, which is not known before":              {linkedProject, cloud, nil, nil, []string{"on"}},
		"row 15: a relation of one's own, which the warehouse alone can tell": {linkedProject, cloud, nil, nil, []string{"on"}},
		"row 14: a wrong defer-env-id, which the network alone can tell":      {"name: jaffle_shop\ndbt-cloud:\n  project-id: 12\n  defer-env-id: 999\n", cloud, nil, nil, []string{"on"}},
		"no-op: context.active-project":                                       {linkedProject, readCloud(strings.Replace(goodCloudFile, `active-project: "12"`, `active-project: "13"`, 1)), nil, nil, []string{"on"}},
		"section 5: a cache of an hour":                                       {linkedProject, cloud, nil, kept(DeferralCache{Fetched: now.Add(-time.Hour), Project: "jaffle_shop", Environment: "77"}), []string{"on"}},
		"section 5: a cache of more than an hour": {linkedProject, cloud, nil, kept(DeferralCache{Fetched: now.Add(-61 * time.Minute)}),
			[]string{"on", "cache-stale @ manifest.json"}},
		"section 5: a cache of a time to come":   {linkedProject, cloud, nil, kept(DeferralCache{Fetched: now.Add(time.Hour)}), []string{"on"}},
		"section 5: a cache without a time":      {linkedProject, cloud, nil, kept(DeferralCache{Project: "jaffle_shop"}), []string{"on"}},
		"section 5: a cache that cannot be read": {linkedProject, cloud, nil, kept(DeferralCache{State: CacheUnreadable, Environment: "78"}), []string{"on"}},
		"section 5: a folder instead of a cache": {linkedProject, cloud, nil, kept(DeferralCache{State: CacheNoFile, Environment: "78"}), []string{"on"}},
		"row 16: a cached manifest of another environment": {linkedProject, cloud, nil, kept(DeferralCache{Environment: "78"}),
			[]string{"on", "cache-other-environment @ manifest.json"}},
		"row 16: an old cached manifest of another project": {linkedProject, cloud, nil, kept(DeferralCache{Fetched: now.Add(-72 * time.Hour), Project: "other"}),
			[]string{"on", "cache-stale @ manifest.json", "cache-other-environment @ manifest.json"}},
		"section 5: an unlinked project ignores the cache": {loneProject, cloud, nil, kept(DeferralCache{Fetched: now.Add(-72 * time.Hour), Environment: "78"}),
			[]string{"off", "no-project-id @ dbt-cloud"}},
	} {
		t.Run(name, func(t *testing.T) {
			q := DeferralQuery{
				Engine: engine.KindV2, Cloud: c.cloud, Link: ResolveLink(query(c.project, c.cloud, c.env)), ProjectAt: block, ProjectName: "jaffle_shop",
			}
			if c.change != nil {
				c.change(&q)
			}
			d := ResolveDeferral(q)
			got := []string{map[bool]string{true: "on", false: "off"}[d.On]}
			for _, r := range d.Reasons {
				place := r.At.Name
				if place == "" {
					place = r.At.Path[strings.LastIndex(r.At.Path, "/")+1:]
				}
				got = append(got, fmt.Sprintf("%s @ %s", r.Code, place))
				if r.Message == "" || !strings.HasSuffix(r.Message, ".") || strings.Contains(r.Message, "c4n4ry") {
					t.Errorf("message of %s: %d bytes", r.Code, len(r.Message))
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadManifestMetadata(t *testing.T) {
	head := `{"metadata": {"dbt_schema_version": "https://x/v12.json", "dbt_version": "2.0.8", "generated_at": "2026-11-25T08:00:00.123456Z",
		"project_name": "shop", "env": {"DBT_CLOUD_ENVIRONMENT_ID": "77"}, "adapter_type": "snowflake"}, "nodes": {"model.shop.a": {"na`
	want := ManifestMetadata{Project: "shop", Environment: "77", Version: "2.0.8", Generated: time.Date(2026, 11, 25, 8, 0, 0, 123456000, time.UTC)}
	if got, ok := ReadManifestMetadata([]byte(head)); !ok || got != want {
		t.Errorf("%+v, %v", got, ok)
	}
	if got, ok := ReadManifestMetadata([]byte(`{"docs": {"a": [1]}, "metadata": {}}`)); !ok || got != (ManifestMetadata{}) {
		t.Errorf("behind another key: %+v, %v", got, ok)
	}
	for _, s := range []string{"", "{", "[]", `{"nodes": {`, `{"metadata": {"project_name": "sh`, `{"metadata": {"project_name": 5}}`, `{"nodes": {}}`} {
		if got, ok := ReadManifestMetadata([]byte(s)); ok {
			t.Errorf("%q gives %+v", s, got)
		}
	}
}

func TestFetchTime(t *testing.T) {
	for s, want := range map[string]int64{"1764000000": 1764000000, "1764000000\n": 1764000000, "": 0, "x": 0, "-5": 0, "1764000000.5": 0} {
		got, ok := FetchTime([]byte(s))
		if ok != (want > 0) || ok && got.Unix() != want {
			t.Errorf("%q gives %v, %v", s, got, ok)
		}
	}
}

func TestCacheAge(t *testing.T) {
	now := time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		fetched time.Time
		want    time.Duration
		ok      bool
	}{
		"a while ago": {now.Add(-time.Minute), time.Minute, true}, "in the time to come": {now.Add(time.Minute), 0, true}, "not known": {},
	} {
		if got, ok := (&DeferralCache{Fetched: c.fetched}).Age(now); got != c.want || ok != c.ok {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
}

func TestAgo(t *testing.T) {
	for age, want := range map[time.Duration]string{
		0: "less than a minute", time.Minute: "a minute", 59 * time.Minute: "59 minutes",
		61 * time.Minute: "over an hour", 5*time.Hour + time.Minute: "5 hours", 72 * time.Hour: "3 days",
	} {
		if got := Ago(age); got != want {
			t.Errorf("%v is %q, want %q", age, got, want)
		}
	}
}
