-- noqa: disable=ST03
{% set kept_features = kept_relation('marts', 'fct_customer_features') %}
{% set built_loads = kept_relation('marts', 'fct_feature_loads') %}
{% set keeps = kept_features is not none and built_loads is not none %}

with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

customer_starts as (

    select * from {{ ref('int_customer_starts') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

load_ledger as (

    select * from {{ ref('stg_load_ledger') }}

),

rejected_orders as (

    select * from {{ ref('stg_rejected_orders') }}

),

{% if keeps %}
kept_dates as (

    select distinct
        as_of_date,
        is_current
    from {{ kept_features }}

),

-- A rejected row says something too: that lines of its order do not count.
told as (

    select
        load_id,
        known_from
    from load_ledger
    union all
    select
        load_id,
        known_at as known_from
    from rejected_orders

),

-- The first day of which a load that the kept features have not seen says anything new.
news as (

    select min({{ business_date('told.known_from') }}) as known_on
    from told
    left join {{ built_loads }} as built_loads
        on told.load_id = built_loads.load_id
    where built_loads.load_id is null

),

newest_kept as (

    select max(as_of_date) as as_of_date from kept_dates

),

kept_customers as (

    select features.customer_id
    from {{ kept_features }} as features
    inner join newest_kept
        on features.as_of_date = newest_kept.as_of_date

),

expected_customers as (

    select customer_starts.customer_id
    from customer_starts
    inner join profiled_customers
        on customer_starts.customer_id = profiled_customers.customer_id
    inner join newest_kept
        on customer_starts.known_on <= newest_kept.as_of_date

),

-- Who may be profiled decides about more than the person's own rows: prices are compared with what others pay.
gate_changes as (

    select count(*) as customer_count
    from expected_customers
    full outer join kept_customers
        on expected_customers.customer_id = kept_customers.customer_id
    where expected_customers.customer_id is null or kept_customers.customer_id is null

),

dates_to_build as (

    select
        as_of_dates.as_of_date,
        as_of_dates.is_current
    from as_of_dates
    left join kept_dates
        on as_of_dates.as_of_date = kept_dates.as_of_date
    cross join news
    cross join gate_changes
    where
        as_of_dates.is_current
        or kept_dates.as_of_date is null
        or kept_dates.is_current
        or news.known_on <= as_of_dates.as_of_date
        or gate_changes.customer_count > 0

)
{% else %}
dates_to_build as (

    select
        as_of_date,
        is_current
    from as_of_dates

)
{% endif %}

select * from dates_to_build
