with order_versions as (

    {{ versions_of(source('raw', 'orders'), key=['order_id'], occurred_at='ordered_at') }}

),

orders as (

    select
        order_id,
        customer_id,
        coalesce(status, 'placed') as status,
        currency,
        coupon_code,
        net_amount,
        discount_amount,
        refund_amount,
        ordered_at,
        known_at,
        replaced_at
    from order_versions

)

select * from orders
