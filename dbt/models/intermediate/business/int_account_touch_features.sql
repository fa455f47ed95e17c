with as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

rep_activities as (

    select * from {{ ref('stg_rep_activities') }}

),

refusing_customers as (

    select * from {{ ref('int_refusing_customers') }}

),

activities_known as (

    select
        as_of_dates.as_of_date,
        rep_activities.account_id,
        rep_activities.is_inbound,
        rep_activities.occurred_at,
        rep_activities.occurred_on
    from rep_activities
    inner join as_of_dates
        on
            rep_activities.occurred_on <= as_of_dates.as_of_date
            and {{ known_by('as_of_dates.as_of_date', 'rep_activities') }}
    left join refusing_customers
        on rep_activities.customer_id = refusing_customers.customer_id
    where refusing_customers.customer_id is null

),

-- Each message of the account waits for the representative's next activity; one that still waits has no response.
activities_with_next_touch as (

    select
        *,
        min(case when not is_inbound then occurred_at end) over (
            partition by account_id, as_of_date order by occurred_at
            range between current row and unbounded following
        ) as next_touch_at
    from activities_known

),

activities_with_response as (

    select
        *,
        case when is_inbound then {{ dbt.datediff('occurred_at', 'next_touch_at', 'second') }} end as response_seconds
    from activities_with_next_touch

),

touch_totals as (

    select
        account_id,
        as_of_date,
        {{ count_where('not is_inbound') }} as rep_touch_count,
        {{ count_where('not is_inbound and ' ~ in_window('occurred_on', 'as_of_date', 90)) }} as rep_touch_count_90d,
        {{ ratio('sum(response_seconds)', '(3600 * count(response_seconds))') }} as average_rep_response_hours,
        max(case when not is_inbound then occurred_on end) as last_touched_on
    from activities_with_response
    group by account_id, as_of_date

),

touch_features as (

    select
        account_id,
        as_of_date,
        rep_touch_count,
        rep_touch_count_90d,
        average_rep_response_hours,
        {{ dbt.datediff('last_touched_on', 'as_of_date', 'day') }} as days_since_last_rep_touch
    from touch_totals

)

select * from touch_features
