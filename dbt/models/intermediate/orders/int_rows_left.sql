with loads as (

    select * from {{ ref('stg_load_ledger') }}
    where table_name in ('orders', 'order_lines')

),

current_orders as (

    select * from {{ ref('stg_orders') }}
    where replaced_at is null

),

deleted_rows as (

    {% for deleted in ['stg_deleted_orders', 'stg_deleted_order_lines'] -%}
    select net_amount from {{ ref(deleted) }}
    where replaced_at is null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

line_versions as (

    select * from {{ ref('int_order_line_versions') }}

),

left_in_files as (

    {% for step, rows_taken, amount_taken in [
        (10, '0', '0'),
        (20, 'rows_quarantined', 'coalesce(amount_quarantined, 0)'),
        (30, '(rows_quarantined + rows_duplicate)', '(coalesce(amount_quarantined, 0) + coalesce(amount_duplicate, 0))'),
    ] %}
    select
        {{ step }} as step,
        sum(rows_read - {{ rows_taken }}) as rows_left,
        sum(amount_read - {{ amount_taken }}) as amount_left
    from loads
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

current_rows as (

    select
        net_amount as amount,
        1000 as left_until_step
    from current_orders
    union all
    select
        row_amount as amount,
        coalesce(removed_at_step, 1000) as left_until_step
    from line_versions
    where replaced_at is null and not is_order_total
    union all
    select
        net_amount as amount,
        {{ revenue_step('deleted') }} as left_until_step
    from deleted_rows

),

left_before_totals as (

    {% for step in [40, revenue_step('deleted') | int] -%}
    select
        {{ step }} as step,
        count(*) as rows_left,
        sum(amount) as amount_left
    from current_rows
    where left_until_step > {{ step }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

left_after_each_step as (

    select * from left_in_files
    union all
    select * from left_before_totals

)

select * from left_after_each_step
