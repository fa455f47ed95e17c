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

{#
    The slots that sessions are made from, with the number of sessions that the visitor keeps before them: in a first
    build all slots, later those from where the newest loads touched the visitor. Events only ever join a visitor's
    slots, so what lies more than half an hour before the first touched one stays as it is. To be read once in a
    query, as events_to_build().
#}
{% macro open_slots_to_build() -%}
    {%- if is_incremental() -%}
    select
        slots.*,
        coalesce(kept_sessions.session_count, 0) as kept_session_count
    from {{ ref('int_visitor_slots') }} as slots
    inner join ({{ first_touched_slots() }}) as touched_visitors
        on slots.visitor_id = touched_visitors.visitor_id
    left join (
        -- Those that drop_touched_sessions() has left.
        select
            visitor_id,
            count(*) as session_count,
            max(last_slot) as last_slot
        from {{ this }}
        group by visitor_id
    ) as kept_sessions
        on slots.visitor_id = kept_sessions.visitor_id
    where
        slots.slot >= {{ first_open_slot() }}
        and (kept_sessions.last_slot is null or slots.slot > kept_sessions.last_slot)
    {%- else -%}
    select
        *,
        0 as kept_session_count
    from {{ ref('int_visitor_slots') }}
    {%- endif -%}
{%- endmacro %}

{# Where the newest loads touched each visitor first. #}
{% macro first_touched_slots() -%}
    select
        visitor_id,
        min(slot) as first_slot
    from {{ ref('int_visitor_slots') }}
    where {{ has_changed('changed_at') }}
    group by visitor_id
{%- endmacro %}

{# A slot of which the last event may be half an hour before the first one of a later slot is not an hour away. #}
{% macro may_be_touched(sessions) -%}
    {{ sessions }}.visitor_id = touched_visitors.visitor_id
    and {{ sessions }}.last_slot >= touched_visitors.first_slot - 3600000000
{%- endmacro %}

{# Sessions that the newest loads touched, and later ones of the visitor, whose numbers may shift: they are made again. #}
{% macro drop_touched_sessions() -%}
    delete from {{ this }}
    where exists (
        select 1 from ({{ first_touched_slots() }}) as touched_visitors
        where {{ may_be_touched(this.identifier) }}
    )
{%- endmacro %}

{# The first slot of any session that is made again, as a literal: what lies before it is not read. #}
{% macro first_open_slot() -%}
    {%- if execute -%}
        {%- set query -%}
            select min(least(coalesce(sessions.first_slot, touched_visitors.first_slot), touched_visitors.first_slot))
            from ({{ first_touched_slots() }}) as touched_visitors
            left join {{ this }} as sessions
                on {{ may_be_touched('sessions') }}
        {%- endset -%}
        {%- set found = run_query(query).columns[0].values()[0] -%}
        {{ return(found if found is not none else 0) }}
    {%- endif -%}
    {{ return(0) }}
{%- endmacro %}

{# The first of each visitor's sessions that the newest loads touched; later ones may bear another number now. #}
{% macro first_touched_sessions() -%}
    select
        visitor_id,
        min(session_number) as session_number
    from {{ ref('int_sessions') }}
    where {{ has_changed('changed_at') }}
    group by visitor_id
{%- endmacro %}

{% macro drop_touched_parts() -%}
    delete from {{ this }}
    where exists (
        select 1 from ({{ first_touched_sessions() }}) as touched_visitors
        where
            {{ this.identifier }}.visitor_id = touched_visitors.visitor_id
            and {{ this.identifier }}.session_number >= touched_visitors.session_number
    )
{%- endmacro %}

{# The first slot of any session whose parts are made again, as a literal: what lies before it is not read. #}
{% macro first_piecemeal_slot() -%}
    {%- if execute -%}
        {%- set query -%}
            select min(sessions.first_slot)
            from {{ ref('int_sessions') }} as sessions
            inner join ({{ first_touched_sessions() }}) as touched_visitors
                on
                    sessions.visitor_id = touched_visitors.visitor_id
                    and sessions.session_number >= touched_visitors.session_number
            where sessions.is_piecemeal
        {%- endset -%}
        {%- set found = run_query(query).columns[0].values()[0] -%}
        {{ return(found if found is not none else 0) }}
    {%- endif -%}
    {{ return(0) }}
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
    coalesce(min({{ slots }}.customer_id) <> max({{ slots }}.customer_id), false) as has_several_customers,
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
