with customers as (

    select * from {{ ref('stg_customers') }}
    where replaced_at is null

),

orders as (

    select * from {{ ref('fct_orders') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

customer_orders as (

    select
        customer_id,
        min(ordered_at) as first_ordered_at,
        max(ordered_at) as last_ordered_at,
        count(*) as order_count
    from orders
    group by customer_id

),

all_customers as (

    select customer_id from customers
    union
    select customer_id from customer_orders

),

described as (

    select
        all_customers.customer_id,
        customers.created_at,
        customers.country_code,
        customers.region,
        customers.age_band,
        customers.acquisition_channel,
        customers.account_id,
        customer_orders.first_ordered_at,
        customer_orders.last_ordered_at,
        coalesce(customer_orders.order_count, 0) as order_count,
        profiled_customers.customer_id is not null as is_profiled
    from all_customers
    left join customers
        on all_customers.customer_id = customers.customer_id
    left join customer_orders
        on all_customers.customer_id = customer_orders.customer_id
    left join profiled_customers
        on all_customers.customer_id = profiled_customers.customer_id

)

select * from described
