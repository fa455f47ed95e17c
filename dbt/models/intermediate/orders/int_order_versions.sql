with order_changes as (

    select * from {{ ref('int_order_changes') }}

),

-- Orders that have left or were rejected are no orders, whatever their lines say.
line_versions as (

    select * from {{ ref('int_order_line_versions') }}
    where
        removed_at_step is null
        or removed_at_step not in ({{ revenue_step('deleted') }}, {{ revenue_step('rejected_order') }})

),

totals as (

    select * from {{ ref('int_order_totals') }}

),

line_totals as (

    select
        order_id,
        known_at,
        replaced_at,
        -- A sale names its customer and time; an order of returns alone still needs both.
        coalesce(max(case when removed_at_step is null then customer_id end), max(customer_id)) as customer_id,
        min(ordered_at) as ordered_at,
        {{ sum_where('net_amount', 'removed_at_step is null') }} as net_revenue,
        {{ sum_where('discount_amount + coupon_discount_amount', 'removed_at_step is null') }}
            as discount_amount_of_lines,
        {{ sum_where('coupon_discount_amount', 'removed_at_step is null') }} as coupon_discount_amount,
        {{ sum_where('abs(net_amount)', 'removed_at_step = ' ~ revenue_step('returned')) }} as returned_amount,
        sum(case when removed_at_step is null then quantity end) as item_count,
        count(distinct case when removed_at_step is null then product_id end) as product_count,
        {{ count_where('removed_at_step is null') }} as sale_line_count
    from line_versions
    group by order_id, known_at, replaced_at

),

line_totals_with_discounts as (

    select
        line_totals.*,
        coalesce(totals.is_discount_on_top, false) as is_discount_on_top,
        line_totals.discount_amount_of_lines - coalesce(totals.deduction_amount, 0) as line_discount_amount
    from line_totals
    left join totals
        on
            line_totals.order_id = totals.order_id
            and line_totals.known_at = totals.known_at

),

orders as (

    select
        line_totals.order_id,
        line_totals.known_at,
        line_totals.replaced_at,
        {{ business_date('line_totals.known_at') }} as known_on,
        {{ business_date('line_totals.replaced_at') }} as replaced_on,
        line_totals.customer_id,
        line_totals.ordered_at,
        {{ business_date('line_totals.ordered_at') }} as ordered_on,
        {{ business_timestamp('line_totals.ordered_at') }} as ordered_at_local,
        line_totals.net_revenue,
        -- Where order and lines both give a discount or a return, it is the same one: the larger counts. But where
        -- the total is less than its lines by the order's discount, that came on top.
        case
            when line_totals.is_discount_on_top
                then line_totals.line_discount_amount + order_changes.discount_amount
            else greatest(line_totals.line_discount_amount, coalesce(order_changes.discount_amount, 0))
        end as discount_amount,
        line_totals.coupon_discount_amount > 0 or order_changes.coupon_code is not null as has_coupon,
        -- What was cancelled was never kept, so giving the money back is no return. A returned order came back whole
        -- where nothing says how much of it.
        case
            when order_changes.status = 'cancelled' then 0
            when line_totals.returned_amount > 0 or order_changes.refund_amount > 0
                then greatest(line_totals.returned_amount, coalesce(order_changes.refund_amount, 0))
            when order_changes.status = 'returned' then line_totals.net_revenue
            else 0
        end as returned_amount,
        line_totals.item_count,
        line_totals.product_count,
        line_totals.sale_line_count > 0 as is_sale
    from line_totals_with_discounts as line_totals
    inner join order_changes
        on
            line_totals.order_id = order_changes.order_id
            and line_totals.known_at = order_changes.known_at
    where line_totals.customer_id is not null and line_totals.ordered_at is not null

)

select * from orders
