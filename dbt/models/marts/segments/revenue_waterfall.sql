{{ config(meta={'dagster': {'group': 'marts'}}) }}

with revenue_rules as (

    select * from {{ ref('revenue_rules') }}

),

left_until_orders as (

    select * from {{ ref('int_revenue_left') }}

),

line_versions as (

    select * from {{ ref('int_order_line_versions') }}
    where removed_at_step is null

),

order_versions as (

    select * from {{ ref('int_order_versions') }}
    where is_sale

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

features as (

    select * from {{ ref('fct_customer_features') }}
    where is_current and order_count > 0

),

current_as_of_date as (

    select as_of_date from {{ ref('int_as_of_dates') }}
    where is_current

),

lines_of_versions as (

    select
        order_id,
        known_at,
        count(*) as line_count
    from line_versions
    group by order_id, known_at

),

orders_at_each_gate as (

    select
        order_versions.customer_id,
        order_versions.net_revenue,
        lines_of_versions.line_count,
        order_versions.replaced_at is null
        and order_versions.ordered_on <= current_as_of_date.as_of_date as has_occurred,
        order_versions.ordered_on <= current_as_of_date.as_of_date
        and {{ known_by('current_as_of_date.as_of_date', 'order_versions') }} as is_known,
        profiled_customers.customer_id is not null as is_profiled
    from order_versions
    inner join lines_of_versions
        on
            order_versions.order_id = lines_of_versions.order_id
            and order_versions.known_at = lines_of_versions.known_at
    left join profiled_customers
        on order_versions.customer_id = profiled_customers.customer_id
    cross join current_as_of_date

),

left_at_each_gate as (

    {% for step, gate in [(140, 'has_occurred'), (150, 'is_known'), (160, 'is_known and is_profiled')] %}
    select
        {{ step }} as step,
        coalesce(sum(line_count), 0) as rows_left,
        count(*) as orders_left,
        count(distinct customer_id) as customers_left,
        sum(net_revenue) as amount_left
    from orders_at_each_gate
    where {{ gate }}
    union all
    {% endfor %}
    select
        170 as step,
        cast(null as bigint) as rows_left,
        sum(order_count) as orders_left,
        count(*) as customers_left,
        sum(net_revenue) as amount_left
    from features

),

left_after_each_step as (

    select * from left_until_orders
    union all
    select * from left_at_each_gate

),

waterfall as (

    select
        revenue_rules.step,
        revenue_rules.rule,
        revenue_rules.explanation,
        cast(
            lag(left_after_each_step.rows_left) over (order by revenue_rules.step)
            - left_after_each_step.rows_left as bigint
        ) as rows_removed,
        cast(
            lag(coalesce(left_after_each_step.amount_left, 0)) over (order by revenue_rules.step)
            - coalesce(left_after_each_step.amount_left, 0) as decimal(38, 4)
        ) as amount_removed,
        cast(left_after_each_step.rows_left as bigint) as rows_left,
        cast(left_after_each_step.orders_left as bigint) as orders_left,
        cast(left_after_each_step.customers_left as bigint) as customers_left,
        -- A sum over no rows is NULL; the money left is a true zero then.
        cast(coalesce(left_after_each_step.amount_left, 0) as decimal(38, 4)) as amount_left,
        current_as_of_date.as_of_date
    from revenue_rules
    inner join left_after_each_step
        on revenue_rules.step = left_after_each_step.step
    -- Without a complete day there is no as-of date, and the waterfall must still say where the orders went.
    left join current_as_of_date
        on 1 = 1

)

select * from waterfall
