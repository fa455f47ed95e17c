with order_lines as (

    select * from {{ source('raw', 'order_lines') }}

),

line_versions as (

    select
        order_id,
        line_number,
        customer_id,
        product_id,
        coalesce(line_kind, 'product') as line_kind,
        quantity,
        net_amount,
        discount_amount,
        coupon_discount_amount,
        coalesce(is_return, false) as is_return,
        ordered_at,
        {{ version_interval(key=['order_id', 'line_number'], occurred_at='ordered_at') }}
    from order_lines

)

select * from line_versions
