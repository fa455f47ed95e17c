with coupon_redemptions as (

    select * from {{ source('raw', 'coupon_redemptions') }}

),

redemption_versions as (

    select
        redemption_id,
        customer_id,
        campaign_id,
        order_id,
        coupon_code,
        redeemed_at,
        {{ version_interval(key=['redemption_id'], occurred_at='redeemed_at') }}
    from coupon_redemptions

),

with_days as (

    select
        redemption_id,
        customer_id,
        campaign_id,
        order_id,
        coupon_code,
        {{ business_date('redeemed_at') }} as redeemed_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from redemption_versions

)

select * from with_days
