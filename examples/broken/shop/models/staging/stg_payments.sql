select
    id as payment_id,
    order_id,
    method as payment_method,
    {{ cents_to_units('amount') }} as amount
from {{ source('shop_raw', 'payments') }}
