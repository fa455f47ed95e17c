{{ config(materialized='view') }}

with events as (

    select * from {{ ref('stg_events') }}

),

corrections as (

    select * from {{ ref('int_event_corrections') }}

),

event_versions as (

    select
        events.*,
        corrections.replaced_at,
        corrections.replaced_by_load_at,
        -- The newest load that says anything of this version: the one that brought it, or that replaced it.
        coalesce(corrections.replaced_by_load_at, events.loaded_at) as changed_at
    from events
    left join corrections
        on
            events.event_id = corrections.event_id
            and events.loaded_at = corrections.loaded_at
            and events.source_row = corrections.source_row

),

usable_events as (

    select
        *,
        {{ slot_of('occurred_at') }} as slot,
        {{ slot_of('known_at') }} as known_slot,
        {{ slot_of('replaced_at') }} as replaced_slot
    from event_versions
    where
        not has_left
        and event_type in ({{ known_event_types() }})
        -- Later than that an event joins no session; the data audit counts them.
        and known_at <= {{ dbt.dateadd('day', var('late_event_days'), 'occurred_at') }}

)

select * from usable_events
