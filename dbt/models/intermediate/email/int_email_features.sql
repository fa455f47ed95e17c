with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

messages as (

    select * from {{ ref('int_email_messages') }}

),

messages_with_window as (

    select
        *,
        {{ in_window('delivered_on', 'as_of_date', 90) }} as is_delivered_90d,
        {{ in_window('last_opened_on', 'as_of_date', 90) }} as is_opened_90d,
        {{ in_window('last_clicked_on', 'as_of_date', 90) }} as is_clicked_90d
    from messages

),

message_totals as (

    select
        customer_id,
        as_of_date,
        sum(sent_count) as sent_count,
        sum(sent_count_30d) as sent_count_30d,
        sum(sent_count_90d) as sent_count_90d,
        sum(delivered_count) as delivered_count,
        sum(delivered_count_30d) as delivered_count_30d,
        sum(delivered_count_90d) as delivered_count_90d,
        sum(bounced_count) as bounced_count,
        {{ ratio('count(last_opened_on)', 'count(delivered_on)') }} as open_rate,
        {{ ratio('count(last_clicked_on)', 'count(delivered_on)') }} as click_rate,
        {{ ratio(count_where('is_delivered_90d and is_opened_90d'), count_where('is_delivered_90d')) }}
            as open_rate_90d,
        {{ ratio(count_where('is_delivered_90d and is_clicked_90d'), count_where('is_delivered_90d')) }}
            as click_rate_90d,
        max(last_opened_on) as last_opened_on,
        max(last_clicked_on) as last_clicked_on,
        max(has_unsubscribed) as has_unsubscribed
    from messages_with_window
    group by customer_id, as_of_date

),

dates_with_emails as (

    select distinct as_of_date from messages

),

-- Where the shop's e-mails are known at all, a customer without one was truly sent none;
-- before that, and where they are never loaded, there is no row.
email_features as (

    select
        customers_as_of.customer_id,
        customers_as_of.as_of_date,
        cast(coalesce(message_totals.sent_count, 0) as bigint) as email_sent_count,
        cast(coalesce(message_totals.sent_count_30d, 0) as bigint) as email_sent_count_30d,
        cast(coalesce(message_totals.sent_count_90d, 0) as bigint) as email_sent_count_90d,
        cast(coalesce(message_totals.delivered_count, 0) as bigint) as email_delivered_count,
        cast(coalesce(message_totals.delivered_count_30d, 0) as bigint) as email_delivered_count_30d,
        cast(coalesce(message_totals.delivered_count_90d, 0) as bigint) as email_delivered_count_90d,
        cast(coalesce(message_totals.bounced_count, 0) as bigint) as email_bounce_count,
        message_totals.open_rate as email_open_rate,
        message_totals.click_rate as email_click_rate,
        message_totals.open_rate_90d as email_open_rate_90d,
        message_totals.click_rate_90d as email_click_rate_90d,
        {{ dbt.datediff('message_totals.last_opened_on', 'customers_as_of.as_of_date', 'day') }}
            as days_since_last_email_open,
        {{ dbt.datediff('message_totals.last_clicked_on', 'customers_as_of.as_of_date', 'day') }}
            as days_since_last_email_click,
        cast(coalesce(message_totals.has_unsubscribed, 0) as bigint) as email_unsubscribed
    from customers_as_of
    inner join dates_with_emails
        on customers_as_of.as_of_date = dates_with_emails.as_of_date
    left join message_totals
        on
            customers_as_of.customer_id = message_totals.customer_id
            and customers_as_of.as_of_date = message_totals.as_of_date

)

select * from email_features
