with order_versions as (

    select * from {{ ref('stg_orders') }}

),

line_versions as (

    select * from {{ ref('stg_order_lines') }}

),

change_times as (

    select
        order_id,
        known_at
    from order_versions
    union
    select
        order_id,
        known_at
    from line_versions

),

changes as (

    select
        order_id,
        known_at,
        lead(known_at) over (partition by order_id order by known_at) as replaced_at
    from change_times

),

changes_with_order as (

    select
        changes.order_id,
        changes.known_at,
        changes.replaced_at,
        order_versions.order_id is not null as has_order_row,
        order_versions.customer_id,
        order_versions.status,
        order_versions.coupon_code,
        order_versions.ordered_at,
        order_versions.net_amount,
        order_versions.discount_amount,
        order_versions.refund_amount
    from changes
    left join order_versions
        on
            changes.order_id = order_versions.order_id
            and changes.known_at >= order_versions.known_at
            and (order_versions.replaced_at is null or changes.known_at < order_versions.replaced_at)

)

select * from changes_with_order
