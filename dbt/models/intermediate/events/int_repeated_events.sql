-- noqa: disable=LT02
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ drop_touched_slots() if is_incremental() else '' }}",
    meta={'kept_by': 'int_visitor_slots'},
) }}

{% set sameness = [
    'visitor_id', 'customer_id', 'event_type', 'occurred_at', 'product_id', 'page_path', 'search_query', 'content_id',
] %}
{% set moment = ['visitor_id', 'occurred_at'] %}

-- Read from staging, though events that nobody uses are among them: two reads alike of all events would be written out
-- in between.
with events as (

    {% if is_incremental() -%} {{ events_to_build() }} {%- else -%} select * from {{ ref('stg_events') }} {%- endif %}

),

events_again as (

    {{ events_to_build() }}

),

-- Looked for by one number of few columns: a window over all events would cost more than everything else about them.
moments as (

    select {{ fingerprint(moment) }} as fingerprint
    from events

),

suspicious_moments as (

    select fingerprint
    from moments
    group by fingerprint
    having count(*) > 1

),

suspicious_events as (

    select
        events_again.event_id,
        events_again.visitor_id,
        events_again.slot,
        events_again.loaded_at,
        events_again.source_row,
        events_again.known_at,
        events_again.replaced_at,
        -- Until when one of those that arrived before it holds; NULL for the first of them.
        max(coalesce(events_again.replaced_at, cast({{ end_of_time() }} as timestamp))) over (
            partition by
                {% for column in sameness %}events_again.{{ column }}{{ ',' if not loop.last }}
                {% endfor %}
            order by events_again.known_at, events_again.event_id, events_again.loaded_at, events_again.source_row
            rows between unbounded preceding and 1 preceding
        ) as repeats_until,
        max(events_again.changed_at) over (
            partition by
                {% for column in sameness %}events_again.{{ column }}{{ ',' if not loop.last }}
                {% endfor %}
            order by events_again.known_at, events_again.event_id, events_again.loaded_at, events_again.source_row
            rows between unbounded preceding and current row
        ) as changed_at
    from events_again
    inner join suspicious_moments
        on {{ fingerprint(moment) }} = suspicious_moments.fingerprint

),

-- When all that it repeats was taken back, it is no repetition any more.
repeated_events as (

    select
        event_id,
        visitor_id,
        slot,
        loaded_at,
        source_row,
        case
            when repeats_until < coalesce(replaced_at, cast({{ end_of_time() }} as timestamp))
                then {{ slot_of('greatest(known_at, repeats_until)') }}
        end as counts_from_slot,
        changed_at
    from suspicious_events
    where repeats_until is not null

)

select * from repeated_events
