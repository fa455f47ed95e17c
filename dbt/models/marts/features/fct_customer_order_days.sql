with order_versions as (

    select * from {{ ref('int_order_versions') }}
    where is_sale and replaced_at is null

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

order_days as (

    select
        order_versions.customer_id,
        order_versions.ordered_on,
        min(order_versions.known_on) as known_on,
        count(*) as order_count,
        sum(order_versions.net_revenue) as net_revenue
    from order_versions
    inner join profiled_customers
        on order_versions.customer_id = profiled_customers.customer_id
    group by order_versions.customer_id, order_versions.ordered_on

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
