{{ config(materialized='view') }}

with events as (

    select * from {{ ref('stg_events') }}

),

usable_events as (

    select
        *,
        {{ slot_of('occurred_at') }} as slot,
        {{ slot_of('known_at') }} as known_slot,
        {{ slot_of('replaced_at') }} as replaced_slot
    from events
    where
        event_type in ({{ known_event_types() }})
        -- Later than that an event joins no session; the data audit counts them.
        and known_at <= {{ dbt.dateadd('day', var('late_event_days'), 'occurred_at') }}

)

select * from usable_events
