with email_events as (

    select * from {{ source('raw', 'email_events') }}

),

event_versions as (

    select
        event_id,
        customer_id,
        campaign_id,
        event_type,
        occurred_at,
        {{ version_interval(key=['event_id'], occurred_at='occurred_at') }}
    from email_events

),

with_days as (

    select
        event_id,
        customer_id,
        campaign_id,
        event_type,
        {{ business_date('occurred_at') }} as occurred_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from event_versions

)

select * from with_days
