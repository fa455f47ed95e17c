with rows_left as (

    select * from {{ ref('int_rows_left') }}

),

line_versions as (

    select * from {{ ref('int_order_line_versions') }}

),

current_lines as (

    select
        order_id,
        customer_id,
        is_order_total,
        row_amount,
        net_amount,
        coalesce(removed_at_step, 1000) as left_until_step
    from line_versions
    where replaced_at is null

),

line_rules as (

    select step from {{ ref('revenue_rules') }}
    where step >= 50 and step <= {{ revenue_step('lines_share_total') }}

),

-- An order, or a customer, is left as long as one of its lines is.
counts_by_last_step as (

    select
        left_until_step,
        count(*) as row_count,
        0 as order_count,
        0 as customer_count,
        sum(row_amount) as amount,
        sum(net_amount) as shared_amount
    from current_lines
    group by left_until_step
    {% for thing, order_count, customer_count in [('order', 'count(*)', '0'), ('customer', '0', 'count(*)')] %}
    union all
    select
        left_until_step,
        0 as row_count,
        {{ order_count }} as order_count,
        {{ customer_count }} as customer_count,
        0 as amount,
        0 as shared_amount
    from (
        select
            {{ thing }}_id,
            max(left_until_step) as left_until_step
        from current_lines
        where {{ thing }}_id is not null
        group by {{ thing }}_id
    ) as last_steps
    group by left_until_step
    {% endfor %}

),

-- Nothing left after a step is a true zero, and a line of the waterfall.
left_after_line_rules as (

    select
        line_rules.step,
        coalesce(sum(counts_by_last_step.row_count), 0) as rows_left,
        coalesce(sum(counts_by_last_step.order_count), 0) as orders_left,
        coalesce(sum(counts_by_last_step.customer_count), 0) as customers_left,
        coalesce(
            sum(
                case
                    when line_rules.step < {{ revenue_step('lines_share_total') }} then counts_by_last_step.amount
                    else counts_by_last_step.shared_amount
                end
            ),
            0
        ) as amount_left
    from line_rules
    left join counts_by_last_step
        on line_rules.step < counts_by_last_step.left_until_step
    group by line_rules.step

),

left_after_each_step as (

    -- Orders are formed after these steps.
    select
        step,
        rows_left,
        cast(null as bigint) as orders_left,
        cast(null as bigint) as customers_left,
        amount_left
    from rows_left
    union all
    select
        step,
        rows_left,
        orders_left,
        customers_left,
        amount_left
    from left_after_line_rules

)

select * from left_after_each_step
