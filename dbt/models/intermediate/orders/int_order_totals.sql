with order_changes as (

    select * from {{ ref('int_order_changes') }}

),

lines as (

    select * from {{ ref('int_known_order_lines') }}

),

line_sums as (

    select
        order_id,
        known_at,
        {{ count_where('is_product_sale') }} as sale_line_count,
        {{ count_where('not is_return') }} as kept_line_count,
        {{ sum_where('net_amount', 'is_product_sale') }} as all_sales_amount,
        {{ sum_where('net_amount', 'is_product_sale and repeat_number = 1') }} as sales_amount,
        {{ sum_where('discount_amount + coupon_discount_amount', 'is_product_sale') }} as all_discount_amount,
        {{ sum_where('discount_amount + coupon_discount_amount', 'is_product_sale and repeat_number = 1') }}
            as discount_amount,
        {{ sum_where('net_amount', "line_kind = 'discount' and not is_return and net_amount < 0") }}
            as deduction_amount,
        {{ sum_where('net_amount', "line_kind not in ('product', 'discount') and not is_return") }} as other_amount,
        {{ sum_where('net_amount', 'is_return') }} as returned_amount
    from lines
    group by order_id, known_at

),

-- An order has a total by its own record; without one, discounts that are lines of their own make it.
totals as (

    select
        order_changes.order_id,
        order_changes.known_at,
        order_changes.replaced_at,
        order_changes.customer_id,
        order_changes.ordered_at,
        order_changes.status,
        order_changes.net_amount as total_amount,
        coalesce(order_changes.net_amount, line_sums.sales_amount + line_sums.deduction_amount) as order_amount,
        coalesce(order_changes.discount_amount, 0) as order_discount_amount,
        coalesce(line_sums.sale_line_count, 0) as sale_line_count,
        coalesce(line_sums.kept_line_count, 0) as kept_line_count,
        line_sums.order_id is not null as has_lines,
        coalesce(line_sums.all_sales_amount, 0) as all_sales_amount,
        coalesce(line_sums.sales_amount, 0) as sales_amount,
        coalesce(line_sums.all_discount_amount, 0) as all_discount_amount,
        coalesce(line_sums.discount_amount, 0) as discount_amount,
        coalesce(line_sums.deduction_amount, 0) as deduction_amount,
        coalesce(line_sums.other_amount, 0) as other_amount,
        coalesce(line_sums.returned_amount, 0) as returned_amount
    from order_changes
    left join line_sums
        on
            order_changes.order_id = line_sums.order_id
            and order_changes.known_at = line_sums.known_at
    where order_changes.net_amount is not null or line_sums.deduction_amount < 0

),

-- Lines that repeat others are purchases of their own where the total says so.
with_repeats as (

    select
        *,
        total_amount is not null
        and {{ distance_to_total('all_sales_amount') }} < {{ distance_to_total('sales_amount') }} as counts_repeats
    from totals

),

counted as (

    select
        *,
        case when counts_repeats then all_sales_amount else sales_amount end as counted_amount,
        case when counts_repeats then all_discount_amount else discount_amount end as line_discount_amount
    from with_repeats

),

with_revenue as (

    select
        *,
        case
            -- Where the total is what is left after returns: revenue is counted before them.
            when
                returned_amount < 0
                and (
                    {{ is_within_a_cent('order_amount', 'counted_amount + deduction_amount + returned_amount') }}
                    or {{ is_within_a_cent(
                        'order_amount', 'counted_amount + deduction_amount + returned_amount + other_amount'
                    ) }}
                )
                then counted_amount + deduction_amount
            -- With or without shipping and what else is no product: as the lines make it out.
            when
                abs(order_amount - other_amount - counted_amount - deduction_amount)
                <= abs(order_amount - counted_amount - deduction_amount)
                then order_amount - other_amount
            else order_amount
        end as net_revenue
    from counted

),

with_gaps as (

    select
        order_id,
        known_at,
        replaced_at,
        customer_id,
        ordered_at,
        status,
        total_amount,
        sale_line_count,
        kept_line_count,
        counts_repeats,
        counted_amount,
        deduction_amount,
        line_discount_amount,
        order_discount_amount,
        cast(net_revenue as decimal(18, 4)) as net_revenue,
        -- Nothing sells but something is paid for: the total stands as a line of its own.
        total_amount is not null
        and sale_line_count = 0
        and (not has_lines or abs(net_revenue) > 0.01) as has_total_line,
        net_revenue - counted_amount - deduction_amount as gap_amount
    from with_revenue

)

select
    *,
    order_discount_amount > 0
    and {{ is_within_a_cent('gap_amount', '-1 * order_discount_amount') }} as is_discount_on_top
from with_gaps
