-- noqa: disable=LT02
-- depends_on: {{ ref('int_visitor_links') }}, {{ ref('int_sessions') }}, {{ ref('int_session_versions') }}
-- depends_on: {{ ref('int_visitor_owners') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ drop_touched_days() if is_incremental() else '' }}",
) }}

{% if is_incremental() %}
with touched_customers as (

    {{ touched_customers() }}

),

touched_visitors as (

    select
        links.visitor_id,
        touched_customers.first_on
    from {{ ref('int_visitor_links') }} as links
    inner join touched_customers
        on links.customer_id = touched_customers.customer_id
    union all
    -- Who has no device is a visitor of their own.
    select
        'customer ' || customer_id as visitor_id,
        first_on
    from touched_customers

),

first_days as (

    select
        visitor_id,
        min(first_on) as first_on
    from touched_visitors
    group by visitor_id

),

-- A day more than needed, in whatever time zone: to convert all times costs more.
session_versions as (

    select versions.*
    from {{ ref('int_session_versions') }} as versions
    inner join first_days
        on
            versions.visitor_id = first_days.visitor_id
            and versions.started_at >= {{ dbt.dateadd('day', -1, 'first_days.first_on') }}
    where not versions.is_bot and not versions.has_several_customers

),

owners as (

    select * from {{ ref('int_visitor_owners') }}

),

attributed_sessions as (

    {{ attribute_sessions('session_versions', 'owners') }}

),

customer_sessions as (

    select attributed_sessions.*
    from attributed_sessions
    inner join touched_customers
        on
            attributed_sessions.session_customer_id = touched_customers.customer_id
            and {{ business_date('attributed_sessions.started_at') }} >= touched_customers.first_on

),
{% else %}
with customer_sessions as (

    select * from {{ ref('int_customer_sessions') }}

),
{% endif %}

sessions_with_local_time as (

    select
        *,
        {{ business_timestamp('started_at') }} as started_at_local
    from customer_sessions

),

measured_sessions as (

    select
        session_customer_id as customer_id,
        cast(started_at_local as date) as started_on,
        counts_from,
        counts_until,
        {% for measure in activity_measures() -%}
            {{ measure }},
        {% endfor -%}
        duration_seconds,
        changed_at,
        device_code,
        traffic_code,
        extract(hour from started_at_local) as started_hour,
        purchase_count > 0 as is_converted,
        product_view_count > 0 as is_browsing,
        add_to_cart_count > 0 as has_cart,
        view_count >= 2
        or purchase_count > 0
        or engaged_seconds >= 20
        or duration_seconds >= 20 as is_engaged
    from sessions_with_local_time

),

days as (

    select
        customer_id,
        started_on,
        counts_from,
        counts_until,
        cast(count(*) as bigint) as session_count,
        cast({{ count_where('is_engaged') }} as bigint) as engaged_session_count,
        cast({{ count_where('is_converted') }} as bigint) as converted_session_count,
        cast({{ count_where('is_browsing') }} as bigint) as browsing_session_count,
        cast({{ count_where('is_browsing and is_converted') }} as bigint) as bought_browsing_session_count,
        cast({{ count_where('has_cart') }} as bigint) as cart_session_count,
        cast({{ count_where('has_cart and not is_converted') }} as bigint) as abandoned_cart_count,
        cast({{ count_where('started_hour >= 5 and started_hour < 12') }} as bigint) as morning_session_count,
        cast({{ count_where('started_hour >= 12 and started_hour < 17') }} as bigint) as afternoon_session_count,
        cast({{ count_where('started_hour >= 17 and started_hour < 22') }} as bigint) as evening_session_count,
        cast({{ count_where('started_hour >= 22 or started_hour < 5') }} as bigint) as night_session_count,
        {% for device in known_devices() -%}
            cast({{ count_where('device_code = ' ~ loop.index0) }} as bigint) as {{ device }}_session_count,
            cast({{ count_where('is_converted and device_code = ' ~ loop.index0) }} as bigint)
                as {{ device }}_converted_session_count,
        {% endfor -%}
        {% for traffic_class in traffic_classes() -%}
            cast({{ count_where('traffic_code = ' ~ loop.index0) }} as bigint) as {{ traffic_class }}_session_count,
        {% endfor -%}
        {% for measure in activity_measures() -%}
            {{ sum_measure(measure) }} as {{ measure }},
        {% endfor -%}
        cast(sum(duration_seconds) as bigint) as duration_seconds,
        max(changed_at) as changed_at
    from measured_sessions
    group by customer_id, started_on, counts_from, counts_until

)

select * from days
