with deals as (

    select * from {{ source('raw', 'deals') }}

),

deal_versions as (

    select
        deal_id,
        account_id,
        owner_id,
        lower(trim(stage)) as deal_stage,
        amount,
        created_at,
        closed_at,
        {{ version_interval(key=['deal_id'], occurred_at='created_at') }}
    from deals

),

with_days as (

    select
        deal_id,
        account_id,
        owner_id,
        deal_stage,
        amount,
        created_at,
        closed_at,
        {{ business_date('created_at') }} as created_on,
        {{ business_date('closed_at') }} as closed_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from deal_versions

)

select * from with_days
