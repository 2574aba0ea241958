select * from {{ env_var('DBT_SCHEMA') }}.raw_orders
