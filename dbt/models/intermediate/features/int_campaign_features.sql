with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

campaigns as (

    select * from {{ ref('stg_campaigns') }}

),

campaign_members as (

    select * from {{ ref('stg_campaign_members') }}

),

redemptions as (

    select * from {{ ref('stg_coupon_redemptions') }}

),

orders_known as (

    select * from {{ ref('int_orders_as_of') }}
    where is_sale

),

customers_known as (

    select
        customer_id,
        as_of_date
    from {{ ref('int_order_features') }}

),

-- A member without a date of its own was reached when the campaign started.
exposures as (

    select
        as_of_dates.as_of_date,
        campaign_members.customer_id,
        campaign_members.campaign_id,
        campaigns.has_discount,
        campaigns.ended_on,
        coalesce(campaign_members.assigned_on, campaigns.started_on) as exposed_on
    from campaign_members
    inner join profiled_customers
        on campaign_members.customer_id = profiled_customers.customer_id
    inner join campaigns
        on campaign_members.campaign_id = campaigns.campaign_id
    inner join as_of_dates
        on
            coalesce(campaign_members.assigned_on, campaigns.started_on) <= as_of_dates.as_of_date
            and {{ known_by('as_of_dates.as_of_date', 'campaign_members') }}
            and {{ known_by('as_of_dates.as_of_date', 'campaigns') }}
    where campaign_members.arm = 'treatment'

),

redemptions_known as (

    select
        as_of_dates.as_of_date,
        redemptions.customer_id,
        redemptions.campaign_id,
        redemptions.redeemed_on
    from redemptions
    inner join profiled_customers
        on redemptions.customer_id = profiled_customers.customer_id
    inner join as_of_dates
        on
            redemptions.redeemed_on <= as_of_dates.as_of_date
            and {{ known_by('as_of_dates.as_of_date', 'redemptions') }}

),

redeemed_campaigns as (

    select distinct
        as_of_date,
        customer_id,
        campaign_id
    from redemptions_known
    where campaign_id is not null

),

-- A campaign without an offer has no coupon to redeem; an order while it ran is the response.
ordered_campaigns as (

    select distinct
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

    select * from redeemed_campaigns
    union
    select * from ordered_campaigns

),

-- Where the shop sends campaigns or takes coupons at all, a customer without one has a true zero;
-- where the family is missing from the data there is no row, and so NULL in the mart.
families as (

    select
        as_of_date,
        max(case when fact = 'campaign' then 1 else 0 end) = 1 as has_campaigns,
        max(case when fact <> 'campaign' then 1 else 0 end) = 1 as has_coupons,
        max(case when fact = 'coupon of a campaign' then 1 else 0 end) = 1 as has_coupons_of_campaigns
    from (
        select distinct
            as_of_date,
            'campaign' as fact
        from exposures
        union all
        select distinct
            as_of_date,
            case when campaign_id is null then 'coupon' else 'coupon of a campaign' end as fact
        from redemptions_known
    ) as known_facts
    group by as_of_date

),

exposures_with_response as (

    select
        exposures.*,
        -- Whether an offer was taken is unknown, not false, as long as no coupon is tied to a campaign.
        case
            when not exposures.has_discount or families.has_coupons_of_campaigns
                then responses.campaign_id is not null
        end as has_responded
    from exposures
    inner join families
        on exposures.as_of_date = families.as_of_date
    left join responses
        on
            exposures.as_of_date = responses.as_of_date
            and exposures.customer_id = responses.customer_id
            and exposures.campaign_id = responses.campaign_id

),

exposure_features as (

    select
        customer_id,
        as_of_date,
        count(*) as campaign_exposure_count,
        case when count(has_responded) > 0 then {{ count_where('has_responded') }} end as campaign_response_count,
        {{ ratio(count_where('has_responded'), 'count(has_responded)') }} as campaign_response_rate,
        {{ ratio(
            count_where('has_responded and has_discount'), 'count(case when has_discount then has_responded end)'
        ) }} as discount_campaign_response_rate,
        {{ ratio(count_where('has_responded and not has_discount'), count_where('not has_discount')) }}
            as no_discount_campaign_response_rate,
        {{ dbt.datediff('max(exposed_on)', 'as_of_date', 'day') }} as days_since_last_campaign_exposure
    from exposures_with_response
    group by customer_id, as_of_date

),

redemption_features as (

    select
        customer_id,
        as_of_date,
        count(*) as coupon_redemption_count,
        {{ count_where(in_window('redeemed_on', 'as_of_date', 90)) }} as coupon_redemption_count_90d
    from redemptions_known
    group by customer_id, as_of_date

),

campaign_features as (

    select
        customers_known.customer_id,
        customers_known.as_of_date,
        case when families.has_campaigns then coalesce(exposure_features.campaign_exposure_count, 0) end
            as campaign_exposure_count,
        case
            when families.has_campaigns and exposure_features.customer_id is null then 0
            else exposure_features.campaign_response_count
        end as campaign_response_count,
        exposure_features.campaign_response_rate,
        exposure_features.discount_campaign_response_rate,
        exposure_features.no_discount_campaign_response_rate,
        case when families.has_coupons then coalesce(redemption_features.coupon_redemption_count, 0) end
            as coupon_redemption_count,
        case when families.has_coupons then coalesce(redemption_features.coupon_redemption_count_90d, 0) end
            as coupon_redemption_count_90d,
        exposure_features.days_since_last_campaign_exposure
    from customers_known
    inner join families
        on customers_known.as_of_date = families.as_of_date
    left join exposure_features
        on
            customers_known.customer_id = exposure_features.customer_id
            and customers_known.as_of_date = exposure_features.as_of_date
    left join redemption_features
        on
            customers_known.customer_id = redemption_features.customer_id
            and customers_known.as_of_date = redemption_features.as_of_date

)

select * from campaign_features
