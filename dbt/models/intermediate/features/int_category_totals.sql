with as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

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

)

select * from category_totals
