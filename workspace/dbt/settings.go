package dbt

import (
	"iter"
	"slices"
	"strings"
)

// settingGroups are the settings of resources that dbt v2 takes with a + in front, by
// the kinds of resources that know them; no kind means all (`dbt man --schema project`,
// July 2026).
var settingGroups = [...]settingGroup{
	{"", " enabled meta tags "},
	{"models seeds snapshots data_tests metrics semantic-models saved-queries functions analyses", " group "},
	{"models seeds snapshots sources data_tests unit_tests functions analyses", " static_analysis "},
	{"models seeds snapshots sources data_tests unit_tests", `
as_columnstore auto_liquid_cluster auto_refresh backup bind buckets catalog catalog_name cluster_by
clustered_by compression databricks_compute databricks_tags dist enable_refresh file_format grant_access_to
hours_to_expiration include_full_name_in_path indexes job_execution_timeout_seconds kms_key_name labels
labels_from_meta liquid_clustered_by location_root matched_condition max_staleness merge_with_schema_evolution
not_matched_by_source_action not_matched_by_source_condition not_matched_condition partition_by
partition_expiration_days partitions refresh_interval_minutes require_partition_filter reservation schedule
skip_matched_step skip_not_matched_step sort sort_type source_alias table_type target_alias tblproperties
`},
	{"models seeds snapshots data_tests saved-queries functions", " schema "},
	{"models seeds snapshots data_tests unit_tests", `
adapter_properties automatic_clustering base_location_root base_location_subpath copy_grants copy_tags
external_volume immutable_where initialize query_tag refresh_mode refresh_warehouse row_access_policy
scheduler secure snowflake_initialization_warehouse snowflake_warehouse table_tag target_lag tmp_relation_type
transient
`},
	{"models seeds snapshots data_tests functions", " alias database quoting "},
	{"models seeds snapshots functions analyses", " docs "},
	{"models snapshots data_tests unit_tests", " compute "},
	{"models seeds snapshots sources", " event_time "},
	{"models seeds snapshots data_tests", " full_refresh "},
	{"models seeds snapshots functions", " grants "},
	{"models seeds snapshots", " persist_docs post-hook pre-hook "},
	{"models snapshots sources", " sync "},
	{"models functions", " access description on_configuration_change packages "},
	{"models snapshots", " materialized unique_key "},
	{"models seeds", " column_types "},
	{"models sources", " freshness "},
	{"seeds snapshots", " quote_columns "},
	{"models data_tests", " sql_header "},
	{"models", `
additional_libs batch_id batch_size begin category change_tracking classifiers cluster_id concurrent_batches
contract create_notebook data_retention_time_in_days dataproc_cluster_name enable_list_inference
external_access_integrations http_path iceberg_version imports incremental_apply_config_changes
incremental_predicates incremental_strategy index_url intermediate_format jar_file_uri job_cluster_config
latest_version_pointer location lookback max_data_extension_time_in_days merge_exclude_columns
merge_update_columns notebook_template_id on_error on_schema_change predicates primary_key python_job_config
python_version resource_tags secrets state storage_serialization_policy storage_uri submission_method
table_format target_file_size timeout use_anonymous_sproc use_safer_relation_operations use_uniform
user_folder_for_python view_update_via_alter
`},
	{"snapshots", `
check_cols dbt_valid_to_current hard_deletes invalidate_hard_deletes snapshot_meta_column_names strategy
target_database target_schema updated_at
`},
	{"data_tests", " error_if fail_calc limit severity store_failures store_failures_as warn_if where "},
	{"functions", " entry_point runtime_version snowflake type volatility "},
	{"sources", " external_location formatter loaded_at_field loaded_at_query schema_origin "},
	{"saved-queries", " cache export_as "},
	{"seeds", " delimiter "},
}

// otherNames are settings under another name, which dbt takes as well and its schema
// does not tell.
var otherNames = [...]settingGroup{
	{"models seeds snapshots data_tests functions", " project "},
	{"models seeds snapshots data_tests", " dataset data_space "},
}

// newerSettings are those that dbt knows since its 2.0.0
// (dbt-schemas/src/schemas/project/configs, source of 2026-08).
var newerSettings = [...]settingGroup{
	{"models seeds snapshots sources data_tests unit_tests", " unlogged "},
	{"models seeds snapshots functions", " post_hook pre_hook "},
	{"functions", " post-hook pre-hook "},
	{"models snapshots unit_tests", " unique_tmp_table_suffix "},
	{"models seeds", " alt_compute "},
	{"seeds snapshots", " resource_tags "},
	{"snapshots data_tests", " state "},
	{"models", `
catchup connection_overrides constraints engine fields format layout lifetime mv_on_schema_change order_by
query_settings range refreshable repopulate_from_mvs_on_full_refresh settings source_type table ttl update_field
update_lag url zorder
`},
}

type settingGroup struct {
	kinds    string
	settings string
}

// has reports whether a kind of resource knows the settings of the group.
func (g settingGroup) has(kind string) bool {
	return g.kinds == "" || word(" "+g.kinds+" ", kind)
}

// takesSetting reports whether dbt v2 knows a setting of a kind of resource.
func takesSetting(kind, setting string) bool {
	return among(settingGroups[:], kind, setting) || among(otherNames[:], kind, setting)
}

// among reports whether one of some groups has a setting of a kind of resource.
func among(groups []settingGroup, kind, setting string) bool {
	return slices.ContainsFunc(groups, func(group settingGroup) bool {
		return group.has(sameKind(kind)) && word(group.settings, setting)
	})
}

// sameKind gives one name to what has two.
func sameKind(kind string) string {
	if kind == "tests" {
		return "data_tests"
	}
	return kind
}

// OtherSettingNames gives the other names of settings, by kinds of resources.
func OtherSettingNames() iter.Seq2[string, string] { return each(otherNames[:]) }

// NewerSettings gives the settings that dbt knows since its 2.0.0, by kinds of resources.
func NewerSettings() iter.Seq2[string, string] { return each(newerSettings[:]) }

func each(groups []settingGroup) iter.Seq2[string, string] {
	return func(yield func(kind, setting string) bool) {
		for _, group := range groups {
			for _, kind := range strings.Fields(group.kinds) {
				for _, setting := range strings.Fields(group.settings) {
					if !yield(kind, setting) {
						return
					}
				}
			}
		}
	}
}

// SettingsOf gives the settings that dbt v2 knows of a kind of resource, which is named
// by its key at the top of dbt_project.yml.
func SettingsOf(kind string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, group := range settingGroups {
			if !group.has(sameKind(kind)) {
				continue
			}
			for _, setting := range strings.Fields(group.settings) {
				if !yield(setting) {
					return
				}
			}
		}
	}
}

// kindsWith returns the kinds of resources that know a setting of some groups; none
// where all do, or none does.
func kindsWith(groups []settingGroup, setting string) []string {
	for _, group := range groups {
		if word(group.settings, setting) {
			return strings.Fields(group.kinds)
		}
	}
	return nil
}
