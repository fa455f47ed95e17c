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
    The slots from where the newest loads touched a visitor, with the number of sessions that the visitor keeps before
    them; in a first build all slots. Events only ever join a visitor's slots, so what lies more than half an hour
    before the first touched one stays as it is.
#}
{% macro open_slots_to_build() -%}
    {%- if is_incremental() -%}
    select
        slots.visitor_id,
        slots.slot,
        slots.first_at,
        slots.last_at,
        coalesce(kept_sessions.session_count, 0) as kept_session_count
    from {{ ref('int_visitor_slots') }} as slots
    inner join ({{ first_touched_slots() }}) as touched_visitors
        on slots.visitor_id = touched_visitors.visitor_id
    left join (
        -- Those that drop_touched_sessions() has left.
        select
            sessions.visitor_id,
            count(*) as session_count,
            max(sessions.last_slot) as last_slot
        from {{ this }} as sessions
        inner join ({{ first_touched_slots() }}) as visitors_with_news
            on sessions.visitor_id = visitors_with_news.visitor_id
        group by sessions.visitor_id
    ) as kept_sessions
        on slots.visitor_id = kept_sessions.visitor_id
    where
        slots.slot >= {{ first_open_slot() }}
        and (kept_sessions.last_slot is null or slots.slot > kept_sessions.last_slot)
    {%- else -%}
    select
        visitor_id,
        slot,
        first_at,
        last_at,
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

{#
    Sessions that the newest loads may have touched, and later ones of the visitor, whose numbers may shift. The last
    event of a slot may be half an hour before the first one of a slot that begins less than an hour after it.
#}
{% macro touched_sessions() -%}
    select
        sessions.visitor_id,
        sessions.session_number,
        sessions.first_slot
    from {{ this }} as sessions
    inner join ({{ first_touched_slots() }}) as touched_visitors
        on
            sessions.visitor_id = touched_visitors.visitor_id
            and sessions.last_slot >= touched_visitors.first_slot - 3600000000
{%- endmacro %}

{# What a table made anew in part loses before: pairs are looked up, because `exists` with `>=` takes four times as long. #}
{% macro drop_touched_sessions() -%}
    delete from {{ this }}
    where (visitor_id, session_number) in (
        select
            visitor_id,
            session_number
        from ({{ touched_sessions() }}) as touched_sessions
    )
{%- endmacro %}

{# The first slot of any session that is made again, as a literal: what lies before it is not read. #}
{% macro first_open_slot() -%}
    {{ return(first_slot_of(touched_sessions() ~ ' union all select visitor_id, 0, first_slot from ('
        ~ first_touched_slots() ~ ') as touched_slots') if is_incremental() else 0) }}
{%- endmacro %}

{% macro first_slot_of(sessions) -%}
    {%- if execute -%}
        {%- set query = 'select min(first_slot) from (' ~ sessions ~ ') as sessions' -%}
        {{ return(run_query(query).columns[0].values()[0] | int(0)) }}
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

{# Sessions whose parts are made: in a first build all that became known piece by piece. #}
{% macro piecemeal_sessions_to_build() -%}
    select
        sessions.visitor_id,
        sessions.session_number,
        sessions.first_slot,
        sessions.last_slot
    from {{ ref('int_sessions') }} as sessions
    {%- if is_incremental() %}
    inner join ({{ first_touched_sessions() }}) as touched_visitors
        on
            sessions.visitor_id = touched_visitors.visitor_id
            and sessions.session_number >= touched_visitors.session_number
    {%- endif %}
    where sessions.is_piecemeal
{%- endmacro %}

{% macro drop_touched_parts() -%}
    delete from {{ this }}
    where (visitor_id, session_number) in (
        select
            parts.visitor_id,
            parts.session_number
        from {{ this }} as parts
        inner join ({{ first_touched_sessions() }}) as touched_visitors
            on
                parts.visitor_id = touched_visitors.visitor_id
                and parts.session_number >= touched_visitors.session_number
    )
{%- endmacro %}

{# The links of visitors whose links the newest loads touched; in a first build all links. #}
{% macro links_to_build() -%}
    select * from {{ ref('int_visitor_links') }}
    {%- if is_incremental() %}
    where visitor_id in (
        select visitor_id from {{ ref('int_visitor_links') }}
        where {{ has_changed('changed_at') }}
    )
    {%- endif %}
{%- endmacro %}

{# A visitor that several customers use now has no owner any more. #}
{% macro drop_touched_owners() -%}
    delete from {{ this }}
    where visitor_id in (
        select visitor_id from {{ ref('int_visitor_links') }}
        where {{ has_changed('changed_at') }}
    )
{%- endmacro %}
