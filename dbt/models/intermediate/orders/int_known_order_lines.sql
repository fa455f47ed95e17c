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
        order_changes.is_deleted,
        order_changes.is_rejected,
        -- Exports that write an order's facts on its first line only: whom one line names, all are of.
        coalesce(
            order_changes.customer_id,
            line_versions.customer_id,
            min(line_versions.customer_id) over (partition by order_changes.order_id, order_changes.known_at)
        ) as customer_id,
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

described as (

    select
        *,
        line_kind = 'product'
        and not is_return
        and coalesce(quantity, 1) > 0
        and net_amount > 0 as is_product_sale,
        row_number() over (
            partition by
                order_id, known_at, product_id, quantity, net_amount, discount_amount,
                coupon_discount_amount, is_return, ordered_at, customer_id
            order by line_number
        ) as repeat_number
    from lines_at_each_change

)

select * from described
