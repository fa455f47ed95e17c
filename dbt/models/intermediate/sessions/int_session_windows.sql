-- noqa: disable=LT02
{{ config(materialized='view') }}

{% set windows = {
    'session_count': [7, 30, 90, 180, 365],
    'engaged_session_count': [90],
    'converted_session_count': [90],
    'cart_session_count': [90],
    'abandoned_cart_count': [90],
    'view_count': [30, 90],
    'product_view_count': [7, 30, 90],
    'content_view_count': [90],
    'search_count': [30, 90],
    'add_to_cart_count': [7, 30, 90],
    'checkout_count': [90],
    'duration_seconds': [90],
} %}

with days as (

    select * from {{ ref('int_customer_days') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

windows as (

    select
        days.customer_id,
        as_of_dates.as_of_date,
        {% for measure, lengths in windows.items() -%}
            {%- for length in lengths -%}
                cast({{ sum_where('days.' ~ measure, in_window('days.started_on', 'as_of_dates.as_of_date', length)) }}
                    as bigint) as {{ measure }}_{{ length }}d,
            {% endfor -%}
        {%- endfor -%}
        max(days.started_on) as last_session_on,
        max(case when days.product_view_count > 0 then days.started_on end) as last_product_view_on,
        max(case when days.content_view_count > 0 then days.started_on end) as last_content_view_on,
        max(case when days.search_count > 0 then days.started_on end) as last_search_on,
        max(case when days.add_to_cart_count > 0 then days.started_on end) as last_add_to_cart_on,
        max(case when days.checkout_count > 0 then days.started_on end) as last_checkout_on
    from days
    inner join profiled_customers
        on days.customer_id = profiled_customers.customer_id
    inner join as_of_dates
        on
            days.counts_from <= as_of_dates.as_of_date
            and (days.counts_until is null or days.counts_until > as_of_dates.as_of_date)
            and {{ in_window('days.started_on', 'as_of_dates.as_of_date', 365) }}
    group by days.customer_id, as_of_dates.as_of_date

)

select * from windows
