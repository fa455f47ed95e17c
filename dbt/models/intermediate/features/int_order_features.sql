with orders_known as (

    select * from {{ ref('int_orders_as_of') }}

),

sales as (

    select
        *,
        extract(hour from ordered_at_local) as ordered_hour,
        -- A source with dates only puts every order at midnight: no time of day is known then.
        ordered_at_local <> date_trunc('day', ordered_at_local) as has_time_of_day,
        extract(month from ordered_on) in ({{ var('holiday_months') | join(', ') }}) as is_holiday_season,
        -- extract(dow) differs between engines; a known Monday does not.
        mod({{ dbt.datediff("cast('1900-01-01' as date)", 'ordered_on', 'day') }}, 7) >= 5 as is_weekend
    from orders_known
    where is_sale

),

totals as (

    select
        customer_id,
        as_of_date,
        count(*) as order_count,
        {{ count_where(in_window('ordered_on', 'as_of_date', 7)) }} as order_count_7d,
        {{ count_where(in_window('ordered_on', 'as_of_date', 30)) }} as order_count_30d,
        {{ count_where(in_window('ordered_on', 'as_of_date', 90)) }} as order_count_90d,
        {{ count_where(in_window('ordered_on', 'as_of_date', 180)) }} as order_count_180d,
        {{ count_where(in_window('ordered_on', 'as_of_date', 365)) }} as order_count_365d,
        sum(net_revenue) as net_revenue,
        {{ sum_where('net_revenue', in_window('ordered_on', 'as_of_date', 7)) }} as net_revenue_7d,
        {{ sum_where('net_revenue', in_window('ordered_on', 'as_of_date', 30)) }} as net_revenue_30d,
        {{ sum_where('net_revenue', in_window('ordered_on', 'as_of_date', 90)) }} as net_revenue_90d,
        {{ sum_where('net_revenue', in_window('ordered_on', 'as_of_date', 180)) }} as net_revenue_180d,
        {{ sum_where('net_revenue', in_window('ordered_on', 'as_of_date', 365)) }} as net_revenue_365d,
        {{ sum_where('net_revenue', in_window('ordered_on', dbt.dateadd('day', -365, 'as_of_date'), 90)) }}
            as same_season_last_year_revenue,
        {{ sum_where('net_revenue', 'is_holiday_season') }} as holiday_revenue,
        sum(discount_amount) as discount_amount,
        {{ count_where('has_coupon') }} as coupon_order_count,
        {{ count_where('is_weekend') }} as weekend_order_count,
        {{ count_where('has_time_of_day') }} as timed_order_count,
        {{ count_where('has_time_of_day and ordered_hour >= 5 and ordered_hour < 12') }} as morning_order_count,
        {{ count_where('has_time_of_day and ordered_hour >= 12 and ordered_hour < 17') }} as afternoon_order_count,
        {{ count_where('has_time_of_day and ordered_hour >= 17 and ordered_hour < 22') }} as evening_order_count,
        {{ count_where('has_time_of_day and (ordered_hour >= 22 or ordered_hour < 5)') }} as night_order_count,
        sum(item_count) as item_count,
        count(item_count) as itemised_order_count,
        sum(case when item_count is not null then net_revenue end) as itemised_revenue,
        sum(case when item_count is not null then product_count end) as order_product_count,
        min(ordered_on) as first_ordered_on,
        max(ordered_on) as last_ordered_on
    from sales
    group by customer_id, as_of_date

),

returned as (

    select
        customer_id,
        as_of_date,
        sum(returned_amount) as returned_amount
    from orders_known
    group by customer_id, as_of_date

),

order_days as (

    select
        customer_id,
        as_of_date,
        ordered_on,
        sum(net_revenue) as net_revenue
    from sales
    group by customer_id, as_of_date, ordered_on

),

order_days_with_gaps as (

    select
        *,
        {{ dbt.datediff(
            'lag(ordered_on) over (partition by customer_id, as_of_date order by ordered_on)', 'ordered_on', 'day'
        ) }} as gap_days
    from order_days

),

gaps as (

    select
        customer_id,
        as_of_date,
        count(*) as order_day_count,
        count(gap_days) as gap_count,
        sum(case when gap_days is not null then net_revenue end) as repeat_revenue,
        percentile_cont(0.5) within group (order by gap_days) as median_days_between_orders,
        -- Sums of whole numbers are exact in any order of rows, so this is the same on every run.
        sum(gap_days) as gap_sum,
        sum(gap_days * gap_days) as gap_square_sum
    from order_days_with_gaps
    group by customer_id, as_of_date

),

order_features as (

    select
        totals.customer_id,
        totals.as_of_date,
        totals.order_count,
        gaps.order_day_count - 1 as repeat_order_count,
        totals.order_count_7d,
        totals.order_count_30d,
        totals.order_count_90d,
        totals.order_count_365d,
        totals.net_revenue,
        totals.net_revenue_7d,
        totals.net_revenue_30d,
        totals.net_revenue_90d,
        totals.net_revenue_365d,
        {{ ratio('totals.net_revenue', 'totals.order_count') }} as average_order_value,
        {{ ratio('gaps.repeat_revenue', 'gaps.gap_count') }} as average_repeat_order_value,
        gaps.median_days_between_orders,
        case
            when gaps.gap_count > 1
                then sqrt(
                    cast(gaps.gap_count * gaps.gap_square_sum - gaps.gap_sum * gaps.gap_sum as double precision)
                    / cast(gaps.gap_count * (gaps.gap_count - 1) as double precision)
                )
        end as stddev_days_between_orders,
        {{ dbt.datediff('totals.last_ordered_on', 'totals.as_of_date', 'day') }} as days_since_last_order,
        {{ dbt.datediff('totals.first_ordered_on', 'totals.as_of_date', 'day') }} as days_since_first_order,
        {{ dbt.datediff('totals.first_ordered_on', 'totals.as_of_date', 'day') }} as tenure_days,
        {{ dbt.datediff('totals.first_ordered_on', 'totals.last_ordered_on', 'day') }}
            as days_between_first_and_last_order,
        {{ ratio('totals.discount_amount', '(totals.discount_amount + totals.net_revenue)') }} as discount_share,
        {{ ratio('totals.coupon_order_count', 'totals.order_count') }} as coupon_share,
        {{ ratio('returned.returned_amount', '(returned.returned_amount + totals.net_revenue)') }} as return_share,
        {{ ratio('totals.weekend_order_count', 'totals.order_count') }} as weekend_share,
        {{ ratio('totals.morning_order_count', 'totals.timed_order_count') }} as morning_order_share,
        {{ ratio('totals.afternoon_order_count', 'totals.timed_order_count') }} as afternoon_order_share,
        {{ ratio('totals.evening_order_count', 'totals.timed_order_count') }} as evening_order_share,
        {{ ratio('totals.night_order_count', 'totals.timed_order_count') }} as night_order_share,
        {{ ratio('totals.holiday_revenue', 'totals.net_revenue') }} as holiday_revenue_share,
        case
            when {{ dbt.datediff('totals.first_ordered_on', 'totals.as_of_date', 'day') }} >= 365
                then {{ ratio('totals.same_season_last_year_revenue', 'totals.net_revenue') }}
        end as same_season_last_year_revenue_share,
        {{ ratio('totals.item_count', 'totals.itemised_order_count') }} as average_items_per_order,
        {{ ratio('totals.order_product_count', 'totals.itemised_order_count') }} as average_products_per_order,
        {{ ratio('totals.itemised_revenue', 'totals.item_count') }} as average_unit_price,
        {{ ratio('(2 * totals.net_revenue_90d - totals.net_revenue_180d)', 'totals.net_revenue_180d') }}
            as net_revenue_trend_90d,
        {{ ratio('(2 * totals.order_count_90d - totals.order_count_180d)', 'totals.order_count_180d') }}
            as order_count_trend_90d
    from totals
    inner join returned
        on
            totals.customer_id = returned.customer_id
            and totals.as_of_date = returned.as_of_date
    inner join gaps
        on
            totals.customer_id = gaps.customer_id
            and totals.as_of_date = gaps.as_of_date

)

select * from order_features
