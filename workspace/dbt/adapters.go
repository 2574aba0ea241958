package dbt

import (
	"slices"
	"strings"
	"sync"
)

// The values of `type:` in profiles.yml (dbt-adapter-core@1161ea4, 2026-10).
const (
	readyAdapters        = " snowflake bigquery databricks redshift duckdb salesforce clickhouse singlestore "
	experimentalAdapters = " postgres spark trino datafusion exasol fabric lakecompute fabricspark fdcs "
)

// ExperimentalVariable lets dbt v2 use adapters that are experimental.
const ExperimentalVariable = "DBT_ALLOW_EXPERIMENTAL_ADAPTERS"

// Adapters returns the values of `type:` that dbt v2 knows.
func Adapters() []string { return strings.Fields(readyAdapters + experimentalAdapters) }

// Experimental reports whether dbt v2 wants ExperimentalVariable for an adapter.
func Experimental(adapter string) bool {
	return adapter != "" && strings.Contains(experimentalAdapters, " "+adapter+" ")
}

// Truthy reports whether dbt takes a variable's text for true.
func Truthy(value string) bool {
	return slices.Contains([]string{"1", "true", "yes", "on"}, strings.ToLower(value))
}

// FieldType is what dbt v2 takes in a field of a connection.
type FieldType int

// The types of fields. Null always counts as absent.
const (
	FieldAny      FieldType = iota // also a field that dbt does not know
	FieldText                      // a text, and nothing else
	FieldBool                      // true or false, and no text
	FieldInt                       // a whole number, and no text
	FieldTextOr                    // a text or a whole number
	FieldThreads                   // a whole number, also as a text
	FieldList                      // a list
	FieldMapping                   // a mapping
	FieldKeyfile                   // a text or a mapping
	FieldQueryTag                  // a text, a mapping or a list
)

// fieldTypes are the fields that are no texts, by adapter (`dbt man --schema
// profile`, July 2026).
const fieldTypes = `
redshift bool autocommit autocreate datasharing drop_without_cascade ra3_node
redshift int connect_timeout idp_listen_port idp_response_timeout retries
redshift list db_groups
redshift textor port
redshift map token_endpoint
snowflake bool client_session_keep_alive retry_all retry_on_database_errors reuse_connections
snowflake int connect_retries connect_timeout request_timeout
snowflake textor port
snowflake tag query_tag
postgres textor keepalives_idle port retries
bigquery int job_creation_timeout_seconds job_execution_timeout_seconds job_retries job_retry_deadline_seconds maximum_bytes_billed retries timeout_seconds
bigquery keyfile keyfile_json
bigquery list scopes
databricks map compute connection_parameters session_properties
databricks int connect_max_idle connect_retries connect_timeout
databricks list oauth_scopes
databricks bool retry_all
duckdb list attach extensions secrets
duckdb bool is_ducklake
duckdb map settings
`

// textFields are the fields that are texts, by adapter.
const textFields = `
redshift access_key_id cluster_id database dbname host iam_profile idc_client_display_name idc_region issuer_url method password pass region role schema secret_access_key sslmode user
snowflake account auth_type authenticator database driver_log_level execution_timezone host metadata_warehouse method oauth_client_id oauth_client_secret password private_key private_key_passphrase private_key_path protocol role s3_stage_vpce_dns_name schema token user warehouse
postgres database dbname host method password role schema search_path sslcert sslkey sslmode sslrootcert user
bigquery api_endpoint client_id client_secret compute_region database project dataset dataproc_cluster_name dataproc_region execution_project gcs_bucket impersonate_service_account keyfile location method priority quota_project refresh_token reservation schema service_account_impersonation_url submission_method target_name token token_uri workload_pool_provider_path
databricks auth_type catalog client_id client_secret database host http_path oauth_redirect_url schema token
duckdb database external_root path schema
spark host method schema token user
fabric database host schema
exasol host password schema user
clickhouse host password schema user
`

// fieldTable holds both tables by "adapter field". It is made when it is first
// needed, not at every start of the program.
var fieldTable = sync.OnceValue(func() map[string]FieldType {
	types := map[string]FieldType{
		"text": FieldText, "bool": FieldBool, "int": FieldInt, "textor": FieldTextOr, "list": FieldList,
		"map": FieldMapping, "keyfile": FieldKeyfile, "tag": FieldQueryTag,
	}
	table := map[string]FieldType{}
	for line := range strings.Lines(fieldTypes[1:]) {
		words := strings.Fields(line)
		for _, field := range words[2:] {
			table[words[0]+" "+field] = types[words[1]]
		}
	}
	for line := range strings.Lines(textFields[1:]) {
		words := strings.Fields(line)
		for _, field := range words[1:] {
			table[words[0]+" "+field] = FieldText
		}
		table[words[0]+" threads"] = FieldThreads
	}
	return table
})

// TypeOfField returns what an adapter takes in a field.
func TypeOfField(adapter, field string) FieldType {
	if adapter == "fdcs" { // has the fields of duckdb (asked, 2026-07)
		adapter = "duckdb"
	}
	return fieldTable()[adapter+" "+field]
}

// ConnectFields returns the fields that an adapter lacks to connect, beyond
// those that it lacks to parse (dbt-auth/src/<adapter>/mod.rs, 2026-08). has
// tells whether a field is given, text what stands there, "" where that is not
// known.
func ConnectFields(adapter string, has func(string) bool, text func(string) string) []RequiredField {
	var needed []RequiredField
	switch adapter {
	case "snowflake":
		needed = snowflakeFields(has, text)
	case "bigquery":
		needed = bigqueryFields(has, text)
	case "databricks":
		needed = []RequiredField{one("host"), one("http_path")}
		if !has("auth_type") || text("auth_type") == "token" {
			needed = append(needed, one("token"))
		}
	case "redshift":
		if !has("method") || text("method") == "database" {
			needed = []RequiredField{one("user"), either("password", "pass")}
		}
	case "fabric", "exasol":
		needed = []RequiredField{one("host")}
	case "salesforce":
		needed = []RequiredField{one("client_id")}
	case "postgres":
		needed = []RequiredField{either("password", "pass")}
	}
	return slices.DeleteFunc(needed, func(f RequiredField) bool { return slices.ContainsFunc(f.Names, has) })
}

func snowflakeFields(has func(string) bool, text func(string) string) []RequiredField {
	key := either("private_key", "private_key_path")
	switch text("method") {
	case "keypair":
		return []RequiredField{one("user"), key}
	case "sso":
		return []RequiredField{one("user")}
	case "snowflake_oauth":
		return []RequiredField{one("oauth_client_id"), one("oauth_client_secret"), one("token")}
	case "warehouse", "warehouse_mfa":
		return []RequiredField{one("user"), one("password")}
	case "programmatic_access_token":
		return []RequiredField{one("user"), one("token")}
	}
	for _, decides := range []string{"method", "authenticator", "oauth_client_id", "oauth_client_secret"} {
		if has(decides) {
			return nil
		}
	}
	if has("private_key") || has("private_key_path") {
		return []RequiredField{one("user")}
	}
	return []RequiredField{one("user"), one("password")}
}

func bigqueryFields(has func(string) bool, text func(string) string) []RequiredField {
	if !has("method") {
		return []RequiredField{one("method")}
	}
	switch text("method") {
	case "service-account":
		return []RequiredField{one("keyfile")}
	case "service-account-json":
		return []RequiredField{one("keyfile_json")}
	case "oauth-secrets":
		if !has("token") {
			return []RequiredField{one("refresh_token"), one("client_id"), one("client_secret"), one("token_uri")}
		}
	}
	return nil
}
