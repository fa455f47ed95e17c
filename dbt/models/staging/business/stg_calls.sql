with calls as (

    select * from {{ source('raw', 'calls') }}

),

call_versions as (

    select
        call_id,
        account_id,
        customer_id,
        deal_id,
        owner_id,
        kind,
        outcome,
        duration_seconds,
        talk_ratio,
        sentiment_score,
        occurred_at,
        {{ version_interval(key=['call_id'], occurred_at='occurred_at') }}
    from calls

),

with_days as (

    select
        call_id,
        account_id,
        customer_id,
        deal_id,
        owner_id,
        kind,
        outcome,
        duration_seconds,
        talk_ratio,
        sentiment_score,
        occurred_at,
        {{ business_date('occurred_at') }} as occurred_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from call_versions

)

select * from with_days
