with orders as (

    select * from {{ ref('int_order_versions') }}
    where is_sale

),

-- The newest day in the data may be incomplete, so the current as-of date is the day before it.
current_date_of_data as (

    {% if env_var('AS_OF_DATE', '') %}
    select
        cast('{{ env_var("AS_OF_DATE") }}' as date) as as_of_date,
        min(ordered_on) as first_ordered_on
    from orders
    {% else %}
    select
        cast({{ dbt.dateadd('day', -1, 'max(ordered_on)') }} as date) as as_of_date,
        min(ordered_on) as first_ordered_on
    from orders
    where replaced_at is null
    {% endif %}

),

months_with_orders as (

    select distinct cast(date_trunc('month', ordered_on) as date) as month_start
    from orders

),

month_ends as (

    select
        cast({{ dbt.dateadd('day', -1, dbt.dateadd('month', 1, 'month_start')) }} as date) as as_of_date
    from months_with_orders

),

as_of_dates as (

    select
        month_ends.as_of_date,
        false as is_current
    from month_ends
    cross join current_date_of_data
    where
        month_ends.as_of_date < current_date_of_data.as_of_date
        and month_ends.as_of_date
        >= {{ dbt.dateadd('month', '-' ~ var('history_months'), 'current_date_of_data.as_of_date') }}
    union all
    select
        as_of_date,
        true as is_current
    from current_date_of_data
    where as_of_date >= first_ordered_on

)

select * from as_of_dates
