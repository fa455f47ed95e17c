{{ config(materialized='view') }}

with session_versions as (

    select * from {{ ref('int_session_versions') }}
    where not is_bot and not has_several_customers

),

owners as (

    select * from {{ ref('int_visitor_owners') }}

),

-- Who is logged in is the visitor; else whose device it is, as far and as long as that is known.
customer_sessions as (

    select
        session_versions.*,
        session_versions.customer_id as session_customer_id,
        session_versions.known_on as counts_from,
        session_versions.replaced_on as counts_until
    from session_versions
    where session_versions.customer_id is not null
    union all
    select
        session_versions.*,
        owners.customer_id as session_customer_id,
        greatest(session_versions.known_on, owners.known_on) as counts_from,
        -- least() of two days of which one may be missing.
        nullif(
            least(
                coalesce(session_versions.replaced_on, {{ end_of_time() }}),
                coalesce(owners.replaced_on, {{ end_of_time() }})
            ),
            {{ end_of_time() }}
        ) as counts_until
    from session_versions
    inner join owners
        on
            session_versions.visitor_id = owners.visitor_id
            and (session_versions.replaced_on is null or owners.known_on < session_versions.replaced_on)
            and (owners.replaced_on is null or session_versions.known_on < owners.replaced_on)
    where session_versions.customer_id is null

)

select * from customer_sessions
