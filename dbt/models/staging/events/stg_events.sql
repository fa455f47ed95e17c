with events as (

    select * from {{ source('raw', 'events') }}

),

corrected_versions as (

    select * from {{ ref('stg_event_corrections') }}

),

event_versions as (

    select
        events.event_id,
        -- Who has no device is a visitor of their own.
        coalesce(events.anonymous_id, 'customer ' || events.customer_id) as visitor_id,
        events.anonymous_id,
        events.customer_id,
        events.event_type,
        events.product_id,
        events.category,
        events.search_query,
        events.page_path,
        events.content_id,
        lower(events.device_type) as device_type,
        lower(events.medium) as medium,
        lower(events.user_agent) as user_agent,
        events.scroll_depth_percent,
        events.engaged_seconds,
        events.occurred_at,
        -- A clock that runs ahead makes an event arrive before it occurred; it counts from when it occurred.
        greatest(events.occurred_at, coalesce(events.arrived_at, events.occurred_at)) as known_at,
        corrected_versions.replaced_at,
        corrected_versions.replaced_by_load_at,
        events.loaded_at,
        events.source_row,
        -- The newest load that says anything of this version: the one that brought it, or that replaced it.
        coalesce(corrected_versions.replaced_by_load_at, events.loaded_at) as changed_at
    from events
    left join corrected_versions
        on
            events.event_id = corrected_versions.event_id
            and events.loaded_at = corrected_versions.loaded_at
            and events.source_row = corrected_versions.source_row

)

select * from event_versions
