with totals as (

    select * from {{ ref('int_order_totals') }}
    where replaced_at is null and total_amount is not null and status <> 'cancelled'

),

-- Lines that only give back say nothing about what was sold.
gaps as (

    select
        order_id,
        total_amount,
        total_amount - gap_amount as lines_amount,
        gap_amount,
        is_discount_on_top
        or (
            order_discount_amount > 0
            and {{ is_within_a_cent(
                'gap_amount', 'line_discount_amount - deduction_amount - order_discount_amount'
            ) }}
        ) as is_explained
    from totals
    where kept_line_count > 0 and abs(gap_amount) > 0.01

)

select * from gaps
