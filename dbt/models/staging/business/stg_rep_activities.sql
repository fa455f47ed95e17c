with rep_activities as (

    select * from {{ source('raw', 'rep_activities') }}

),

activity_versions as (

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
        {{ version_interval(key=['activity_id'], occurred_at='occurred_at') }}
    from rep_activities

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
    from activity_versions

)

select * from with_days
