with lines as (

    select * from {{ ref('int_known_order_lines') }}

),

totals as (

    select * from {{ ref('int_order_totals') }}

),

shared_lines as (

    select * from {{ ref('int_shared_order_lines') }}

),

lines_with_totals as (

    select
        lines.order_id,
        lines.line_number,
        false as is_order_total,
        lines.known_at,
        lines.replaced_at,
        lines.is_deleted,
        lines.is_rejected,
        lines.customer_id,
        lines.ordered_at,
        lines.status,
        lines.product_id,
        lines.line_kind,
        lines.is_return,
        lines.quantity,
        lines.net_amount as row_amount,
        coalesce(shared_lines.net_amount, lines.net_amount) as net_amount,
        lines.discount_amount,
        lines.coupon_discount_amount,
        lines.repeat_number > 1 and not coalesce(totals.counts_repeats, false) as is_repeated,
        lines.is_product_sale and coalesce(totals.net_revenue, 1) <= 0 as is_given_away
    from lines
    left join totals
        on
            lines.order_id = totals.order_id
            and lines.known_at = totals.known_at
    left join shared_lines
        on
            lines.order_id = shared_lines.order_id
            and lines.known_at = shared_lines.known_at
            and lines.line_number = shared_lines.line_number

),

-- An order of which no line sells anything is one line without product and quantity, numbered 0.
totals_as_lines as (

    select
        order_id,
        0 as line_number,
        true as is_order_total,
        known_at,
        replaced_at,
        false as is_deleted,
        false as is_rejected,
        customer_id,
        ordered_at,
        status,
        cast(null as varchar) as product_id,
        'product' as line_kind,
        status = 'returned' and net_revenue < 0 as is_return,
        cast(null as decimal(18, 3)) as quantity,
        total_amount as row_amount,
        net_revenue as net_amount,
        order_discount_amount as discount_amount,
        cast(0 as decimal(18, 4)) as coupon_discount_amount,
        false as is_repeated,
        false as is_given_away
    from totals
    where has_total_line

),

all_lines as (

    select * from lines_with_totals
    union all
    select * from totals_as_lines

),

-- First match wins, so every line leaves the revenue at one step of the waterfall only.
stepped as (

    select
        order_id,
        line_number,
        is_order_total,
        known_at,
        replaced_at,
        customer_id,
        ordered_at,
        product_id,
        quantity,
        row_amount,
        net_amount,
        discount_amount,
        coupon_discount_amount,
        case
            when is_deleted then {{ revenue_step('deleted') }}
            when is_rejected then {{ revenue_step('rejected_order') }}
            when ordered_at is null then {{ revenue_step('no_order_time') }}
            when customer_id is null then {{ revenue_step('no_customer') }}
            when status = 'cancelled' then {{ revenue_step('cancelled_order') }}
            when is_return then {{ revenue_step('returned') }}
            when quantity <= 0 then {{ revenue_step('quantity_not_positive') }}
            when net_amount <= 0 or is_given_away then {{ revenue_step('amount_not_positive') }}
            when is_repeated then {{ revenue_step('repeated_line') }}
            when line_kind <> 'product' then {{ revenue_step('not_a_product') }}
        end as removed_at_step
    from all_lines

)

select * from stepped
