with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

customers as (

    select * from {{ ref('stg_customers') }}

),

account_features as (

    select * from {{ ref('int_account_features') }}

),

customer_versions as (

    select
        customer_id,
        account_id,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from customers

),

dates_with_accounts as (

    select
        as_of_date,
        count(deal_count) > 0 as has_deals,
        count(call_count) > 0 as has_calls,
        count(rep_touch_count) > 0 as has_touches
    from account_features
    group by as_of_date

),

customer_accounts as (

    select
        customers_as_of.customer_id,
        customers_as_of.as_of_date,
        customer_versions.account_id
    from customers_as_of
    left join customer_versions
        on
            customers_as_of.customer_id = customer_versions.customer_id
            and {{ known_by('customers_as_of.as_of_date', 'customer_versions') }}

),

-- Where nobody is known to belong to an account, deals and calls say nothing of customers.
dates_with_links as (

    select as_of_date
    from customer_accounts
    where account_id is not null
    group by as_of_date

),

-- Who belongs to no account has no deal, call or touch, which is a true zero where the shop keeps them at all.
customer_account_features as (

    select
        customer_accounts.customer_id,
        customer_accounts.as_of_date,
        {% for total in deal_totals() %}
        case when dates_with_accounts.has_deals then coalesce(account_features.{{ total }}, 0) end
            as {{ total }},
        {% endfor %}
        account_features.win_rate,
        account_features.average_days_per_stage,
        account_features.average_days_to_win,
        {% for count in ['call_count', 'call_count_90d'] %}
        case when dates_with_accounts.has_calls then coalesce(account_features.{{ count }}, 0) end
            as {{ count }},
        {% endfor %}
        account_features.average_talk_ratio,
        account_features.average_call_sentiment,
        account_features.call_sentiment_trend,
        account_features.days_since_last_call,
        {% for count in ['rep_touch_count', 'rep_touch_count_90d'] %}
        case when dates_with_accounts.has_touches then coalesce(account_features.{{ count }}, 0) end
            as {{ count }},
        {% endfor %}
        account_features.average_rep_response_hours,
        account_features.days_since_last_rep_touch
    from customer_accounts
    inner join dates_with_accounts
        on customer_accounts.as_of_date = dates_with_accounts.as_of_date
    inner join dates_with_links
        on customer_accounts.as_of_date = dates_with_links.as_of_date
    left join account_features
        on
            customer_accounts.account_id = account_features.account_id
            and customer_accounts.as_of_date = account_features.as_of_date

)

select * from customer_account_features
