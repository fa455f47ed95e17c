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
    coalesce(min({{ slots }}.customer_id) <> max({{ slots }}.customer_id), false) as has_several_customers,
    {% for measure in activity_measures() -%}
        {{ sum_measure(slots ~ '.' ~ measure) }} as {{ measure }},
    {% endfor -%}
    min({{ slots }}.first_device) as first_device,
    min({{ slots }}.first_traffic) as first_traffic,
    max({{ slots }}.has_bot_agent) as has_bot_agent,
    max({{ slots }}.changed_at) as changed_at
{%- endmacro %}

{# Nobody clicks like this: software that says what it is, or a long run of events faster than a person's. #}
{% macro is_bot_session() -%}
    has_bot_agent = 1
    or event_count > {{ var('bot_session_events') }}
    or (
        event_count >= {{ var('bot_burst_events') }}
        and {{ elapsed_seconds('started_at', 'ended_at') }} < event_count * {{ var('bot_burst_seconds') }}
    )
{%- endmacro %}
