with as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

order_versions as (

    select * from {{ ref('int_order_versions') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

-- What had occurred and arrived by the end of each as-of date, for people who may be profiled.
orders_known as (

    select
        as_of_dates.as_of_date,
        order_versions.*
    from order_versions
    inner join profiled_customers
        on order_versions.customer_id = profiled_customers.customer_id
    inner join as_of_dates
        on
            order_versions.ordered_on <= as_of_dates.as_of_date
            and {{ known_by('as_of_dates.as_of_date', 'order_versions') }}

)

select * from orders_known
