with order_versions as (

    select * from {{ ref('int_order_versions') }}

),

customer_starts as (

    select * from {{ ref('int_customer_starts') }}

),

refusing_customers as (

    select * from {{ ref('int_refusing_customers') }}

),

known_customers as (

    select customer_id from order_versions
    union
    select customer_id from customer_starts

),

profiled_customers as (

    select known_customers.customer_id
    from known_customers
    left join refusing_customers
        on known_customers.customer_id = refusing_customers.customer_id
    where refusing_customers.customer_id is null

)

select * from profiled_customers
