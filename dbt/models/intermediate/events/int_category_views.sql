{{ config(materialized='view') }}

with events as (

    select * from {{ ref('int_usable_events') }}

),

repeated_events as (

    select * from {{ ref('int_repeated_events') }}

),

category_views as (

    select
        events.visitor_id,
        events.customer_id,
        events.category,
        events.occurred_at,
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
        and coalesce(not ({{ is_bot_agent('events.user_agent') }}), true)

)

select * from category_views
