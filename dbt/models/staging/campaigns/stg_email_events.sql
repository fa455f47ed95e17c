with event_versions as (

    {{ versions_of(source('raw', 'email_events'), key=['event_id'], occurred_at='occurred_at') }}

),

email_events as (

    select
        event_id,
        customer_id,
        campaign_id,
        event_type,
        occurred_at,
        known_at,
        replaced_at
    from event_versions

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
    from email_events

)

select * from with_days
