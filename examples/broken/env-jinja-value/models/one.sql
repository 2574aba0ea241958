select '{{ env_var("DBT_OPTIONS") }}' as options
