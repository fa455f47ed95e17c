{#
    The slots that sessions are made from: in a first build all, later those of the visitors that the newest loads
    touched. To be read once in a query, as events_to_build().
#}
{% macro slots_to_build() -%}
    select slots.*
    from {{ ref('int_visitor_slots') }} as slots
    {%- if is_incremental() %}
    inner join (
        select distinct visitor_id from {{ ref('int_visitor_slots') }}
        where {{ has_changed('changed_at') }}
    ) as touched_visitors
        on slots.visitor_id = touched_visitors.visitor_id
    {%- endif %}
{%- endmacro %}

{# 1 where a visitor's slot begins a session: more than 30 minutes without an event; exactly 30 are the same session. #}
{% macro starts_session(first_at, previous_last_at) -%}
    case
        when {{ previous_last_at }} is null then 1
        when {{ first_at }} > {{ dbt.dateadd('minute', 30, previous_last_at) }} then 1
        else 0
    end
{%- endmacro %}

{# What a session is, from the slots it is made of. #}
{% macro session_columns(slots) -%}
    min({{ slots }}.first_at) as started_at,
    max({{ slots }}.last_at) as ended_at,
    min({{ slots }}.customer_id) as customer_id,
    min({{ slots }}.customer_id) <> max({{ slots }}.customer_id) as has_several_customers,
    {% for measure in activity_measures() -%}
        {{ sum_measure(slots ~ '.' ~ measure) }} as {{ measure }},
    {% endfor -%}
    min({{ slots }}.first_device) as first_device,
    min({{ slots }}.first_traffic) as first_traffic,
    max({{ slots }}.has_bot_agent) as has_bot_agent,
    max({{ slots }}.changed_at) as changed_at
{%- endmacro %}

{#
    Nobody clicks like this: software that says what it is, or a long run of events faster than a person's. The
    speed counts whole seconds, so a run within one second is of infinite speed.
#}
{% macro is_bot_session() -%}
    has_bot_agent = 1
    or event_count > {{ var('bot_session_events') }}
    or (
        event_count >= {{ var('bot_burst_events') }}
        and {{ dbt.datediff('started_at', 'ended_at', 'second') }} < event_count * {{ var('bot_burst_seconds') }}
    )
{%- endmacro %}
