with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

line_versions as (

    select * from {{ ref('int_order_line_versions') }}

),

order_versions as (

    select * from {{ ref('int_order_versions') }}

),

products as (

    select * from {{ ref('stg_products') }}
    where category is not null

),

-- A line counts in its category while both the order version and the product version hold.
lines_with_category as (

    select
        order_versions.customer_id,
        products.category,
        order_versions.ordered_on,
        greatest(order_versions.ordered_on, order_versions.known_on, products.known_on) as counts_from,
        least(
            coalesce(order_versions.replaced_on, {{ end_of_time() }}),
            coalesce(products.replaced_on, {{ end_of_time() }})
        ) as counts_until,
        line_versions.net_amount,
        line_versions.quantity
    from line_versions
    inner join order_versions
        on
            line_versions.order_id = order_versions.order_id
            and line_versions.known_at = order_versions.known_at
    inner join profiled_customers
        on order_versions.customer_id = profiled_customers.customer_id
    inner join products
        on line_versions.product_id = products.product_id
    where line_versions.removed_at_step is null

),

-- Amounts come in on the first as-of date that sees them and go out, negative, on the first that no longer does.
first_as_of_dates as (

    select
        change_days.changes_on,
        min(as_of_dates.as_of_date) as as_of_date
    from (
        select distinct counts_from as changes_on from lines_with_category
        union
        select distinct counts_until as changes_on from lines_with_category
    ) as change_days
    inner join as_of_dates
        on change_days.changes_on <= as_of_dates.as_of_date
    group by change_days.changes_on

),

amounts_in_and_out as (

    select
        customer_id,
        category,
        counts_from as changes_on,
        net_amount,
        quantity
    from lines_with_category
    where counts_from < counts_until
    union all
    select
        customer_id,
        category,
        counts_until as changes_on,
        -1 * net_amount as net_amount,
        -1 * quantity as quantity
    from lines_with_category
    where counts_from < counts_until and counts_until < {{ end_of_time() }}

),

category_changes as (

    select
        amounts_in_and_out.customer_id,
        amounts_in_and_out.category,
        first_as_of_dates.as_of_date,
        sum(amounts_in_and_out.net_amount) as net_revenue,
        sum(amounts_in_and_out.quantity) as item_count
    from amounts_in_and_out
    inner join first_as_of_dates
        on amounts_in_and_out.changes_on = first_as_of_dates.changes_on
    group by amounts_in_and_out.customer_id, amounts_in_and_out.category, first_as_of_dates.as_of_date

),

-- A running total holds until the next change, so no line is repeated for the as-of dates after its first.
running_totals as (

    select
        customer_id,
        category,
        as_of_date as holds_from,
        lead(as_of_date) over (partition by customer_id, category order by as_of_date) as holds_until,
        sum(net_revenue) over (partition by customer_id, category order by as_of_date) as net_revenue,
        sum(item_count) over (partition by customer_id, category order by as_of_date) as item_count
    from category_changes

),

category_totals as (

    select
        running_totals.customer_id,
        as_of_dates.as_of_date,
        running_totals.category,
        running_totals.net_revenue,
        running_totals.item_count
    from running_totals
    inner join as_of_dates
        on
            running_totals.holds_from <= as_of_dates.as_of_date
            and (running_totals.holds_until is null or running_totals.holds_until > as_of_dates.as_of_date)

),

usual_prices as (

    select
        as_of_date,
        category,
        {{ ratio('sum(net_revenue)', 'sum(item_count)') }} as usual_unit_price
    from category_totals
    group by as_of_date, category

),

customer_totals as (

    select
        customer_id,
        as_of_date,
        sum(net_revenue) as net_revenue
    from category_totals
    group by customer_id, as_of_date

),

category_shares as (

    select
        category_totals.customer_id,
        category_totals.as_of_date,
        category_totals.net_revenue,
        {{ ratio('category_totals.net_revenue', 'customer_totals.net_revenue') }} as revenue_share,
        -- Rounded to fixed decimals before summing: decimal sums do not depend on the order of rows.
        cast(category_totals.item_count * usual_prices.usual_unit_price as decimal(18, 4)) as usual_amount
    from category_totals
    inner join customer_totals
        on
            category_totals.customer_id = customer_totals.customer_id
            and category_totals.as_of_date = customer_totals.as_of_date
    inner join usual_prices
        on
            category_totals.category = usual_prices.category
            and category_totals.as_of_date = usual_prices.as_of_date

),

category_features as (

    select
        customer_id,
        as_of_date,
        count(*) as category_count,
        cast(-1 * sum(cast(revenue_share * ln(revenue_share) as decimal(18, 12))) as double precision)
            as category_entropy,
        max(revenue_share) as top_category_share,
        {{ ratio('sum(net_revenue)', 'sum(usual_amount)') }} as price_index
    from category_shares
    where revenue_share > 0
    group by customer_id, as_of_date

)

select * from category_features
