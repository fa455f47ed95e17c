with accounts_as_of as (

    select * from {{ ref('int_accounts_as_of') }}

),

deal_features as (

    select * from {{ ref('int_account_deal_features') }}

),

call_features as (

    select * from {{ ref('int_account_call_features') }}

),

touch_features as (

    select * from {{ ref('int_account_touch_features') }}

),

dates_with_deals as (

    select distinct as_of_date from deal_features

),

dates_with_calls as (

    select distinct as_of_date from call_features

),

dates_with_touches as (

    select distinct as_of_date from touch_features

),

-- Where deals, calls or activities are known at all, an account without one has a true zero; where one of them is
-- missing its columns are NULL, and where all are there is no row.
account_features as (

    select
        accounts_as_of.account_id,
        accounts_as_of.as_of_date,
        {% for total in deal_totals() %}
        case when dates_with_deals.as_of_date is not null then coalesce(deal_features.{{ total }}, 0) end
            as {{ total }},
        {% endfor %}
        deal_features.win_rate,
        deal_features.average_days_per_stage,
        deal_features.average_days_to_win,
        {% for count in ['call_count', 'call_count_90d'] %}
        case when dates_with_calls.as_of_date is not null then coalesce(call_features.{{ count }}, 0) end
            as {{ count }},
        {% endfor %}
        call_features.average_talk_ratio,
        call_features.average_call_sentiment,
        call_features.call_sentiment_trend,
        call_features.days_since_last_call,
        {% for count in ['rep_touch_count', 'rep_touch_count_90d'] %}
        case when dates_with_touches.as_of_date is not null then coalesce(touch_features.{{ count }}, 0) end
            as {{ count }},
        {% endfor %}
        touch_features.average_rep_response_hours,
        touch_features.days_since_last_rep_touch
    from accounts_as_of
    left join dates_with_deals
        on accounts_as_of.as_of_date = dates_with_deals.as_of_date
    left join dates_with_calls
        on accounts_as_of.as_of_date = dates_with_calls.as_of_date
    left join dates_with_touches
        on accounts_as_of.as_of_date = dates_with_touches.as_of_date
    left join deal_features
        on
            accounts_as_of.account_id = deal_features.account_id
            and accounts_as_of.as_of_date = deal_features.as_of_date
    left join call_features
        on
            accounts_as_of.account_id = call_features.account_id
            and accounts_as_of.as_of_date = call_features.as_of_date
    left join touch_features
        on
            accounts_as_of.account_id = touch_features.account_id
            and accounts_as_of.as_of_date = touch_features.as_of_date
    where coalesce(dates_with_deals.as_of_date, dates_with_calls.as_of_date, dates_with_touches.as_of_date) is not null

)

select * from account_features
