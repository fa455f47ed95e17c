{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['visitor_id', 'slot'],
    meta={'kept_by': 'int_visitor_slots'},
) }}

{% set sameness = [
    'visitor_id', 'customer_id', 'event_type', 'occurred_at', 'product_id', 'page_path', 'search_query', 'content_id',
] %}

with events as (

    {{ events_to_build() }}

),

events_again as (

    {{ events_to_build() }}

),

-- Looked for by one number: a window over all events would cost more than everything else about them.
fingerprints as (

    select {{ fingerprint(sameness) }} as fingerprint
    from events

),

suspicious_fingerprints as (

    select fingerprint
    from fingerprints
    group by fingerprint
    having count(*) > 1

),

suspicious_events as (

    select
        events_again.event_id,
        events_again.visitor_id,
        events_again.slot,
        events_again.changed_at,
        events_again.loaded_at,
        events_again.source_row,
        row_number() over (
            partition by
                {% for column in sameness %}events_again.{{ column }},
                {% endfor %}events_again.replaced_at
            order by events_again.known_at, events_again.event_id, events_again.loaded_at, events_again.source_row
        ) as repetition
    from events_again
    inner join suspicious_fingerprints
        on {{ fingerprint(sameness) }} = suspicious_fingerprints.fingerprint

),

repeated_events as (

    select
        event_id,
        visitor_id,
        slot,
        loaded_at,
        source_row,
        changed_at
    from suspicious_events
    where repetition > 1

)

select * from repeated_events
