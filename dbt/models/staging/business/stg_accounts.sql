with account_versions as (

    {{ versions_of(source('raw', 'accounts'), key=['account_id'], occurred_at='created_at') }}

),

accounts as (

    select
        account_id,
        industry,
        employee_count,
        owner_id,
        created_at,
        known_at,
        replaced_at
    from account_versions

),

with_days as (

    select
        account_id,
        industry,
        employee_count,
        owner_id,
        created_at,
        {{ business_date('created_at') }} as created_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from accounts

)

select * from with_days
