with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

social_engagements as (

    select * from {{ ref('stg_social_engagements') }}

),

engagements_known as (

    select
        customers_as_of.as_of_date,
        social_engagements.engagement_id,
        social_engagements.customer_id,
        social_engagements.network,
        social_engagements.sentiment_score,
        social_engagements.occurred_on
    from social_engagements
    inner join customers_as_of
        on
            social_engagements.customer_id = customers_as_of.customer_id
            and social_engagements.occurred_on <= customers_as_of.as_of_date
            and {{ known_by('customers_as_of.as_of_date', 'social_engagements') }}

)

select * from engagements_known
