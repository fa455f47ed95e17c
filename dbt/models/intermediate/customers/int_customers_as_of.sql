with as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

customer_starts as (

    select * from {{ ref('int_customer_starts') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

customers_as_of as (

    select
        customer_starts.customer_id,
        as_of_dates.as_of_date
    from customer_starts
    inner join profiled_customers
        on customer_starts.customer_id = profiled_customers.customer_id
    inner join as_of_dates
        on customer_starts.known_on <= as_of_dates.as_of_date

)

select * from customers_as_of
