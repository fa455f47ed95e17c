{{ config(meta={'dagster': {'group': 'marts'}}) }}

with revenue_rules as (

    select * from {{ ref('revenue_rules') }}

),

loads as (

    select * from {{ ref('stg_load_ledger') }}
    where table_name in ('orders', 'order_lines')

),

current_orders as (

    select * from {{ ref('stg_orders') }}
    where replaced_at is null

),

line_versions as (

    select * from {{ ref('int_order_line_versions') }}

),

current_lines as (

    select
        order_id,
        is_order_total,
        customer_id,
        net_amount,
        coalesce(removed_at_step, 1000) as left_until_step
    from line_versions
    where replaced_at is null

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
    where is_current

),

current_as_of_date as (

    select as_of_date from {{ ref('int_as_of_dates') }}
    where is_current

),

left_in_files as (

    select
        10 as step,
        sum(rows_read) as rows_left,
        sum(amount_read) as amount_left
    from loads
    union all
    select
        20 as step,
        sum(rows_read - rows_quarantined) as rows_left,
        sum(amount_read - coalesce(amount_quarantined, 0)) as amount_left
    from loads
    union all
    select
        30 as step,
        sum(rows_read - rows_quarantined - rows_duplicate) as rows_left,
        sum(amount_read - coalesce(amount_quarantined, 0) - coalesce(amount_duplicate, 0)) as amount_left
    from loads

),

left_after_replacement as (

    select
        40 as step,
        count(*) as rows_left,
        sum(net_amount) as amount_left
    from (
        select net_amount from current_orders
        union all
        select net_amount from current_lines
        where not is_order_total
    ) as current_rows

),

line_steps as (

    select step from revenue_rules
    where step >= 50 and step <= {{ revenue_step('not_a_product') }}

),

lines_by_last_step as (

    select
        left_until_step,
        count(*) as row_count,
        sum(net_amount) as amount
    from current_lines
    group by left_until_step

),

-- An order, or a customer, is left as long as one of its lines is.
{% for thing in ['order', 'customer'] %}
{{ thing }}s_by_last_step as (

    select
        left_until_step,
        count(*) as {{ thing }}_count
    from (
        select
            {{ thing }}_id,
            max(left_until_step) as left_until_step
        from current_lines
        where {{ thing }}_id is not null
        group by {{ thing }}_id
    ) as last_steps
    group by left_until_step

),

{% endfor %}
-- Nothing left after a step is a true zero, and a line of the waterfall.
lines_left as (

    select
        line_steps.step,
        coalesce(sum(lines_by_last_step.row_count), 0) as rows_left,
        coalesce(sum(lines_by_last_step.amount), 0) as amount_left
    from line_steps
    left join lines_by_last_step
        on lines_by_last_step.left_until_step > line_steps.step
    group by line_steps.step

),

{% for thing in ['order', 'customer'] %}
{{ thing }}s_left as (

    select
        line_steps.step,
        coalesce(sum({{ thing }}s_by_last_step.{{ thing }}_count), 0) as {{ thing }}s_left
    from line_steps
    left join {{ thing }}s_by_last_step
        on {{ thing }}s_by_last_step.left_until_step > line_steps.step
    group by line_steps.step

),

{% endfor %}
left_after_line_rules as (

    select
        lines_left.step,
        lines_left.rows_left,
        orders_left.orders_left,
        customers_left.customers_left,
        lines_left.amount_left
    from lines_left
    inner join orders_left
        on lines_left.step = orders_left.step
    inner join customers_left
        on lines_left.step = customers_left.step

),

lines_of_versions as (

    select
        order_id,
        known_at,
        count(*) as line_count
    from line_versions
    where removed_at_step is null
    group by order_id, known_at

),

orders_at_each_gate as (

    select
        order_versions.order_id,
        order_versions.customer_id,
        order_versions.net_revenue,
        lines_of_versions.line_count,
        order_versions.replaced_at is null
        and order_versions.ordered_on <= current_as_of_date.as_of_date as has_occurred,
        order_versions.ordered_on <= current_as_of_date.as_of_date
        and {{ known_by('current_as_of_date.as_of_date', 'order_versions') }} as is_known,
        order_versions.ordered_on <= current_as_of_date.as_of_date
        and {{ known_by('current_as_of_date.as_of_date', 'order_versions') }}
        and profiled_customers.customer_id is not null as is_profiled
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

    {% for step, gate in [(140, 'has_occurred'), (150, 'is_known'), (160, 'is_profiled')] %}
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

left_at_each_step as (

    select step, rows_left, cast(null as bigint) as orders_left, cast(null as bigint) as customers_left, amount_left
    from left_in_files
    union all
    select step, rows_left, cast(null as bigint) as orders_left, cast(null as bigint) as customers_left, amount_left
    from left_after_replacement
    union all
    select step, rows_left, orders_left, customers_left, amount_left
    from left_after_line_rules
    union all
    select step, rows_left, orders_left, customers_left, amount_left
    from left_at_each_gate

),

waterfall as (

    select
        revenue_rules.step,
        revenue_rules.rule,
        revenue_rules.explanation,
        cast(
            coalesce(lag(left_at_each_step.rows_left) over (order by revenue_rules.step), 0)
            - left_at_each_step.rows_left as bigint
        ) as rows_removed,
        cast(
            coalesce(lag(left_at_each_step.amount_left) over (order by revenue_rules.step), 0)
            - coalesce(left_at_each_step.amount_left, 0) as decimal(38, 4)
        ) as amount_removed,
        cast(left_at_each_step.rows_left as bigint) as rows_left,
        cast(left_at_each_step.orders_left as bigint) as orders_left,
        cast(left_at_each_step.customers_left as bigint) as customers_left,
        cast(coalesce(left_at_each_step.amount_left, 0) as decimal(38, 4)) as amount_left,
        current_as_of_date.as_of_date
    from revenue_rules
    inner join left_at_each_step
        on revenue_rules.step = left_at_each_step.step
    cross join current_as_of_date

)

select
    step,
    rule,
    explanation,
    -- The first line is what came in: nothing has been removed before it.
    case when step > 10 then rows_removed end as rows_removed,
    case when step > 10 then amount_removed end as amount_removed,
    rows_left,
    orders_left,
    customers_left,
    amount_left,
    as_of_date
from waterfall
