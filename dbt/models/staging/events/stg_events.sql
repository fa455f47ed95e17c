with events as (

    select * from {{ source('raw', 'events') }}

),

event_versions as (

    select
        event_id,
        -- Who has no device is a visitor of their own.
        coalesce(anonymous_id, 'customer ' || customer_id) as visitor_id,
        anonymous_id,
        customer_id,
        event_type,
        product_id,
        category,
        search_query,
        page_path,
        content_id,
        lower(device_type) as device_type,
        lower(medium) as medium,
        lower(user_agent) as user_agent,
        scroll_depth_percent,
        engaged_seconds,
        occurred_at,
        arrived_at,
        -- A clock that runs ahead makes an event arrive before it occurred; it counts from when it occurred.
        greatest(occurred_at, coalesce(arrived_at, occurred_at)) as known_at,
        is_correction,
        coalesce(is_deleted, false) as has_left,
        loaded_at,
        source_row
    from events

)

select * from event_versions
