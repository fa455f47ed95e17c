-- noqa: disable=LT02
-- depends_on: {{ ref('int_visitor_links') }}, {{ ref('int_sessions') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ drop_outdated_sums() if is_incremental() else '' }}",
) }}

with profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

current_as_of_date as (

    select as_of_date from {{ ref('int_as_of_dates_to_build') }}
    where is_current

),

{% if is_incremental() %}
-- Grouped, though each is there once: DuckDB would join the days with all customers first.
customers_to_sum as (

    select profiled_customers.customer_id
    from profiled_customers
    left join {{ this }} as kept_sums
        on profiled_customers.customer_id = kept_sums.customer_id
    where kept_sums.customer_id is null
    group by profiled_customers.customer_id

),

days as (

    select customer_days.*
    from {{ ref('int_customer_days') }} as customer_days
    inner join customers_to_sum
        on customer_days.customer_id = customers_to_sum.customer_id

),
{% else %}
days as (

    select * from {{ ref('int_customer_days') }}

),
{% endif %}

sums as (

    {{ session_sums('days', 'current_as_of_date', with_stretch=true) }}

),

-- Days that are in no sum end the stretch in which it holds as well; they are few.
other_days as (

    select
        customer_days.customer_id,
        max(
            case when customer_days.counts_until <= current_as_of_date.as_of_date then customer_days.counts_until end
        ) as counted_until,
        min(
            case when customer_days.counts_from > current_as_of_date.as_of_date then customer_days.counts_from end
        ) as will_count_from,
        max(customer_days.changed_at) as changed_at
    from {{ ref('int_customer_days') }} as customer_days
    inner join current_as_of_date
        on
            customer_days.counts_from > current_as_of_date.as_of_date
            or customer_days.counts_until <= current_as_of_date.as_of_date
    group by customer_days.customer_id

),

current_sums as (

    select
        sums.customer_id,
        {% for column in session_sum_columns() -%}
            sums.{{ column }},
        {% endfor -%}
        greatest(sums.holds_from, coalesce(other_days.counted_until, sums.holds_from)) as holds_from,
        least(sums.holds_until, coalesce(other_days.will_count_from, sums.holds_until)) as holds_until,
        greatest(sums.changed_at, coalesce(other_days.changed_at, sums.changed_at)) as changed_at
    from sums
    inner join profiled_customers
        on sums.customer_id = profiled_customers.customer_id
    left join other_days
        on sums.customer_id = other_days.customer_id

)

select * from current_sums
