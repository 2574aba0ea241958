{# The name is set nowhere. dbt swallows that error, and builds every model in the
   schema of the target instead (env-silent-macro). #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ env_var('DBT_SHOP_SCHEMA_PREFIX') }}_{{ custom_schema_name or target.schema }}
{%- endmacro %}
