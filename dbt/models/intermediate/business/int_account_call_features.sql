with as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

calls as (

    select * from {{ ref('stg_calls') }}

),

refusing_customers as (

    select * from {{ ref('int_refusing_customers') }}

),

calls_known as (

    select
        as_of_dates.as_of_date,
        calls.account_id,
        calls.occurred_on,
        calls.talk_ratio,
        calls.sentiment_score,
        {{ in_window('calls.occurred_on', 'as_of_dates.as_of_date', 90) }} as is_last_90d,
        {{ in_window('calls.occurred_on', dbt.dateadd('day', -90, 'as_of_dates.as_of_date'), 90) }} as is_90d_before
    from calls
    inner join as_of_dates
        on
            calls.occurred_on <= as_of_dates.as_of_date
            and {{ known_by('as_of_dates.as_of_date', 'calls') }}
    left join refusing_customers
        on calls.customer_id = refusing_customers.customer_id
    where refusing_customers.customer_id is null

),

call_totals as (

    select
        account_id,
        as_of_date,
        count(*) as call_count,
        {{ count_where('is_last_90d') }} as call_count_90d,
        {{ ratio('sum(talk_ratio)', 'count(talk_ratio)') }} as average_talk_ratio,
        {{ ratio('sum(sentiment_score)', 'count(sentiment_score)') }} as average_call_sentiment,
        {{ ratio(
            sum_where('sentiment_score', 'is_last_90d'), 'count(case when is_last_90d then sentiment_score end)'
        ) }} as sentiment_last_90d,
        {{ ratio(
            sum_where('sentiment_score', 'is_90d_before'), 'count(case when is_90d_before then sentiment_score end)'
        ) }} as sentiment_90d_before,
        max(occurred_on) as last_called_on
    from calls_known
    group by account_id, as_of_date

),

call_features as (

    select
        account_id,
        as_of_date,
        call_count,
        call_count_90d,
        average_talk_ratio,
        average_call_sentiment,
        sentiment_last_90d - sentiment_90d_before as call_sentiment_trend,
        {{ dbt.datediff('last_called_on', 'as_of_date', 'day') }} as days_since_last_call
    from call_totals

)

select * from call_features
