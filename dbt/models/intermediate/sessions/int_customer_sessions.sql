{{ config(materialized='view') }}

with session_versions as (

    select * from {{ ref('int_session_versions') }}
    where not is_bot and not has_several_customers

),

owners as (

    select * from {{ ref('int_visitor_owners') }}

),

customer_sessions as (

    {{ attribute_sessions('session_versions', 'owners') }}

)

select * from customer_sessions
