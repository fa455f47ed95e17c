with social_engagements as (

    select * from {{ source('raw', 'social_engagements') }}

),

engagement_versions as (

    select
        engagement_id,
        customer_id,
        -- One network has had two names.
        case when lower(trim(network)) = 'twitter' then 'x' else lower(trim(network)) end as network,
        kind,
        sentiment_score,
        occurred_at,
        {{ version_interval(key=['engagement_id'], occurred_at='occurred_at') }}
    from social_engagements

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
    from engagement_versions

)

select * from with_days
