with customers_known as (

    select
        customer_id,
        as_of_date
    from {{ ref('int_customers_as_of') }}

),

responses as (

    select * from {{ ref('int_campaign_responses') }}

),

redemptions_known as (

    select * from {{ ref('int_coupon_redemptions_as_of') }}

),

response_features as (

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
    from responses
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

-- Where the shop sends campaigns or takes coupons at all, a customer without one has a true zero;
-- where the family is missing from the data there is no row, and so NULL in the mart.
families as (

    select
        as_of_date,
        max(is_campaign) = 1 as has_campaigns,
        min(is_campaign) = 0 as has_coupons
    from (
        select
            as_of_date,
            1 as is_campaign
        from response_features
        union all
        select
            as_of_date,
            0 as is_campaign
        from redemption_features
    ) as known_facts
    group by as_of_date

),

campaign_features as (

    select
        customers_known.customer_id,
        customers_known.as_of_date,
        case when families.has_campaigns then coalesce(response_features.campaign_exposure_count, 0) end
            as campaign_exposure_count,
        case
            when families.has_campaigns and response_features.customer_id is null then 0
            else response_features.campaign_response_count
        end as campaign_response_count,
        response_features.campaign_response_rate,
        response_features.discount_campaign_response_rate,
        response_features.no_discount_campaign_response_rate,
        case when families.has_coupons then coalesce(redemption_features.coupon_redemption_count, 0) end
            as coupon_redemption_count,
        case when families.has_coupons then coalesce(redemption_features.coupon_redemption_count_90d, 0) end
            as coupon_redemption_count_90d,
        response_features.days_since_last_campaign_exposure
    from customers_known
    inner join families
        on customers_known.as_of_date = families.as_of_date
    left join response_features
        on
            customers_known.customer_id = response_features.customer_id
            and customers_known.as_of_date = response_features.as_of_date
    left join redemption_features
        on
            customers_known.customer_id = redemption_features.customer_id
            and customers_known.as_of_date = redemption_features.as_of_date

)

select * from campaign_features
