with order_versions as (

    select * from {{ ref('int_order_versions') }}
    where is_sale

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

-- Whoever has done something that tells who they are is a customer from that day on, or from its arrival.
first_facts as (

    select
        customer_id,
        min(greatest(ordered_on, known_on)) as known_on
    from order_versions
    group by customer_id

),

customer_starts as (

    select
        first_facts.customer_id,
        min(first_facts.known_on) as known_on
    from first_facts
    inner join profiled_customers
        on first_facts.customer_id = profiled_customers.customer_id
    group by first_facts.customer_id

)

select * from customer_starts
