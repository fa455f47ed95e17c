{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ drop_touched_owners() if is_incremental() else '' }}",
) }}

with links as (

    {{ links_to_build() }}

),

days_of_change as (

    select
        visitor_id,
        changed_on,
        lead(changed_on) over (partition by visitor_id order by changed_on) as replaced_on
    from (
        select
            visitor_id,
            known_on as changed_on
        from links
        union
        select
            visitor_id,
            replaced_on as changed_on
        from links
        where replaced_on is not null
    ) as changes

),

-- On a device that several customers use, whoever is not logged in may be any of them: it has no owner then.
owners as (

    select
        days_of_change.visitor_id,
        min(links.customer_id) as customer_id,
        days_of_change.changed_on as known_on,
        days_of_change.replaced_on
    from days_of_change
    inner join links
        on
            days_of_change.visitor_id = links.visitor_id
            and {{ known_by('days_of_change.changed_on', 'links') }}
    group by days_of_change.visitor_id, days_of_change.changed_on, days_of_change.replaced_on
    having count(*) = 1

),

visitors as (

    select
        visitor_id,
        max(changed_at) as changed_at
    from links
    group by visitor_id

),

owners_with_change as (

    select
        owners.*,
        visitors.changed_at
    from owners
    inner join visitors
        on owners.visitor_id = visitors.visitor_id

)

select * from owners_with_change
