with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

email_events as (

    select * from {{ ref('stg_email_events') }}

),

events_known as (

    select
        customers_as_of.as_of_date,
        email_events.customer_id,
        email_events.campaign_id,
        email_events.event_type,
        email_events.occurred_on
    from email_events
    inner join customers_as_of
        on
            email_events.customer_id = customers_as_of.customer_id
            and email_events.occurred_on <= customers_as_of.as_of_date
            and {{ known_by('customers_as_of.as_of_date', 'email_events') }}

),

messages as (

    select
        customer_id,
        campaign_id,
        as_of_date,
        {% for event_type in ['sent', 'delivered', 'bounced'] %}
        {{ count_where("event_type = '" ~ event_type ~ "'") }} as {{ event_type }}_count,
        {% for days in [30, 90] %}
        {{ count_where("event_type = '" ~ event_type ~ "' and " ~ in_window('occurred_on', 'as_of_date', days)) }}
            as {{ event_type }}_count_{{ days }}d,
        {% endfor %}
        {% endfor %}
        max(case when event_type = 'sent' then occurred_on end) as last_sent_on,
        max(case when event_type = 'delivered' then occurred_on end) as last_delivered_on,
        max(case when event_type = 'bounced' then occurred_on end) as last_bounced_on,
        max(case when event_type = 'opened' then occurred_on end) as last_opened_on,
        max(case when event_type = 'clicked' then occurred_on end) as last_clicked_on,
        min(case when event_type in ('opened', 'clicked') then occurred_on end) as first_answered_on,
        -- Whoever reports a message as spam gets no more of them either.
        max(case when event_type in ('unsubscribed', 'complained') then 1 else 0 end) as has_unsubscribed
    from events_known
    group by customer_id, campaign_id, as_of_date

),

mailings_with_deliveries as (

    select distinct
        campaign_id,
        as_of_date
    from messages
    where delivered_count > 0

),

-- Where no delivery of a mailing is reported, what was sent and did not bounce counts as delivered.
messages_with_delivery as (

    select
        messages.customer_id,
        messages.campaign_id,
        messages.as_of_date,
        messages.sent_count,
        messages.sent_count_30d,
        messages.sent_count_90d,
        {% for suffix in ['', '_30d', '_90d'] %}
        case
            when mailings_with_deliveries.campaign_id is not null then messages.delivered_count{{ suffix }}
            else greatest(messages.sent_count{{ suffix }} - messages.bounced_count{{ suffix }}, 0)
        end as delivered_count{{ suffix }},
        {% endfor %}
        messages.bounced_count,
        -- An answer proves that the message came, whatever else is reported.
        coalesce(
            case
                when mailings_with_deliveries.campaign_id is not null then messages.last_delivered_on
                when messages.last_bounced_on is null or messages.last_bounced_on < messages.last_sent_on
                    then messages.last_sent_on
            end,
            messages.first_answered_on
        ) as delivered_on,
        messages.last_opened_on,
        messages.last_clicked_on,
        messages.has_unsubscribed
    from messages
    left join mailings_with_deliveries
        on
            messages.campaign_id = mailings_with_deliveries.campaign_id
            and messages.as_of_date = mailings_with_deliveries.as_of_date

)

select * from messages_with_delivery
