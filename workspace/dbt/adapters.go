package dbt

import (
	"cmp"
	"iter"
	"maps"
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
	FieldAny         FieldType = iota // also a field that dbt does not know
	FieldText                         // a text, and nothing else
	FieldBool                         // true or false, and no text
	FieldInt                          // a whole number, and no text
	FieldTextOr                       // a text or a whole number
	FieldThreads                      // a whole number, also as a text
	FieldTexts                        // a list of texts
	FieldMapping                      // a mapping
	FieldKeyfile                      // a text or a mapping
	FieldQueryTag                     // a text, a mapping or a list
	FieldAttachments                  // a list of databases that duckdb attaches
	FieldAttachment                   // one of them: a mapping
	FieldExtensions                   // a list of extensions of duckdb
	FieldExtension                    // one of them: a text or a mapping
	FieldSecrets                      // a list of secrets for duckdb
	FieldSecret                       // one of them: a mapping
	FieldSparkMethod                  // one of a few words
	FieldSparkAuth                    // one of a few words
)

// fieldTypes are the fields that are no texts, by adapter (`dbt man --schema
// profile`, July 2026).
const fieldTypes = `
redshift bool autocommit autocreate datasharing drop_without_cascade ra3_node
redshift int connect_timeout idp_listen_port idp_response_timeout retries
redshift texts db_groups
redshift textor port
redshift map token_endpoint
snowflake bool client_session_keep_alive retry_all retry_on_database_errors reuse_connections
snowflake int connect_retries connect_timeout request_timeout
snowflake textor port
snowflake tag query_tag
postgres textor keepalives_idle port retries
bigquery int job_creation_timeout_seconds job_execution_timeout_seconds job_retries job_retry_deadline_seconds maximum_bytes_billed retries timeout_seconds
bigquery keyfile keyfile_json
bigquery texts scopes
databricks map compute connection_parameters session_properties
databricks int connect_max_idle connect_retries connect_timeout
databricks texts oauth_scopes
databricks bool retry_all
duckdb attachments attach
duckdb extensions extensions
duckdb secrets secrets
duckdb bool is_ducklake
duckdb map settings
trino textor port
spark sparkmethod method
spark sparkauth auth
spark int port
spark bool use_ssl
spark map server_side_parameters
salesforce int data_transform_run_timeout
exasol bool certificate_validation encryption
exasol textor connection_timeout port
fabric bool encrypt trace_flag trust_cert windows_login
fabric int login_timeout query_timeout retries
clickhouse bool allow_automatic_deduplication check_exchange cluster_mode secure use_lw_deletes verify
clickhouse int compress_block_size connect_timeout retries send_receive_timeout sync_request_timeout
clickhouse map custom_settings
clickhouse textor port
`

// textFields are the fields that are texts, by adapter.
const textFields = `
redshift access_key_id cluster_id database host iam_profile idc_client_display_name idc_region issuer_url method password region role schema secret_access_key sslmode user
snowflake account auth_type authenticator database driver_log_level execution_timezone host metadata_warehouse method oauth_client_id oauth_client_secret password private_key private_key_passphrase private_key_path protocol role s3_stage_vpce_dns_name schema token user warehouse
postgres database host method password role schema search_path sslcert sslkey sslmode sslrootcert user
bigquery api_endpoint client_id client_secret compute_region database dataproc_cluster_name dataproc_region execution_project gcs_bucket impersonate_service_account keyfile location method priority profile_type quota_project refresh_token reservation schema service_account_impersonation_url submission_method target_name token token_uri workload_pool_provider_path
databricks auth_type client_id client_secret database host http_path oauth_redirect_url schema token
duckdb database external_root path schema
trino database host password role schema user
datafusion database schema
spark host kerberos_service_name password platform_hint schema user
salesforce client_id database login_url method private_key private_key_path username
fabric PWD UID access_token access_token_expires_on api_url authentication client_id client_secret database driver host schema schema_authorization snapshot_timestamp tenant_id warehouse_snapshot_id warehouse_snapshot_name workspace_id
exasol certificate_fingerprint database host password schema user
clickhouse client_cert client_cert_key cluster compression database database_engine driver host local_db_prefix local_suffix password schema user
`

// otherSpellings are the names under which dbt v2 takes a field as well, by
// adapter: field, then the others (asked, July 2026).
const otherSpellings = `
redshift database dbname
redshift password pass
postgres database dbname
bigquery database project
bigquery schema dataset
databricks database catalog
salesforce database data_space
spark password token
exasol password pass
clickhouse password pass
fabric host server
fabric UID user username
fabric PWD password pass
fabric client_id app_id
fabric client_secret app_secret
fabric authentication auth
fabric windows_login trusted_connection
fabric trust_cert TrustServerCertificate
`

// withoutThreads are the adapters for which dbt v2 does not look at `threads`.
const withoutThreads = " spark fabric salesforce datafusion "

// fields are what the tables above say of one adapter's connection.
type fields struct {
	types map[string]FieldType
	names map[string]string // dbt's own name of a field that has another spelling
}

// tables holds the fields by adapter, of those that somebody asked for: hardly
// anybody has more than two.
var tables sync.Map

func fieldsOf(adapter string) *fields {
	if adapter == "fdcs" { // has the fields of duckdb (asked, 2026-07)
		adapter = "duckdb"
	}
	known, ok := tables.Load(adapter)
	if !ok {
		known, _ = tables.LoadOrStore(adapter, readFields(adapter))
	}
	return known.(*fields)
}

func readFields(adapter string) *fields {
	f := &fields{types: map[string]FieldType{}, names: map[string]string{}}
	for line := range linesOf(fieldTypes, adapter) {
		kind, ofKind, _ := strings.Cut(line, " ")
		for field := range strings.FieldsSeq(ofKind) {
			f.types[field] = fieldKind(kind)
		}
	}
	for line := range linesOf(textFields, adapter) {
		for field := range strings.FieldsSeq(line) {
			f.types[field] = FieldText
		}
		if !strings.Contains(withoutThreads, " "+adapter+" ") {
			f.types["threads"] = FieldThreads
		}
	}
	for line := range linesOf(otherSpellings, adapter) {
		field, others, _ := strings.Cut(line, " ")
		for other := range strings.FieldsSeq(others) {
			f.names[other] = field
		}
	}
	return f
}

// linesOf gives the lines of a table that begin with a word, without it.
func linesOf(table, word string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(table[1:]) {
			first, rest, _ := strings.Cut(line, " ")
			if first == word && !yield(rest) {
				return
			}
		}
	}
}

func fieldKind(word string) FieldType {
	switch word {
	case "bool":
		return FieldBool
	case "int":
		return FieldInt
	case "textor":
		return FieldTextOr
	case "texts":
		return FieldTexts
	case "map":
		return FieldMapping
	case "keyfile":
		return FieldKeyfile
	case "tag":
		return FieldQueryTag
	case "attachments":
		return FieldAttachments
	case "extensions":
		return FieldExtensions
	case "secrets":
		return FieldSecrets
	case "sparkmethod":
		return FieldSparkMethod
	case "sparkauth":
		return FieldSparkAuth
	}
	return FieldText
}

// KnownFields returns the fields whose type is known, with all their spellings,
// by adapter.
func KnownFields() map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(textFields[1:]) {
		adapter, _, _ := strings.Cut(line, " ")
		f := fieldsOf(adapter)
		all[adapter] = append(slices.Collect(maps.Keys(f.types)), slices.Collect(maps.Keys(f.names))...)
		slices.Sort(all[adapter])
	}
	return all
}

// FieldName returns dbt's own name of a field, which may be spelled in several
// ways: the database of bigquery as `project`, say. dbt refuses a connection that
// gives one field twice, also where one of the values is null.
func FieldName(adapter, field string) string { return fieldsOf(adapter).name(field) }

func (f *fields) name(field string) string { return cmp.Or(f.names[field], field) }

// TypeOfField returns what an adapter takes in a field.
func TypeOfField(adapter, field string) FieldType {
	f := fieldsOf(adapter)
	return f.types[f.name(field)]
}

// KnowsField reports whether the type of a field is known for an adapter. A field
// without one is none that dbt knows, or one that takes anything.
func KnowsField(adapter, field string) bool {
	f := fieldsOf(adapter)
	_, known := f.types[f.name(field)]
	return known
}

// Words returns what a field of spark may be, as dbt spells it.
func Words(t FieldType) []string {
	switch t {
	case FieldSparkMethod:
		return []string{"thrift", "http", "livy", "spark-connect"}
	case FieldSparkAuth:
		return []string{"NOSASL", "CUSTOM", "KERBEROS", "LDAP", "NONE", "PLAIN", "BASIC", "TOKEN", "AWS_SIGV4"}
	}
	return nil
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
