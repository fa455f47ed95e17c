with deletions as (

    {{ what_has_left(source('raw', 'order_lines'), key=['order_id', 'line_number'], occurred_at='ordered_at') }}

),

deleted_order_lines as (

    select
        order_id,
        line_number,
        net_amount,
        known_at,
        replaced_at
    from deletions

)

select * from deleted_order_lines
