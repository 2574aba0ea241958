{# DBT_SHOP_START_DATE is set nowhere (env-missing). #}
select
    id as order_id,
    customer_id,
    cast(ordered_at as date) as order_date,
    status
from {{ source('shop_raw', 'orders') }}
where ordered_at >= cast('{{ env_var("DBT_SHOP_START_DATE") }}' as date)
