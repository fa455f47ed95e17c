with orders as (

    select * from {{ source('raw', 'orders') }}

),

order_versions as (

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
        {{ version_interval(key=['order_id'], occurred_at='ordered_at') }}
    from orders

)

select * from order_versions
