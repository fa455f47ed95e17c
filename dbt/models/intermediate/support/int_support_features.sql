with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

tickets as (

    select * from {{ ref('int_support_tickets_as_of') }}

),

ticket_totals as (

    select
        customer_id,
        as_of_date,
        count(*) as ticket_count,
        {{ count_where(in_window('opened_on', 'as_of_date', 90)) }} as ticket_count_90d,
        {{ count_where(in_window('opened_on', 'as_of_date', 365)) }} as ticket_count_365d,
        {{ count_where('is_open') }} as open_ticket_count,
        {{ ratio('sum(resolution_seconds)', '(3600 * count(resolution_seconds))') }} as average_resolution_hours,
        percentile_cont(0.5) within group (order by resolution_seconds) / 3600 as median_resolution_hours,
        {{ ratio('sum(csat_score)', 'count(csat_score)') }} as average_csat_score,
        {{ ratio('sum(sentiment_score)', 'count(sentiment_score)') }} as average_ticket_sentiment,
        {{ ratio(count_where('sentiment_score < 0'), 'count(sentiment_score)') }} as negative_ticket_share,
        max(opened_on) as last_opened_on
    from tickets
    group by customer_id, as_of_date

),

ranked_csat_scores as (

    select
        customer_id,
        as_of_date,
        csat_score,
        row_number() over (
            partition by customer_id, as_of_date order by csat_given_at desc, ticket_id desc
        ) as newest_first
    from tickets
    where csat_score is not null

),

last_csat_scores as (

    select
        customer_id,
        as_of_date,
        csat_score
    from ranked_csat_scores
    where newest_first = 1

),

dates_with_tickets as (

    select distinct as_of_date from tickets

),

-- Where the shop's tickets are known at all, a customer without one truly asked for no help;
-- before that, and where they are never loaded, there is no row.
support_features as (

    select
        customers_as_of.customer_id,
        customers_as_of.as_of_date,
        coalesce(ticket_totals.ticket_count, 0) as ticket_count,
        coalesce(ticket_totals.ticket_count_90d, 0) as ticket_count_90d,
        coalesce(ticket_totals.ticket_count_365d, 0) as ticket_count_365d,
        coalesce(ticket_totals.open_ticket_count, 0) as open_ticket_count,
        ticket_totals.average_resolution_hours,
        ticket_totals.median_resolution_hours,
        ticket_totals.average_csat_score,
        cast(last_csat_scores.csat_score as double precision) as last_csat_score,
        ticket_totals.average_ticket_sentiment,
        ticket_totals.negative_ticket_share,
        {{ dbt.datediff('ticket_totals.last_opened_on', 'customers_as_of.as_of_date', 'day') }}
            as days_since_last_ticket
    from customers_as_of
    inner join dates_with_tickets
        on customers_as_of.as_of_date = dates_with_tickets.as_of_date
    left join ticket_totals
        on
            customers_as_of.customer_id = ticket_totals.customer_id
            and customers_as_of.as_of_date = ticket_totals.as_of_date
    left join last_csat_scores
        on
            customers_as_of.customer_id = last_csat_scores.customer_id
            and customers_as_of.as_of_date = last_csat_scores.as_of_date

)

select * from support_features
