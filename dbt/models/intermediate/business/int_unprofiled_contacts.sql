with consents as (

    select * from {{ ref('stg_consents') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

-- A contact of a company may be no customer of the shop: without any decision nobody has refused.
unprofiled_contacts as (

    select distinct consents.customer_id
    from consents
    left join profiled_customers
        on consents.customer_id = profiled_customers.customer_id
    where consents.customer_id is not null and profiled_customers.customer_id is null

)

select * from unprofiled_contacts
