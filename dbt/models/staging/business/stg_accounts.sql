with accounts as (

    select * from {{ source('raw', 'accounts') }}

),

account_versions as (

    select
        account_id,
        industry,
        employee_count,
        owner_id,
        created_at,
        {{ version_interval(key=['account_id'], occurred_at='created_at') }}
    from accounts

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
    from account_versions

)

select * from with_days
