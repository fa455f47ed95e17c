with order_versions as (

    select * from {{ ref('int_order_versions') }}

),

orders as (

    select
        order_id,
        customer_id,
        ordered_at,
        ordered_on,
        known_on,
        net_revenue,
        discount_amount,
        has_coupon,
        item_count,
        product_count,
        row_number() over (partition by customer_id order by ordered_at, order_id) as order_number
    from order_versions
    where is_sale and replaced_at is null

)

select
    order_id,
    customer_id,
    ordered_at,
    ordered_on,
    known_on,
    net_revenue,
    discount_amount,
    has_coupon,
    item_count,
    product_count,
    order_number,
    order_number > 1 as is_repeat_order
from orders
