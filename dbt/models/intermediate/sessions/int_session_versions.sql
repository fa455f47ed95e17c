{{ config(materialized='view') }}

{% set columns = [
    'visitor_id', 'session_number', 'started_at', 'ended_at', 'customer_id', 'has_several_customers',
] + activity_measures() + ['first_device', 'first_traffic', 'has_bot_agent', 'changed_at'] %}

with sessions as (

    select * from {{ ref('int_sessions') }}
    where not is_piecemeal

),

session_parts as (

    select * from {{ ref('int_session_parts') }}

),

versions as (

    select
        {% for column in columns %}{{ column }},
        {% endfor -%}
        known_on,
        cast(null as date) as replaced_on
    from sessions
    union all
    select
        {% for column in columns %}{{ column }},
        {% endfor -%}
        known_on,
        replaced_on
    from session_parts

),

described as (

    select
        *,
        {{ code_of('first_device') }} as device_code,
        {{ code_of('first_traffic') }} as traffic_code,
        {{ elapsed_seconds('started_at', 'ended_at') }} as duration_seconds,
        {{ is_bot_session() }} as is_bot
    from versions

)

select * from described
