with line_versions as (

    {{ versions_of(source('raw', 'order_lines'), key=['order_id', 'line_number'], occurred_at='ordered_at') }}

),

order_lines as (

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
        -- Units and money below zero were given back, unless the source says otherwise; a deduction is none of goods.
        coalesce(
            is_return,
            quantity < 0 and net_amount < 0
            and coalesce(line_kind, 'product') not in ('discount', 'adjustment', 'test'),
            false
        ) as is_return,
        ordered_at,
        known_at,
        replaced_at
    from line_versions

)

select * from order_lines
