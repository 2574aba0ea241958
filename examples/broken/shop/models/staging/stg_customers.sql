select
    id as customer_id,
    trim(first_name) as first_name,
    trim(last_name) as last_name,
    lower(email) as email
from {{ source('shop_raw', 'customers') }}
