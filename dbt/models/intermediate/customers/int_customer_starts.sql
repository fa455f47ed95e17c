with order_versions as (

    select * from {{ ref('int_order_versions') }}
    where is_sale

),

session_days as (

    select * from {{ ref('int_customer_days') }}

),

family_customers as (

    select * from {{ ref('int_family_customers') }}

),

-- Whoever has done something that tells who they are is a customer from that day on, or from its arrival.
first_facts as (

    select
        customer_id,
        min(greatest(ordered_on, known_on)) as known_on
    from order_versions
    group by customer_id
    union all
    select
        customer_id,
        min(counts_from) as known_on
    from session_days
    group by customer_id
    union all
    select
        customer_id,
        known_on
    from family_customers

),

customer_starts as (

    select
        customer_id,
        min(known_on) as known_on
    from first_facts
    group by customer_id

)

select * from customer_starts
