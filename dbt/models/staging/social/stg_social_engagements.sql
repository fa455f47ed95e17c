with engagement_versions as (

    {{ versions_of(source('raw', 'social_engagements'), key=['engagement_id'], occurred_at='occurred_at') }}

),

social_engagements as (

    select
        engagement_id,
        customer_id,
        -- One network has had two names.
        case when lower(trim(network)) = 'twitter' then 'x' else lower(trim(network)) end as network,
        kind,
        sentiment_score,
        occurred_at,
        known_at,
        replaced_at
    from engagement_versions

),

with_days as (

    select
        engagement_id,
        customer_id,
        network,
        kind,
        sentiment_score,
        {{ business_date('occurred_at') }} as occurred_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from social_engagements

)

select * from with_days
