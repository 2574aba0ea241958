-- dbt gives secrets to profiles.yml and packages only, and stops (env-secret-scope).
select '{{ env_var("DBT_ENV_SECRET_SALT", "none") }}' as salt
