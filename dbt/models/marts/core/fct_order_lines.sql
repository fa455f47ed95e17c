with line_versions as (

    select * from {{ ref('int_order_line_versions') }}

),

sale_lines as (

    select
        order_id,
        line_number,
        customer_id,
        product_id,
        ordered_at,
        quantity,
        net_amount as net_revenue,
        cast(discount_amount + coupon_discount_amount as decimal(18, 4)) as discount_amount
    from line_versions
    where removed_at_step is null and replaced_at is null and not is_order_total

)

select * from sale_lines
