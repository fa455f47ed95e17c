with email_events as (

    select * from {{ ref('stg_email_events') }}

),

mailings_with_deliveries as (

    select
        campaign_id,
        min(greatest(occurred_on, known_on)) as deliveries_known_on
    from email_events
    where
        event_type = 'delivered'
        -- A version that was replaced before it was known never held.
        and (replaced_on is null or replaced_on > greatest(occurred_on, known_on))
    group by campaign_id

),

-- What happened to a message on one day, as one version of the facts has it: the same for every as-of date, and far
-- fewer rows than the events.
message_days as (

    select
        customer_id,
        campaign_id,
        occurred_on,
        known_on,
        coalesce(replaced_on, {{ end_of_time() }}) as replaced_on,
        {{ count_where("event_type = 'sent'") }} as sent_count,
        {{ count_where("event_type = 'delivered'") }} as delivered_count,
        {{ count_where("event_type = 'bounced'") }} as bounced_count,
        {{ count_where("event_type = 'opened'") }} as opened_count,
        {{ count_where("event_type = 'clicked'") }} as clicked_count,
        -- Whoever reports a message as spam gets no more of them either.
        {{ count_where("event_type in ('unsubscribed', 'complained')") }} as unsubscribed_count
    from email_events
    group by customer_id, campaign_id, occurred_on, known_on, coalesce(replaced_on, {{ end_of_time() }})

),

days_with_mailing as (

    select
        message_days.*,
        mailings_with_deliveries.deliveries_known_on
    from message_days
    left join mailings_with_deliveries
        on message_days.campaign_id = mailings_with_deliveries.campaign_id

)

select * from days_with_mailing
