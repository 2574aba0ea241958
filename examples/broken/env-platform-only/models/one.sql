select '{{ env_var('DBT_CLOUD_RUN_ID') }}' as id
