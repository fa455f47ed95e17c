with order_changes as (

    select * from {{ ref('int_order_changes') }}

),

line_versions as (

    select * from {{ ref('stg_order_lines') }}

),

lines_at_each_change as (

    select
        order_changes.order_id,
        order_changes.known_at,
        order_changes.replaced_at,
        line_versions.line_number,
        false as is_order_total,
        coalesce(order_changes.customer_id, line_versions.customer_id) as customer_id,
        coalesce(order_changes.ordered_at, line_versions.ordered_at) as ordered_at,
        coalesce(order_changes.status, 'placed') as status,
        line_versions.product_id,
        line_versions.line_kind,
        line_versions.is_return,
        line_versions.quantity,
        line_versions.net_amount,
        coalesce(line_versions.discount_amount, 0) as discount_amount,
        coalesce(line_versions.coupon_discount_amount, 0) as coupon_discount_amount
    from order_changes
    inner join line_versions
        on
            order_changes.order_id = line_versions.order_id
            and order_changes.known_at >= line_versions.known_at
            and (line_versions.replaced_at is null or order_changes.known_at < line_versions.replaced_at)

),

-- An order that comes as a total only is one line without product and quantity, numbered 0.
totals_without_lines as (

    select
        order_changes.order_id,
        order_changes.known_at,
        order_changes.replaced_at,
        0 as line_number,
        true as is_order_total,
        order_changes.customer_id,
        order_changes.ordered_at,
        order_changes.status,
        cast(null as varchar) as product_id,
        'product' as line_kind,
        false as is_return,
        cast(null as decimal(18, 3)) as quantity,
        order_changes.net_amount,
        coalesce(order_changes.discount_amount, 0) as discount_amount,
        cast(0 as decimal(18, 4)) as coupon_discount_amount
    from order_changes
    left join lines_at_each_change
        on
            order_changes.order_id = lines_at_each_change.order_id
            and order_changes.known_at = lines_at_each_change.known_at
    where
        order_changes.has_order_row
        and order_changes.net_amount is not null
        and lines_at_each_change.order_id is null

),

all_lines as (

    select * from lines_at_each_change
    union all
    select * from totals_without_lines

),

numbered_repeats as (

    select
        *,
        row_number() over (
            partition by
                order_id, known_at, product_id, quantity, net_amount, discount_amount,
                coupon_discount_amount, is_return, ordered_at, customer_id
            order by line_number
        ) as repeat_number
    from all_lines

),

-- First match wins, so every line leaves the revenue at one step of the waterfall only.
stepped as (

    select
        order_id,
        line_number,
        is_order_total,
        known_at,
        replaced_at,
        customer_id,
        ordered_at,
        product_id,
        quantity,
        net_amount,
        discount_amount,
        coupon_discount_amount,
        is_return or status = 'returned' as is_return,
        case
            when ordered_at is null then {{ revenue_step('no_order_time') }}
            when customer_id is null then {{ revenue_step('no_customer') }}
            when status = 'cancelled' then {{ revenue_step('cancelled_order') }}
            when is_return or status = 'returned' then {{ revenue_step('returned') }}
            when quantity <= 0 then {{ revenue_step('quantity_not_positive') }}
            when net_amount <= 0 then {{ revenue_step('amount_not_positive') }}
            when repeat_number > 1 then {{ revenue_step('repeated_line') }}
            when line_kind <> 'product' then {{ revenue_step('not_a_product') }}
        end as removed_at_step
    from numbered_repeats

)

select * from stepped
