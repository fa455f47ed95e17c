{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ drop_touched_sessions() if is_incremental() else '' }}",
) }}

with slots as (

    {{ open_slots_to_build() }}

),

-- Read again: a CTE that is read twice is written out in between.
slots_again as (

    select * from {{ ref('int_visitor_slots') }}
    {% if is_incremental() -%} where slot >= {{ first_open_slot() }} {%- endif %}

),

-- Few columns go through the windows; what is summed joins in afterwards.
slot_times as (

    select
        visitor_id,
        slot,
        min(kept_session_count) as kept_session_count,
        min(first_at) as first_at,
        max(last_at) as last_at
    from slots
    group by visitor_id, slot

),

slots_with_previous as (

    select
        visitor_id,
        slot,
        kept_session_count,
        first_at,
        lag(last_at) over (partition by visitor_id order by slot) as previous_last_at
    from slot_times

),

numbered_slots as (

    select
        visitor_id,
        slot,
        -- sum() of whole numbers is twice as wide in DuckDB, and sessions are grouped by it.
        cast(kept_session_count + sum({{ starts_session('first_at', 'previous_last_at') }}) over (
            partition by visitor_id order by slot rows between unbounded preceding and current row
        ) as integer) as session_number
    from slots_with_previous

),

sessions as (

    select
        slots_again.visitor_id,
        numbered_slots.session_number,
        min(slots_again.slot) as first_slot,
        max(slots_again.slot) as last_slot,
        min(slots_again.known_slot) as first_known_slot,
        max(slots_again.known_slot) as last_known_slot,
        count(slots_again.replaced_slot) > 0 as has_corrections,
        {{ session_columns('slots_again') }}
    from slots_again
    inner join numbered_slots
        on
            slots_again.visitor_id = numbered_slots.visitor_id
            and slots_again.slot = numbered_slots.slot
    group by slots_again.visitor_id, numbered_slots.session_number

),

with_days as (

    select
        *,
        {{ slot_date('last_known_slot') }} as known_on,
        has_corrections or {{ slot_date('first_known_slot') }} < {{ slot_date('last_known_slot') }} as is_piecemeal
    from sessions

)

select * from with_days
