{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ drop_touched_parts() if is_incremental() else '' }}",
) }}

with piecemeal_sessions as (

    {{ piecemeal_sessions_to_build() }}

),

slots as (

    select
        *,
        {{ slot_day('slot') }} as slot_day
    from {{ ref('int_visitor_slots') }}
    {% if is_incremental() -%} where slot >= {{ first_slot_of(piecemeal_sessions_to_build()) }} {%- endif %}

),

slot_days as (

    select distinct {{ slot_day('slot') }} as slot_day from {{ ref('int_visitor_slots') }}

),

-- A session meets its slots by visitor and day: by visitor alone, all sessions of a busy one would meet all its slots.
session_days as (

    select
        *,
        {{ slot_day('first_slot') }} as slot_day
    from piecemeal_sessions
    union
    select
        *,
        {{ slot_day('last_slot') }} as slot_day
    from piecemeal_sessions
    union
    select
        piecemeal_sessions.*,
        slot_days.slot_day
    from piecemeal_sessions
    inner join slot_days
        on piecemeal_sessions.first_slot < slot_days.slot_day and piecemeal_sessions.last_slot > slot_days.slot_day
    -- Few go on for longer than a day and into a third one.
    where piecemeal_sessions.last_slot - piecemeal_sessions.first_slot > {{ day_width() }}

),

pieces as (

    select
        slots.*,
        session_days.session_number,
        {{ slot_date('slots.known_slot') }} as known_on,
        {{ slot_date('slots.replaced_slot') }} as replaced_on
    from slots
    inner join session_days
        on
            slots.visitor_id = session_days.visitor_id
            and slots.slot_day = session_days.slot_day
            and slots.slot >= session_days.first_slot
            and slots.slot <= session_days.last_slot

),

days_of_change as (

    select
        visitor_id,
        session_number,
        changed_on as version_known_on,
        lead(changed_on) over (partition by visitor_id, session_number order by changed_on) as version_replaced_on
    from (
        select
            visitor_id,
            session_number,
            known_on as changed_on
        from pieces
        union
        select
            visitor_id,
            session_number,
            replaced_on as changed_on
        from pieces
        where replaced_on is not null
    ) as changes

),

pieces_known as (

    select
        pieces.*,
        days_of_change.version_known_on,
        days_of_change.version_replaced_on
    from pieces
    inner join days_of_change
        on
            pieces.visitor_id = days_of_change.visitor_id
            and pieces.session_number = days_of_change.session_number
            and {{ known_by('days_of_change.version_known_on', 'pieces') }}

),

piece_times as (

    select
        visitor_id,
        session_number,
        version_known_on,
        slot,
        min(first_at) as first_at,
        max(last_at) as last_at
    from pieces_known
    group by visitor_id, session_number, version_known_on, slot

),

pieces_with_previous as (

    select
        *,
        lag(last_at) over (partition by visitor_id, session_number, version_known_on order by slot) as previous_last_at
    from piece_times

),

numbered_pieces as (

    select
        *,
        cast(sum({{ starts_session('first_at', 'previous_last_at') }}) over (
            partition by visitor_id, session_number, version_known_on
            order by slot rows between unbounded preceding and current row
        ) as integer) as part_number
    from pieces_with_previous

),

session_parts as (

    select
        pieces_known.visitor_id,
        pieces_known.session_number,
        numbered_pieces.part_number,
        pieces_known.version_known_on as known_on,
        pieces_known.version_replaced_on as replaced_on,
        {{ session_columns('pieces_known') }}
    from pieces_known
    inner join numbered_pieces
        on
            pieces_known.visitor_id = numbered_pieces.visitor_id
            and pieces_known.session_number = numbered_pieces.session_number
            and pieces_known.version_known_on = numbered_pieces.version_known_on
            and pieces_known.slot = numbered_pieces.slot
    group by
        pieces_known.visitor_id,
        pieces_known.session_number,
        numbered_pieces.part_number,
        pieces_known.version_known_on,
        pieces_known.version_replaced_on

)

select * from session_parts
