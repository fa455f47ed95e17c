with customers as (

    select * from {{ source('raw', 'customers') }}

),

customer_versions as (

    select
        customer_id,
        country_code,
        region,
        age_band,
        acquisition_channel,
        account_id,
        created_at,
        {{ version_interval(key=['customer_id'], occurred_at='created_at') }}
    from customers

)

select * from customer_versions
