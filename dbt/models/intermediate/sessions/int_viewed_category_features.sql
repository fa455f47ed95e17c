with viewed_categories as (

    select * from {{ ref('int_viewed_categories') }}

),

customer_totals as (

    select
        customer_id,
        as_of_date,
        sum(product_view_count) as product_view_count
    from viewed_categories
    group by customer_id, as_of_date

),

category_shares as (

    select
        viewed_categories.customer_id,
        viewed_categories.as_of_date,
        {{ ratio('viewed_categories.product_view_count', 'customer_totals.product_view_count') }} as view_share
    from viewed_categories
    inner join customer_totals
        on
            viewed_categories.customer_id = customer_totals.customer_id
            and viewed_categories.as_of_date = customer_totals.as_of_date

),

viewed_category_features as (

    select
        customer_id,
        as_of_date,
        count(*) as viewed_category_count_90d,
        -- Rounded to fixed decimals before summing: decimal sums do not depend on the order of rows.
        cast(-1 * sum(cast(view_share * ln(view_share) as decimal(18, 12))) as double precision)
            as viewed_category_entropy_90d,
        max(view_share) as top_viewed_category_share_90d
    from category_shares
    group by customer_id, as_of_date

)

select * from viewed_category_features
