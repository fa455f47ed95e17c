-- Two reads of the same table by two names: one CTE read twice would be written out in between.
with corrections as (

    select * from {{ ref('stg_events') }}
    where is_correction or has_left

),

versions_of_corrected as (

    select * from {{ ref('stg_events') }}
    where event_id in (select corrections.event_id from corrections)

),

-- Windows over the few events that were corrected, not over all.
corrected_versions as (

    select
        event_id,
        loaded_at,
        source_row,
        -- The newest of all later loads, not the next one: any of them may say that it arrived earlier.
        max(loaded_at) over (
            partition by event_id order by loaded_at, source_row
            rows between 1 following and unbounded following
        ) as replaced_by_load_at,
        {{ version_interval(key=['event_id'], occurred_at='occurred_at') }}
    from versions_of_corrected

)

select * from corrected_versions
