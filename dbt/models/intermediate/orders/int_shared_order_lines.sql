with lines as (

    select * from {{ ref('int_known_order_lines') }}

),

totals as (

    select * from {{ ref('int_order_totals') }}
    where net_revenue > 0 and net_revenue <> counted_amount

),

lines_of_totals as (

    select
        lines.order_id,
        lines.known_at,
        lines.line_number,
        lines.net_amount,
        totals.net_revenue,
        totals.counted_amount,
        sum(lines.net_amount) over (
            partition by lines.order_id, lines.known_at order by lines.line_number
        ) as amount_up_to_line
    from lines
    inner join totals
        on
            lines.order_id = totals.order_id
            and lines.known_at = totals.known_at
    where lines.is_product_sale and (lines.repeat_number = 1 or totals.counts_repeats)

),

-- Differences of rounded running sums: they add up to the revenue exactly, and none is negative.
shared_lines as (

    select
        order_id,
        known_at,
        line_number,
        cast(
            {{ share_of('net_revenue', 'amount_up_to_line', 'counted_amount') }}
            - {{ share_of('net_revenue', '(amount_up_to_line - net_amount)', 'counted_amount') }} as decimal(18, 4)
        ) as net_amount
    from lines_of_totals

)

select * from shared_lines
