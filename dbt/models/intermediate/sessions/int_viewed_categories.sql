with category_views as (

    select * from {{ ref('int_category_views') }}
    where occurred_at >= {{ first_time_in_reach(90) }}

),

owners as (

    select * from {{ ref('int_visitor_owners') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

recent_views as (

    select
        as_of_dates.as_of_date,
        category_views.visitor_id,
        category_views.customer_id,
        category_views.category,
        count(*) as product_view_count
    from category_views
    inner join as_of_dates
        on
            {{ in_window('category_views.viewed_on', 'as_of_dates.as_of_date', 90) }}
            and {{ known_by('as_of_dates.as_of_date', 'category_views') }}
    group by as_of_dates.as_of_date, category_views.visitor_id, category_views.customer_id, category_views.category

),

customer_views as (

    select
        recent_views.as_of_date,
        coalesce(recent_views.customer_id, owners.customer_id) as customer_id,
        recent_views.category,
        recent_views.product_view_count
    from recent_views
    left join owners
        on
            recent_views.visitor_id = owners.visitor_id
            and recent_views.customer_id is null
            and {{ known_by('recent_views.as_of_date', 'owners') }}

),

viewed_categories as (

    select
        customer_views.customer_id,
        customer_views.as_of_date,
        customer_views.category,
        cast(sum(customer_views.product_view_count) as bigint) as product_view_count
    from customer_views
    inner join profiled_customers
        on customer_views.customer_id = profiled_customers.customer_id
    group by customer_views.customer_id, customer_views.as_of_date, customer_views.category

)

select * from viewed_categories
