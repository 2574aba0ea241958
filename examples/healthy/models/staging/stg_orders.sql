select
    id as order_id,
    customer_id,
    cast(ordered_at as date) as order_date,
    status
from {{ source('shop_raw', 'orders') }}
where ordered_at >= cast('{{ var("first_order_date") }}' as date)
