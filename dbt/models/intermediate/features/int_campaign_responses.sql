with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

campaigns as (

    select * from {{ ref('stg_campaigns') }}

),

campaign_members as (

    select * from {{ ref('stg_campaign_members') }}

),

redemptions_of_campaigns as (

    select * from {{ ref('int_coupon_redemptions_as_of') }}
    where campaign_id is not null

),

orders_known as (

    select * from {{ ref('int_orders_as_of') }}
    where is_sale

),

-- A member without a date of its own was reached when the campaign started. Of whom nothing else is known yet, nothing
-- is said here either: who becomes a customer later must not show that there were campaigns.
exposures as (

    select
        customers_as_of.as_of_date,
        campaign_members.customer_id,
        campaign_members.campaign_id,
        campaigns.has_discount,
        campaigns.ended_on,
        coalesce(campaign_members.assigned_on, campaigns.started_on) as exposed_on
    from campaign_members
    inner join campaigns
        on campaign_members.campaign_id = campaigns.campaign_id
    inner join customers_as_of
        on
            campaign_members.customer_id = customers_as_of.customer_id
            and coalesce(campaign_members.assigned_on, campaigns.started_on) <= customers_as_of.as_of_date
            and {{ known_by('customers_as_of.as_of_date', 'campaign_members') }}
            and {{ known_by('customers_as_of.as_of_date', 'campaigns') }}
    where campaign_members.arm = 'treatment'

),

-- A campaign without an offer has no coupon to redeem; an order while it ran is the response.
ordered_campaigns as (

    select
        exposures.as_of_date,
        exposures.customer_id,
        exposures.campaign_id
    from exposures
    inner join orders_known
        on
            exposures.customer_id = orders_known.customer_id
            and exposures.as_of_date = orders_known.as_of_date
            and exposures.exposed_on <= orders_known.ordered_on
            and (exposures.ended_on is null or exposures.ended_on >= orders_known.ordered_on)
    where not exposures.has_discount

),

responses as (

    select
        as_of_date,
        customer_id,
        campaign_id
    from redemptions_of_campaigns
    union
    select
        as_of_date,
        customer_id,
        campaign_id
    from ordered_campaigns

),

dates_with_coupons_of_campaigns as (

    select distinct as_of_date from redemptions_of_campaigns

),

exposures_with_response as (

    select
        exposures.as_of_date,
        exposures.customer_id,
        exposures.campaign_id,
        exposures.has_discount,
        exposures.exposed_on,
        -- Whether an offer was taken is unknown, not false, as long as no coupon is tied to a campaign.
        case
            when not exposures.has_discount or dates_with_coupons_of_campaigns.as_of_date is not null
                then responses.campaign_id is not null
        end as has_responded
    from exposures
    left join dates_with_coupons_of_campaigns
        on exposures.as_of_date = dates_with_coupons_of_campaigns.as_of_date
    left join responses
        on
            exposures.as_of_date = responses.as_of_date
            and exposures.customer_id = responses.customer_id
            and exposures.campaign_id = responses.campaign_id

)

select * from exposures_with_response
