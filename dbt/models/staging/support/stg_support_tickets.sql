with ticket_versions as (

    {{ versions_of(source('raw', 'support_tickets'), key=['ticket_id'], occurred_at='opened_at') }}

),

support_tickets as (

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
        known_at,
        replaced_at
    from ticket_versions

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
    from support_tickets

)

select * from with_days
