{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='visitor_id',
) }}

with evidence as (

    {{ slots_to_build() }}
    where slots.customer_id is not null and slots.visitor_id <> 'customer ' || slots.customer_id

),

-- Evidence that holds is one stretch from its first day on; evidence that was taken back is a stretch of its own.
stretches as (

    select
        visitor_id,
        customer_id,
        replaced_slot,
        min(known_slot) as known_slot,
        sum(event_count) as event_count,
        sum(identify_count) as identify_count,
        min(first_at) as first_seen_at,
        max(last_at) as last_seen_at,
        max(changed_at) as changed_at
    from evidence
    group by
        visitor_id,
        customer_id,
        replaced_slot,
        case when replaced_slot is not null then known_slot end

),

-- More evidence of what is known already leaves the days of a link as they are.
beginnings as (

    select
        stretches.visitor_id,
        stretches.customer_id,
        min(evidence.changed_at) as settled_at
    from stretches
    inner join evidence
        on
            stretches.visitor_id = evidence.visitor_id
            and stretches.customer_id = evidence.customer_id
            and stretches.known_slot = evidence.known_slot
    where stretches.replaced_slot is null and evidence.replaced_slot is null
    group by stretches.visitor_id, stretches.customer_id

),

stretches_with_days as (

    select
        stretches.*,
        coalesce(beginnings.settled_at, stretches.changed_at) as settled_at,
        {{ slot_date('stretches.known_slot') }} as known_on,
        coalesce({{ slot_date('stretches.replaced_slot') }}, {{ end_of_time() }}) as until_on
    from stretches
    left join beginnings
        on
            stretches.visitor_id = beginnings.visitor_id
            and stretches.customer_id = beginnings.customer_id
            and stretches.replaced_slot is null

),

stretches_with_previous as (

    select
        *,
        max(until_on) over (
            partition by visitor_id, customer_id
            order by known_on, until_on rows between unbounded preceding and 1 preceding
        ) as previous_until_on
    from stretches_with_days

),

-- Stretches that touch or overlap are one link.
numbered_stretches as (

    select
        *,
        sum(case when previous_until_on is null or known_on > previous_until_on then 1 else 0 end) over (
            partition by visitor_id, customer_id
            order by known_on, until_on rows between unbounded preceding and current row
        ) as link_number
    from stretches_with_previous

),

links as (

    select
        visitor_id,
        customer_id,
        link_number,
        min(known_on) as known_on,
        nullif(max(until_on), {{ end_of_time() }}) as replaced_on,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(identify_count) as bigint) as identify_count,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        max(settled_at) as settled_at,
        max(changed_at) as changed_at
    from numbered_stretches
    group by visitor_id, customer_id, link_number

)

select * from links
