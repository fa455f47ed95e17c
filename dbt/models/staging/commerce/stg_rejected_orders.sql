with quarantined_orders as (

    select * from {{ source('quarantine', 'orders') }}

),

rejections as (

    select
        row_key as order_id,
        load_id,
        coalesce(arrived_at, {{ start_of_time() }}) as known_at
    from quarantined_orders
    where row_key is not null

),

-- An order may be rejected again and again.
rejected_orders as (

    select
        order_id,
        load_id,
        min(known_at) as known_at
    from rejections
    group by order_id, load_id

)

select * from rejected_orders
