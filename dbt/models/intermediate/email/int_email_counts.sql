with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

message_days as (

    select * from {{ ref('int_email_message_days') }}

),

days_known as (

    select
        customers_as_of.as_of_date,
        message_days.customer_id,
        message_days.occurred_on,
        message_days.sent_count,
        message_days.bounced_count,
        -- Where no delivery of a mailing is reported, what was sent and did not bounce counts as delivered.
        case
            when message_days.deliveries_known_on <= customers_as_of.as_of_date then message_days.delivered_count
            else message_days.sent_count - message_days.bounced_count
        end as delivered_count,
        case when message_days.opened_count > 0 then message_days.occurred_on end as opened_on,
        case when message_days.clicked_count > 0 then message_days.occurred_on end as clicked_on,
        message_days.unsubscribed_count
    from message_days
    inner join customers_as_of
        on
            message_days.customer_id = customers_as_of.customer_id
            and message_days.occurred_on <= customers_as_of.as_of_date
            and {{ known_by('customers_as_of.as_of_date', 'message_days') }}

),

email_counts as (

    select
        customer_id,
        as_of_date,
        sum(sent_count) as sent_count,
        {{ sum_where('sent_count', in_window('occurred_on', 'as_of_date', 30)) }} as sent_count_30d,
        {{ sum_where('sent_count', in_window('occurred_on', 'as_of_date', 90)) }} as sent_count_90d,
        -- A bounce without its sending takes none away.
        greatest(sum(delivered_count), 0) as delivered_count,
        greatest({{ sum_where('delivered_count', in_window('occurred_on', 'as_of_date', 30)) }}, 0)
            as delivered_count_30d,
        greatest({{ sum_where('delivered_count', in_window('occurred_on', 'as_of_date', 90)) }}, 0)
            as delivered_count_90d,
        sum(bounced_count) as bounced_count,
        max(opened_on) as last_opened_on,
        max(clicked_on) as last_clicked_on,
        max(case when unsubscribed_count > 0 then 1 else 0 end) as has_unsubscribed
    from days_known
    group by customer_id, as_of_date

)

select * from email_counts
