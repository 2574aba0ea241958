-- nothing tells the next person of this name (example-absent)
select '{{ env_var('DBT_SHOP_SCHEMA') }}' as id
