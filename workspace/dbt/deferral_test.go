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
		"the open-source build":         {linkedProject, cloud, nil, func(q *DeferralQuery) { q.Engine = engine.KindV2OSS }, []string{"off", "oss-build @ dbt-cloud"}},
		"dbt v1":                        {linkedProject, cloud, nil, func(q *DeferralQuery) { q.Engine = engine.KindV1 }, []string{"off", "not-v2 @ dbt-cloud"}},
		"the platform CLI":              {linkedProject, cloud, nil, func(q *DeferralQuery) { q.Engine = engine.KindPlatformCLI }, []string{"on"}},
		"a flag": {linkedProject, cloud, nil, func(q *DeferralQuery) {
			q.NoDefer = Setting{Set: true, From: Origin{Kind: OriginFlag, Name: "--no-defer"}}
		}, []string{"off", "flag @ --no-defer"}},
		"a setting":         {linkedProject, cloud, nil, func(q *DeferralQuery) { q.EditorDefer = &no }, []string{"off", "setting @ dbt.flag.defer"}},
		"a setting that is": {linkedProject, cloud, nil, func(q *DeferralQuery) { q.EditorDefer = &yes }, []string{"on"}},
		"DBT_STATE":         {linkedProject, cloud, nil, func(q *DeferralQuery) { q.State = shell("DBT_STATE", "c4n4ry") }, []string{"off", "local-state @ DBT_STATE"}},
		"DBT_DEFER_STATE":   {linkedProject, cloud, nil, func(q *DeferralQuery) { q.DeferState = shell("DBT_DEFER_STATE", "c4n4ry") }, []string{"off", "local-state @ DBT_DEFER_STATE"}},
		"the editor's":      {linkedProject, cloud, nil, func(q *DeferralQuery) { q.EditorState = "st" }, []string{"off", "local-state @ dbt.flag.state"}},
		"an empty state":    {linkedProject, cloud, nil, func(q *DeferralQuery) { q.State = shell("DBT_STATE", "") }, []string{"on"}},
		"no home":           {linkedProject, &CloudFile{}, nil, nil, []string{"off", "no-home @ dbt-cloud"}},
		"no file":           {linkedProject, absentCloud(), nil, nil, []string{"off", "no-cloud-file @ dbt-cloud"}},
		"no file, no block": {loneProject, absentCloud(), nil, nil, []string{"off", "no-cloud-file @ dbt-cloud", "no-project-id @ dbt-cloud"}},
		"a bad file":        {linkedProject, readCloud("version: 1\n"), nil, nil, []string{"off", "cloud-file-invalid @ dbt_cloud.yml"}},
		"no block":          {loneProject, cloud, nil, nil, []string{"off", "no-project-id @ dbt-cloud"}},
		"a variable alone":  {loneProject, cloud, variables{ProjectIDVariable: "12"}, nil, []string{"off", "no-project-id @ dbt-cloud"}},
		"three variables": {loneProject, cloud, variables{AccountIDVariable: "c4n4ry", AccountHostVariable: "c4n4ry", TokenVariable: "c4n4ry"}, nil,
			[]string{"off", "no-project-id @ dbt-cloud"}},
		"an unknown id": {"dbt-cloud: {project-id: 99}\n", cloud, nil, nil, []string{"off", "unknown-project @ dbt-cloud.project-id"}},
		"two ids":       {linkedProject, cloud, variables{ProjectIDVariable: "c4n4ry"}, nil, []string{"off", "mixed-project @ DBT_CLOUD_PROJECT_ID"}},
		"an empty token": {linkedProject, readCloud(strings.Replace(goodCloudFile, "dbtu_c4n4ry\n", "\n", 1)), nil, nil,
			[]string{"off", "incomplete-credentials @ dbt_cloud.yml"}},
		"several": {loneProject, absentCloud(), nil, func(q *DeferralQuery) { q.EditorDefer, q.Engine, q.EditorState = &no, engine.KindV2OSS, "st" },
			[]string{"off", "oss-build @ dbt-cloud", "setting @ dbt.flag.defer", "local-state @ dbt.flag.state", "no-cloud-file @ dbt-cloud", "no-project-id @ dbt-cloud"}},
		"a fresh cache": {linkedProject, cloud, nil, func(q *DeferralQuery) {
			q.Cache = DeferralCache{Path: "/p/manifest.json", Age: time.Hour, Project: "jaffle_shop", Environment: "77"}
		}, []string{"on"}},
		"a stale cache": {linkedProject, cloud, nil, func(q *DeferralQuery) {
			q.Cache = DeferralCache{Path: "/p/manifest.json", Age: 61 * time.Minute}
		}, []string{"on", "cache-stale @ manifest.json"}},
		"a cache of another environment": {linkedProject, cloud, nil, func(q *DeferralQuery) {
			q.Cache = DeferralCache{Path: "/p/manifest.json", Environment: "78"}
		}, []string{"on", "cache-other-environment @ manifest.json"}},
		"an old cache of another project": {linkedProject, cloud, nil, func(q *DeferralQuery) {
			q.Cache = DeferralCache{Path: "/p/manifest.json", Age: 72 * time.Hour, Project: "other"}
		}, []string{"on", "cache-stale @ manifest.json", "cache-other-environment @ manifest.json"}},
		"a cache of a project that is not linked": {loneProject, cloud, nil, func(q *DeferralQuery) {
			q.Cache = DeferralCache{Path: "/p/manifest.json", Age: 72 * time.Hour}
		}, []string{"off", "no-project-id @ dbt-cloud"}},
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

func TestAgo(t *testing.T) {
	for age, want := range map[time.Duration]string{
		61 * time.Minute: "over an hour", 5*time.Hour + time.Minute: "5 hours", 72 * time.Hour: "3 days",
	} {
		if got := ago(age); got != want {
			t.Errorf("%v is %q, want %q", age, got, want)
		}
	}
}
