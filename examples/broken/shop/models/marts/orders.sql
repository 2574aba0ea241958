with payments as (
    select
        order_id,
        sum(amount) as amount
    from {{ ref('stg_payments') }}
    group by order_id
)

select
    orders.order_id,
    orders.customer_id,
    orders.order_date,
    orders.status,
    coalesce(payments.amount, 0) as amount,
    {# DBT_SHOP_TAX_RATE stands in .env below the line that dbt cannot read (env-lost). #}
    coalesce(payments.amount, 0) * {{ env_var('DBT_SHOP_TAX_RATE') }} as tax,
    '{{ env_var("DBT_SHOP_CURRENCY", "EUR") }}' as currency,
    '{{ env_var("DBT_SHOP_COUNTRY", "DE") }}' as country,
    '{{ env_var("DBT_SHOP_TITLE", "Shop") }}' as shop
from {{ ref('stg_orders') }} as orders
left join payments on payments.order_id = orders.order_id
