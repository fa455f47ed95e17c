with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

support_tickets as (

    select * from {{ ref('stg_support_tickets') }}

),

tickets_known as (

    select
        customers_as_of.as_of_date,
        support_tickets.ticket_id,
        support_tickets.customer_id,
        support_tickets.opened_at,
        support_tickets.closed_at,
        support_tickets.opened_on,
        -- A row of the history names a closing that lies ahead of the as-of date: until then the ticket is open.
        coalesce(support_tickets.closed_on <= customers_as_of.as_of_date, false) as is_closed,
        coalesce(support_tickets.closed_on > customers_as_of.as_of_date, false) as is_closed_later,
        support_tickets.csat_score,
        support_tickets.sentiment_score
    from support_tickets
    inner join customers_as_of
        on
            support_tickets.customer_id = customers_as_of.customer_id
            and support_tickets.opened_on <= customers_as_of.as_of_date
            and {{ known_by('customers_as_of.as_of_date', 'support_tickets') }}

),

tickets_as_of as (

    select
        ticket_id,
        as_of_date,
        customer_id,
        opened_on,
        not is_closed as is_open,
        -- A closing before the opening is a mistake and no resolution.
        case when is_closed and closed_at >= opened_at then {{ dbt.datediff('opened_at', 'closed_at', 'second') }} end
            as resolution_seconds,
        -- Content is asked for when a ticket is closed; a score that comes with no closing is known at once.
        case when not is_closed_later then csat_score end as csat_score,
        case when not is_closed_later and csat_score is not null then coalesce(closed_at, opened_at) end
            as csat_given_at,
        sentiment_score
    from tickets_known

)

select * from tickets_as_of
