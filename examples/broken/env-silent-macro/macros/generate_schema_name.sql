{% macro generate_schema_name(custom_schema_name, node) %}
  {{ env_var('DBT_SCHEMA_PREFIX') }}_{{ custom_schema_name or target.schema }}
{% endmacro %}
