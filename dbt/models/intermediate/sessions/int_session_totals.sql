-- noqa: disable=LT02
{{ config(materialized='view') }}

with days as (

    select * from {{ ref('int_customer_days') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

totals as (

    select
        days.customer_id,
        as_of_dates.as_of_date,
        {% for measure in day_measures() -%}
            {{ sum_measure('days.' ~ measure) }} as {{ measure }},
        {% endfor -%}
        {% for weekday in weekdays() -%}
            {% set is_weekday = weekday_number('days.started_on') ~ ' = ' ~ loop.index0 -%}
            cast({{ sum_where('days.session_count', is_weekday) }} as bigint)
                as {{ weekday }}_session_count{{ ',' if not loop.last }}
        {% endfor %}
    from days
    inner join profiled_customers
        on days.customer_id = profiled_customers.customer_id
    inner join as_of_dates
        on
            days.counts_from <= as_of_dates.as_of_date
            and (days.counts_until is null or days.counts_until > as_of_dates.as_of_date)
    group by days.customer_id, as_of_dates.as_of_date

)

select * from totals
