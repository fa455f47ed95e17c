-- noqa: disable=LT02
{{ config(materialized='view') }}

with current_sums as (

    select * from {{ ref('int_current_session_sums') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

past_dates as (

    select as_of_date from as_of_dates
    where not is_current

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

days as (

    select * from {{ ref('int_customer_days') }}

),

past_sums as (

    {{ session_sums('days', 'past_dates') }}

),

session_sums as (

    select
        current_sums.customer_id,
        {% for column in session_sum_columns() -%}
            current_sums.{{ column }},
        {% endfor -%}
        as_of_dates.as_of_date
    from current_sums
    inner join as_of_dates
        on as_of_dates.is_current
    union all
    select
        past_sums.customer_id,
        {% for column in session_sum_columns() -%}
            past_sums.{{ column }},
        {% endfor -%}
        past_sums.as_of_date
    from past_sums
    inner join profiled_customers
        on past_sums.customer_id = profiled_customers.customer_id

)

select * from session_sums
