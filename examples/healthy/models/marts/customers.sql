select
    customers.customer_id,
    customers.first_name,
    customers.last_name,
    min(orders.order_date) as first_order_date,
    max(orders.order_date) as latest_order_date,
    count(orders.order_id) as orders,
    coalesce(sum(orders.amount), 0) as amount
from {{ ref('stg_customers') }} as customers
left join {{ ref('orders') }} as orders on orders.customer_id = customers.customer_id
group by customers.customer_id, customers.first_name, customers.last_name
