with order_features as (

    select * from {{ ref('int_order_features') }}

),

category_features as (

    select * from {{ ref('int_category_features') }}

),

campaign_features as (

    select * from {{ ref('int_campaign_features') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

features as (

    select
        order_features.customer_id,
        order_features.as_of_date,
        as_of_dates.is_current,
        order_features.order_count,
        order_features.repeat_order_count,
        order_features.order_count_7d,
        order_features.order_count_30d,
        order_features.order_count_90d,
        order_features.order_count_365d,
        order_features.net_revenue,
        order_features.net_revenue_7d,
        order_features.net_revenue_30d,
        order_features.net_revenue_90d,
        order_features.net_revenue_365d,
        order_features.average_order_value,
        order_features.average_repeat_order_value,
        order_features.median_days_between_orders,
        order_features.stddev_days_between_orders,
        order_features.days_since_last_order,
        order_features.days_since_first_order,
        order_features.tenure_days,
        order_features.days_between_first_and_last_order,
        order_features.discount_share,
        order_features.coupon_share,
        order_features.return_share,
        category_features.category_count,
        category_features.category_entropy,
        category_features.top_category_share,
        order_features.weekend_share,
        order_features.morning_order_share,
        order_features.afternoon_order_share,
        order_features.evening_order_share,
        order_features.night_order_share,
        order_features.holiday_revenue_share,
        order_features.same_season_last_year_revenue_share,
        order_features.average_items_per_order,
        order_features.average_products_per_order,
        order_features.average_unit_price,
        category_features.price_index,
        order_features.net_revenue_trend_90d,
        order_features.order_count_trend_90d,
        campaign_features.campaign_exposure_count,
        campaign_features.campaign_response_count,
        campaign_features.campaign_response_rate,
        campaign_features.discount_campaign_response_rate,
        campaign_features.no_discount_campaign_response_rate,
        campaign_features.coupon_redemption_count,
        campaign_features.coupon_redemption_count_90d,
        campaign_features.days_since_last_campaign_exposure
    from order_features
    inner join as_of_dates
        on order_features.as_of_date = as_of_dates.as_of_date
    left join category_features
        on
            order_features.customer_id = category_features.customer_id
            and order_features.as_of_date = category_features.as_of_date
    left join campaign_features
        on
            order_features.customer_id = campaign_features.customer_id
            and order_features.as_of_date = campaign_features.as_of_date

)

select * from features
