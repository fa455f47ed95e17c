with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

email_counts as (

    select * from {{ ref('int_email_counts') }}

),

email_rates as (

    select * from {{ ref('int_email_rates') }}

),

dates_with_emails as (

    select distinct as_of_date from email_counts

),

-- Where the shop's e-mails are known at all, a customer without one was truly sent none;
-- before that, and where they are never loaded, there is no row.
email_features as (

    select
        customers_as_of.customer_id,
        customers_as_of.as_of_date,
        cast(coalesce(email_counts.sent_count, 0) as bigint) as email_sent_count,
        cast(coalesce(email_counts.sent_count_30d, 0) as bigint) as email_sent_count_30d,
        cast(coalesce(email_counts.sent_count_90d, 0) as bigint) as email_sent_count_90d,
        cast(coalesce(email_counts.delivered_count, 0) as bigint) as email_delivered_count,
        cast(coalesce(email_counts.delivered_count_30d, 0) as bigint) as email_delivered_count_30d,
        cast(coalesce(email_counts.delivered_count_90d, 0) as bigint) as email_delivered_count_90d,
        cast(coalesce(email_counts.bounced_count, 0) as bigint) as email_bounce_count,
        email_rates.open_rate as email_open_rate,
        email_rates.click_rate as email_click_rate,
        email_rates.open_rate_90d as email_open_rate_90d,
        email_rates.click_rate_90d as email_click_rate_90d,
        {{ dbt.datediff('email_counts.last_opened_on', 'customers_as_of.as_of_date', 'day') }}
            as days_since_last_email_open,
        {{ dbt.datediff('email_counts.last_clicked_on', 'customers_as_of.as_of_date', 'day') }}
            as days_since_last_email_click,
        cast(coalesce(email_counts.has_unsubscribed, 0) as bigint) as email_unsubscribed
    from customers_as_of
    inner join dates_with_emails
        on customers_as_of.as_of_date = dates_with_emails.as_of_date
    left join email_counts
        on
            customers_as_of.customer_id = email_counts.customer_id
            and customers_as_of.as_of_date = email_counts.as_of_date
    left join email_rates
        on
            customers_as_of.customer_id = email_rates.customer_id
            and customers_as_of.as_of_date = email_rates.as_of_date

)

select * from email_features
