with order_versions as (

    select * from {{ ref('int_order_versions') }}
    where is_sale

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

-- A corrected order was known as an order of its day since its first version that said so.
orders as (

    select
        order_id,
        customer_id,
        ordered_on,
        min(known_on) as known_on,
        sum(case when replaced_at is null then net_revenue end) as net_revenue
    from order_versions
    group by order_id, customer_id, ordered_on
    having count(*) > count(replaced_at)

),

order_days as (

    select
        orders.customer_id,
        orders.ordered_on,
        min(orders.known_on) as known_on,
        count(*) as order_count,
        sum(orders.net_revenue) as net_revenue
    from orders
    inner join profiled_customers
        on orders.customer_id = profiled_customers.customer_id
    group by orders.customer_id, orders.ordered_on

),

with_gaps as (

    select
        customer_id,
        ordered_on,
        known_on,
        order_count,
        net_revenue,
        {{ dbt.datediff(
            'lag(ordered_on) over (partition by customer_id order by ordered_on)', 'ordered_on', 'day'
        ) }} as days_since_previous_order
    from order_days

)

select * from with_gaps
