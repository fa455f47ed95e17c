with support_tickets as (

    select * from {{ source('raw', 'support_tickets') }}

),

ticket_versions as (

    select
        ticket_id,
        customer_id,
        channel,
        category,
        priority,
        csat_score,
        sentiment_score,
        opened_at,
        closed_at,
        {{ version_interval(key=['ticket_id'], occurred_at='opened_at') }}
    from support_tickets

),

with_days as (

    select
        ticket_id,
        customer_id,
        channel,
        category,
        priority,
        csat_score,
        sentiment_score,
        opened_at,
        closed_at,
        {{ business_date('opened_at') }} as opened_on,
        {{ business_date('closed_at') }} as closed_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from ticket_versions

)

select * from with_days
