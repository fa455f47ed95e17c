{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='as_of_date',
    on_schema_change='fail',
    post_hook="{{ drop_past_as_of_dates() if is_incremental() else '' }}",
) }}

-- depends_on: {{ ref('int_as_of_dates') }}
with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

{% for family in feature_families() -%}
{{ family }} as (

    select * from {{ ref(family) }}

),

{% endfor -%}
features as (

    select
        customers_as_of.customer_id,
        customers_as_of.as_of_date,
        as_of_dates.is_current
        {%- for family, features in feature_families().items() %}
        {%- for feature in features %},
        {% if is_order_total(feature) -%}
        coalesce({{ family }}.{{ feature }}, 0) as {{ feature }}
        {%- else -%}
        {{ family }}.{{ feature }}
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
    from customers_as_of
    inner join as_of_dates
        on customers_as_of.as_of_date = as_of_dates.as_of_date
    {%- for family in feature_families() %}
    left join {{ family }}
        on
            customers_as_of.customer_id = {{ family }}.customer_id
            and customers_as_of.as_of_date = {{ family }}.as_of_date
    {%- endfor %}

)

select * from features
