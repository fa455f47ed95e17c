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

slots as (

    select
        events.visitor_id,
        events.customer_id,
        events.slot,
        events.known_slot,
        events.replaced_slot,
        min(events.occurred_at) as first_at,
        max(events.occurred_at) as last_at,
        cast(count(*) as integer) as event_count,
        cast({{ count_where("events.event_type in ('page_view', 'product_view', 'content_view')") }} as integer)
            as view_count,
        cast({{ count_where("events.event_type = 'product_view'") }} as integer) as product_view_count,
        cast({{ count_where("events.event_type = 'content_view'") }} as integer) as content_view_count,
        cast({{ count_where("events.event_type = 'search'") }} as integer) as search_count,
        cast({{ count_where("events.event_type = 'add_to_cart'") }} as integer) as add_to_cart_count,
        cast({{ count_where("events.event_type = 'remove_from_cart'") }} as integer) as remove_from_cart_count,
        cast({{ count_where("events.event_type = 'checkout_started'") }} as integer) as checkout_count,
        cast({{ count_where("events.event_type = 'purchase'") }} as integer) as purchase_count,
        cast({{ count_where("events.event_type in ('identify', 'sign_up')") }} as integer) as identify_count,
        cast(coalesce(sum(events.engaged_seconds), 0) as decimal(18, 3)) as engaged_seconds,
        cast(
            coalesce(sum(case when events.event_type = 'content_view' then events.engaged_seconds end), 0)
            as decimal(18, 3)
        ) as content_seconds,
        cast(coalesce(sum(events.scroll_depth_percent), 0) as decimal(18, 3)) as scroll_percent,
        cast(count(events.scroll_depth_percent) as integer) as scroll_count,
        {{ time_and_code('events.occurred_at', device_code('events.device_type')) }} as first_device,
        {{ time_and_code('events.occurred_at', traffic_code('events.medium')) }} as first_traffic,
        max(case when {{ is_bot_agent('events.user_agent') }} then 1 else 0 end) as has_bot_agent,
        max(events.changed_at) as changed_at
    from events
    left join repeated_events
        on
            events.event_id = repeated_events.event_id
            and events.loaded_at = repeated_events.loaded_at
            and events.source_row = repeated_events.source_row
    where repeated_events.event_id is null
    group by events.visitor_id, events.customer_id, events.slot, events.known_slot, events.replaced_slot

)

select * from slots
