select '{{ env_var("DBT_REGION", "eu") }}' as region
