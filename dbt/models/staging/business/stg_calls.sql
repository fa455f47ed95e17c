with call_versions as (

    {{ versions_of(source('raw', 'calls'), key=['call_id'], occurred_at='occurred_at') }}

),

calls as (

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
        known_at,
        replaced_at
    from call_versions

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
    from calls

)

select * from with_days
