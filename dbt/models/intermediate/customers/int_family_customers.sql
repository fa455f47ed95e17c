with email_events as (

    select * from {{ ref('stg_email_events') }}

),

support_tickets as (

    select * from {{ ref('stg_support_tickets') }}

),

social_engagements as (

    select * from {{ ref('stg_social_engagements') }}

),

facts as (

    select
        customer_id,
        greatest(occurred_on, known_on) as known_on,
        replaced_on
    from email_events
    union all
    select
        customer_id,
        greatest(opened_on, known_on) as known_on,
        replaced_on
    from support_tickets
    union all
    select
        customer_id,
        greatest(occurred_on, known_on) as known_on,
        replaced_on
    from social_engagements

),

first_facts as (

    select
        customer_id,
        min(known_on) as known_on
    from facts
    -- A version that was replaced before it was known never held.
    where replaced_on is null or replaced_on > known_on
    group by customer_id

)

select * from first_facts
