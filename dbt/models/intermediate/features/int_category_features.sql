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
            coalesce(order_versions.replaced_on, cast('9999-12-31' as date)),
            coalesce(products.replaced_on, cast('9999-12-31' as date))
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

-- Summed up to the first as-of date each line counts at, before it is repeated for the later ones.
amounts_by_first_date as (

    select
        lines_with_category.customer_id,
        lines_with_category.category,
        first_dates.first_as_of_date,
        lines_with_category.counts_until,
        sum(lines_with_category.net_amount) as net_revenue,
        sum(lines_with_category.quantity) as item_count
    from lines_with_category
    inner join (
        select
            days.counts_from,
            min(as_of_dates.as_of_date) as first_as_of_date
        from (select distinct counts_from from lines_with_category) as days
        inner join as_of_dates
            on as_of_dates.as_of_date >= days.counts_from
        group by days.counts_from
    ) as first_dates
        on lines_with_category.counts_from = first_dates.counts_from
    where lines_with_category.counts_until > first_dates.first_as_of_date
    group by
        lines_with_category.customer_id,
        lines_with_category.category,
        first_dates.first_as_of_date,
        lines_with_category.counts_until

),

category_totals as (

    select
        amounts_by_first_date.customer_id,
        as_of_dates.as_of_date,
        amounts_by_first_date.category,
        sum(amounts_by_first_date.net_revenue) as net_revenue,
        sum(amounts_by_first_date.item_count) as item_count
    from amounts_by_first_date
    inner join as_of_dates
        on
            as_of_dates.as_of_date >= amounts_by_first_date.first_as_of_date
            and as_of_dates.as_of_date < amounts_by_first_date.counts_until
    group by amounts_by_first_date.customer_id, as_of_dates.as_of_date, amounts_by_first_date.category

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
        {{ ratio('category_totals.net_revenue', 'customer_totals.net_revenue') }} as share,
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
        cast(-1 * sum(cast(share * ln(share) as decimal(18, 12))) as double precision) as category_entropy,
        max(share) as top_category_share,
        {{ ratio('sum(net_revenue)', 'sum(usual_amount)') }} as price_index
    from category_shares
    where share > 0
    group by customer_id, as_of_date

)

select * from category_features
