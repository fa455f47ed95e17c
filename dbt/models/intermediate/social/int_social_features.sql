{%- set networks = var('social_networks') | list %}
with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

engagements as (

    select * from {{ ref('int_social_engagements_as_of') }}

),

engagement_totals as (

    select
        customer_id,
        as_of_date,
        count(*) as engagement_count,
        {{ count_where(in_window('occurred_on', 'as_of_date', 30)) }} as engagement_count_30d,
        {{ count_where(in_window('occurred_on', 'as_of_date', 90)) }} as engagement_count_90d,
        {% for network in networks %}
        {{ count_where("network = '" ~ network ~ "'") }} as {{ network }}_count,
        {% endfor %}
        {{ count_where("network not in ('" ~ networks | join("', '") ~ "')") }} as other_count,
        {{ ratio('sum(sentiment_score)', 'count(sentiment_score)') }} as average_sentiment,
        max(occurred_on) as last_occurred_on
    from engagements
    group by customer_id, as_of_date

),

dates_with_engagements as (

    select distinct as_of_date from engagements

),

-- Where social acts are known at all, a customer without one truly did nothing there;
-- before that, and where they are never loaded, there is no row.
social_features as (

    select
        customers_as_of.customer_id,
        customers_as_of.as_of_date,
        coalesce(engagement_totals.engagement_count, 0) as social_engagement_count,
        coalesce(engagement_totals.engagement_count_30d, 0) as social_engagement_count_30d,
        coalesce(engagement_totals.engagement_count_90d, 0) as social_engagement_count_90d,
        {% for network in networks + ['other'] %}
        coalesce(engagement_totals.{{ network }}_count, 0) as social_{{ network }}_count,
        {% endfor %}
        engagement_totals.average_sentiment as average_social_sentiment,
        {{ dbt.datediff('engagement_totals.last_occurred_on', 'customers_as_of.as_of_date', 'day') }}
            as days_since_last_social_engagement
    from customers_as_of
    inner join dates_with_engagements
        on customers_as_of.as_of_date = dates_with_engagements.as_of_date
    left join engagement_totals
        on
            customers_as_of.customer_id = engagement_totals.customer_id
            and customers_as_of.as_of_date = engagement_totals.as_of_date

)

select * from social_features
