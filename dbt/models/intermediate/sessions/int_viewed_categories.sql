with events as (

    select * from {{ ref('int_usable_events') }}
    where occurred_at >= {{ first_time_in_reach(90) }}

),

repeated_events as (

    select * from {{ ref('int_repeated_events') }}

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

product_views as (

    select
        events.visitor_id,
        events.customer_id,
        events.category,
        {{ business_date('events.occurred_at') }} as viewed_on,
        {{ slot_date('coalesce(repeated_events.counts_from_slot, events.known_slot)') }} as known_on,
        {{ slot_date('events.replaced_slot') }} as replaced_on
    from events
    left join repeated_events
        on
            events.event_id = repeated_events.event_id
            and events.loaded_at = repeated_events.loaded_at
            and events.source_row = repeated_events.source_row
    where
        (repeated_events.event_id is null or repeated_events.counts_from_slot is not null)
        and events.event_type = 'product_view'
        and events.category is not null
        -- Software that says what it is.
        and coalesce(not ({{ is_bot_agent('events.user_agent') }}), true)

),

recent_views as (

    select
        as_of_dates.as_of_date,
        product_views.visitor_id,
        product_views.customer_id,
        product_views.category,
        count(*) as product_view_count
    from product_views
    inner join as_of_dates
        on
            {{ in_window('product_views.viewed_on', 'as_of_dates.as_of_date', 90) }}
            and {{ known_by('as_of_dates.as_of_date', 'product_views') }}
    group by as_of_dates.as_of_date, product_views.visitor_id, product_views.customer_id, product_views.category

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
