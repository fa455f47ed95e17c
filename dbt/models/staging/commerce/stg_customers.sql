with customer_versions as (

    {{ versions_of(source('raw', 'customers'), key=['customer_id'], occurred_at='created_at') }}

),

customers as (

    select
        customer_id,
        country_code,
        region,
        age_band,
        acquisition_channel,
        account_id,
        created_at,
        known_at,
        replaced_at
    from customer_versions

)

select * from customers
