select * from orders where region = '{{ env_var('DBT_REGION', 'us') }}'
