{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['visitor_id', 'slot'],
) }}

with events as (

    {{ events_to_build() }}

),

repeated_events as (

    select * from {{ ref('int_repeated_events') }}

),

category_views as (

    select
        events.visitor_id,
        events.customer_id,
        events.slot,
        events.category,
        events.known_slot,
        events.replaced_slot,
        cast(count(*) as integer) as product_view_count,
        max(events.changed_at) as changed_at
    from events
    left join repeated_events
        on
            events.event_id = repeated_events.event_id
            and events.loaded_at = repeated_events.loaded_at
            and events.source_row = repeated_events.source_row
    where
        repeated_events.event_id is null
        and events.event_type = 'product_view'
        and events.category is not null
        and coalesce(not ({{ is_bot_agent('events.user_agent') }}), true)
    group by
        events.visitor_id, events.customer_id, events.slot, events.category, events.known_slot, events.replaced_slot

),

with_days as (

    select
        visitor_id,
        customer_id,
        slot,
        category,
        known_slot,
        replaced_slot,
        product_view_count,
        {{ slot_date('slot') }} as viewed_on,
        {{ slot_date('known_slot') }} as known_on,
        {{ slot_date('replaced_slot') }} as replaced_on,
        changed_at
    from category_views

)

select * from with_days
