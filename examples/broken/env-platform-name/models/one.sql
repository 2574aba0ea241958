-- dbt platform cannot set a name in lower case (env-platform-name)
select '{{ env_var('source_schema', 'raw') }}' as id
