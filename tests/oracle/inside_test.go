package oracle

import (
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
)

// insideConnections are fields of a connection, by adapter, that hold lists and
// mappings.
const insideConnections = `
duckdb attach: [5]
duckdb attach: [x]
duckdb attach: [null]
duckdb attach: [{}]
duckdb attach: [[a]]
duckdb attach: {a: b}
duckdb attach: !x [{path: a}]
duckdb attach: [!x {path: a}]
duckdb attach: [{path: !x a}]
duckdb attach: [{path: !x }]
duckdb attach: [{alias: x}]
duckdb attach: [{path: 5}]
duckdb attach: [{path: }]
duckdb attach: [{path: [a]}]
duckdb attach: [{path: {a: b}}]
duckdb attach: [{path: a, alias: 5}]
duckdb attach: [{path: a, alias: }]
duckdb attach: [{path: a, type: 5}]
duckdb attach: [{path: a, read_only: x}]
duckdb attach: [{path: a, read_only: }]
duckdb attach: [{path: a, is_ducklake: x}]
duckdb attach: [{path: a, options: 5, secret: [a], other: {5: b}}]
duckdb attach: [{path: a, 5: x}]
duckdb attach: [{path: a, true: x}]
duckdb attach: [&a {path: x}, *a]
duckdb attach: [{<<: {path: a}}]
duckdb attach: [{<<: {path: 5}}]
duckdb attach: [{path: "{{ env_var('EMPTY') }}"}]
duckdb attach: [{path: "{{ env_var('NUMBER') }}"}]
duckdb attach: [{path: "{{ env_var('TEXT') }}"}]
duckdb attach: [{path: "{{ env_var('LIST') }}"}]
duckdb attach: [{path: "{{ 5 }}"}]
duckdb attach: [{path: a, alias: "{{ env_var('EMPTY') }}"}]
duckdb attach: [{path: a, alias: "{{ env_var('NUMBER') }}"}]
duckdb attach: [{path: a, read_only: "{{ env_var('TRUE') }}"}]
duckdb attach: [{path: a, read_only: "{{ env_var('TEXT') }}"}]
duckdb attach: ["{{ env_var('EMPTY') }}"]
duckdb attach: ["{{ env_var('MAPPING') }}"]
duckdb attach: ["{{ env_var('PATH_OF') }}"]
duckdb attach: "{{ env_var('EMPTY') }}"
duckdb attach: "{{ env_var('TEXT') }}"
duckdb attach: "{{ env_var('LIST') }}"
duckdb attach: "{{ env_var('LIST_OF_PATHS') }}"
duckdb attach: "{{ env_var('LIST_OF_KEYS') }}"
duckdb extensions: [5]
duckdb extensions: [a, b]
duckdb extensions: [{}]
duckdb extensions: [null]
duckdb extensions: [!x a]
duckdb extensions: [[name, repo]]
duckdb extensions: [{name: 5}]
duckdb extensions: [{name: a}]
duckdb extensions: [{name: }]
duckdb extensions: [{name: a, repo: 5}]
duckdb extensions: [{name: a, repo: b}]
duckdb extensions: [{name: a, repo: }]
duckdb extensions: [{repo: b}]
duckdb extensions: [{name: a, other: 5}]
duckdb extensions: [{name: a, 5: x}]
duckdb extensions: ["{{ env_var('EMPTY') }}"]
duckdb extensions: ["{{ env_var('NUMBER') }}"]
duckdb extensions: ["{{ env_var('TEXT') }}"]
duckdb extensions: [{name: "{{ env_var('EMPTY') }}"}]
duckdb secrets: [5]
duckdb secrets: [a]
duckdb secrets: [[]]
duckdb secrets: [{}]
duckdb secrets: [null]
duckdb secrets: [{name: a}]
duckdb secrets: [{type: 5}]
duckdb secrets: [{type: s3, name: 5}]
duckdb secrets: [{type: s3, provider: 5}]
duckdb secrets: [{type: s3, persistent: 5}]
duckdb secrets: [{type: s3, persistent: }]
duckdb secrets: [{type: s3, scope: [a]}]
duckdb secrets: [{type: s3, scope: a}]
duckdb secrets: [{type: s3, key_id: 5, secret: {a: b}, region: [a]}]
duckdb secrets: [{type: s3, 5: a}]
duckdb secrets: [{type: "{{ env_var('EMPTY') }}"}]
duckdb secrets: [{type: s3, name: "{{ env_var('EMPTY') }}"}]
duckdb secrets: [{type: s3, secret: "{{ env_var('NUMBER') }}"}]
duckdb settings: {a: 5, b: [5], c: {d: e}, f: }
duckdb settings: {5: a}
duckdb settings: {null: a}
duckdb settings: {[a]: b}
duckdb settings: {a: {5: b}}
duckdb settings: {a: "{{ env_var('EMPTY') }}"}
duckdb settings: "{{ env_var('MAPPING') }}"
duckdb settings: "{{ env_var('KEY') }}"
duckdb other: {5: a}
duckdb 5: a
duckdb null: a
duckdb [a]: b
fdcs attach: [{path: 5}]
fdcs secrets: [{type: }]
redshift db_groups: [5]
redshift db_groups: [null]
redshift db_groups: [[a]]
redshift db_groups: [a, !x b]
redshift db_groups: ["{{ env_var('EMPTY') }}"]
redshift db_groups: ["{{ env_var('NUMBER') }}"]
redshift db_groups: "{{ env_var('LIST') }}"
redshift token_endpoint: {a: 5, b: , c: [d]}
redshift token_endpoint: {5: a}
bigquery scopes: [5]
bigquery scopes: [a]
bigquery scopes: [null]
bigquery token_endpoint: {5: a}
bigquery dataproc_batch: 5
bigquery keyfile_json: {5: a}
bigquery keyfile_json: {a: 5, b: {5: c}}
databricks oauth_scopes: [5]
databricks oauth_scopes: [a]
databricks compute: {5: a}
databricks compute: {a: {http_path: 5}}
databricks connection_parameters: {5: a}
databricks session_properties: {5: a}
databricks session_properties: {a: }
snowflake query_tag: {5: a}
snowflake query_tag: [5]
spark method: Thrift
spark method: 5
spark method: "{{ env_var('TEXT') }}"
spark auth: foo
spark auth: none
spark auth: NONE
spark auth:
spark auth: 5
spark auth: [a]
spark auth: "{{ env_var('EMPTY') }}"
spark auth: "{{ env_var('TEXT') }}"
spark server_side_parameters: {5: a}
clickhouse custom_settings: {5: a}
`

// TestInsideConnections compares what the rules say of the lists and mappings in
// a connection with what the engine says.
func TestInsideConnections(t *testing.T) {
	sound := map[string]string{
		"redshift": "host: h, port: 5439, dbname: d, schema: s", "bigquery": "project: d, dataset: s", "databricks": "schema: s",
		"snowflake": "account: a, database: d, schema: s", "spark": "method: thrift, host: h, schema: s", "clickhouse": "schema: s",
		"duckdb": "path: x", "fdcs": "path: x",
	}
	var all []scenario
	for line := range strings.Lines(insideConnections[1:]) {
		adapter, field, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		name, _, _ := strings.Cut(field, ":")
		connection := "type: " + adapter
		for _, other := range strings.Split(sound[adapter], ", ") {
			if !strings.HasPrefix(other, name+":") {
				connection += "\n      " + other
			}
		}
		all = append(all, scenario{Scenario: dbttest.Scenario{
			Name: line,
			Env: map[string]string{
				"DBT_ALLOW_EXPERIMENTAL_ADAPTERS": "true", "EMPTY": "", "NUMBER": "5", "TEXT": "x", "TRUE": "true", "LIST": "[a]", "MAPPING": "a: b",
				"PATH_OF": "path: a", "LIST_OF_PATHS": "[{path: a}]", "LIST_OF_KEYS": "[{path: a, 5: b}]", "KEY": "{5: a}",
			},
			Files: map[string]string{
				"dbt_project.yml": "name: p\nversion: '1.0'\nprofile: p\n",
				"profiles.yml":    "p:\n  target: dev\n  outputs:\n    dev:\n      " + connection + "\n      " + field + "\n",
			},
		}})
	}
	var total figures
	for i, problem := range compare(t, dbttest.Find(t), all, &total) {
		if problem != nil {
			t.Errorf("%s: %s\n%s", all[i].Name, problem.kind, problem.detail)
		}
	}
	t.Logf("%d connections: %s", len(all), total.String())
}
