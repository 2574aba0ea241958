select '{{ env_var('DBT_SHOP_SCHEMA') }}' as id
