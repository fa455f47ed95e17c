with category_totals as (

    select * from {{ ref('int_category_totals') }}

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
