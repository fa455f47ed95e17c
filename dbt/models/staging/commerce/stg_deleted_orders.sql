with deletions as (

    {{ what_has_left(source('raw', 'orders'), key=['order_id'], occurred_at='ordered_at') }}

),

deleted_orders as (

    select
        order_id,
        net_amount,
        known_at,
        replaced_at
    from deletions

)

select * from deleted_orders
