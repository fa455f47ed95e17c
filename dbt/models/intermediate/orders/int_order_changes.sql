with order_versions as (

    select * from {{ ref('stg_orders') }}

),

line_versions as (

    select * from {{ ref('stg_order_lines') }}

),

deleted_orders as (

    select * from {{ ref('stg_deleted_orders') }}

),

rejected_orders as (

    select
        order_id,
        min(known_at) as known_at
    from {{ ref('stg_rejected_orders') }}
    group by order_id

),

-- What leaves changes an order as well: a line that is gone is replaced by nothing.
change_times as (

    {% for versions in ['order_versions', 'line_versions'] -%}
    select
        order_id,
        known_at
    from {{ versions }}
    union
    select
        order_id,
        replaced_at as known_at
    from {{ versions }}
    where replaced_at is not null
    union
    {% endfor -%}
    select
        order_id,
        known_at
    from deleted_orders
    union
    select
        order_id,
        known_at
    from rejected_orders

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
        deleted_orders.order_id is not null as is_deleted,
        -- A rejected correction changes nothing about the order as it was known.
        order_versions.order_id is null and rejected_orders.order_id is not null as is_rejected,
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
    left join deleted_orders
        on
            changes.order_id = deleted_orders.order_id
            and changes.known_at >= deleted_orders.known_at
            and (deleted_orders.replaced_at is null or changes.known_at < deleted_orders.replaced_at)
    left join rejected_orders
        on
            changes.order_id = rejected_orders.order_id
            and changes.known_at >= rejected_orders.known_at

)

select * from changes_with_order
