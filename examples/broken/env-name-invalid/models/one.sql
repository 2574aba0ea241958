-- dbt keeps names that begin with _DBT for itself, and stops (env-name-invalid).
select '{{ env_var("_DBT_REGION", "eu") }}' as region
