with activity_versions as (

    {{ versions_of(source('raw', 'rep_activities'), key=['activity_id'], occurred_at='occurred_at') }}

),

rep_activities as (

    select
        activity_id,
        account_id,
        customer_id,
        deal_id,
        owner_id,
        coalesce(lower(trim(kind)) = 'inbound', false) as is_inbound,
        kind,
        outcome,
        occurred_at,
        known_at,
        replaced_at
    from activity_versions

),

with_days as (

    select
        activity_id,
        account_id,
        customer_id,
        deal_id,
        owner_id,
        is_inbound,
        kind,
        outcome,
        occurred_at,
        {{ business_date('occurred_at') }} as occurred_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from rep_activities

)

select * from with_days
