with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

message_days as (

    select * from {{ ref('int_email_message_days') }}

),

messages as (

    select
        message_days.customer_id,
        message_days.campaign_id,
        customers_as_of.as_of_date,
        min(message_days.deliveries_known_on) as deliveries_known_on,
        max(case when message_days.sent_count > 0 then message_days.occurred_on end) as last_sent_on,
        max(case when message_days.delivered_count > 0 then message_days.occurred_on end) as last_delivered_on,
        max(case when message_days.bounced_count > 0 then message_days.occurred_on end) as last_bounced_on,
        max(case when message_days.opened_count > 0 then message_days.occurred_on end) as last_opened_on,
        max(case when message_days.clicked_count > 0 then message_days.occurred_on end) as last_clicked_on,
        min(case when message_days.opened_count + message_days.clicked_count > 0 then message_days.occurred_on end)
            as first_answered_on
    from message_days
    inner join customers_as_of
        on
            message_days.customer_id = customers_as_of.customer_id
            and message_days.occurred_on <= customers_as_of.as_of_date
            and {{ known_by('customers_as_of.as_of_date', 'message_days') }}
    group by message_days.customer_id, message_days.campaign_id, customers_as_of.as_of_date

),

messages_with_delivery as (

    select
        customer_id,
        as_of_date,
        -- An answer proves that the message came, whatever else is reported.
        coalesce(
            case
                when deliveries_known_on <= as_of_date then last_delivered_on
                when last_bounced_on is null or last_bounced_on < last_sent_on then last_sent_on
            end,
            first_answered_on
        ) as delivered_on,
        last_opened_on,
        last_clicked_on
    from messages

),

messages_with_window as (

    select
        *,
        {{ in_window('delivered_on', 'as_of_date', 90) }} as is_delivered_90d,
        {{ in_window('last_opened_on', 'as_of_date', 90) }} as is_opened_90d,
        {{ in_window('last_clicked_on', 'as_of_date', 90) }} as is_clicked_90d
    from messages_with_delivery

),

email_rates as (

    select
        customer_id,
        as_of_date,
        {{ ratio('count(last_opened_on)', 'count(delivered_on)') }} as open_rate,
        {{ ratio('count(last_clicked_on)', 'count(delivered_on)') }} as click_rate,
        {{ ratio(count_where('is_delivered_90d and is_opened_90d'), count_where('is_delivered_90d')) }}
            as open_rate_90d,
        {{ ratio(count_where('is_delivered_90d and is_clicked_90d'), count_where('is_delivered_90d')) }}
            as click_rate_90d
    from messages_with_window
    group by customer_id, as_of_date

)

select * from email_rates
