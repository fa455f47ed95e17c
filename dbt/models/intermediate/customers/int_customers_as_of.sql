with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

customer_starts as (

    select * from {{ ref('int_customer_starts') }}

),

customers_as_of as (

    select
        customer_starts.customer_id,
        as_of_dates.as_of_date
    from customer_starts
    inner join as_of_dates
        on customer_starts.known_on <= as_of_dates.as_of_date

)

select * from customers_as_of
