{# An amount in cents as a number with two digits. #}
{% macro cents_to_units(column) -%}
    cast({{ column }} / 100.0 as decimal(18, 2))
{%- endmacro %}
