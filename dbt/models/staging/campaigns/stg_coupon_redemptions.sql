with redemption_versions as (

    {{ versions_of(source('raw', 'coupon_redemptions'), key=['redemption_id'], occurred_at='redeemed_at') }}

),

coupon_redemptions as (

    select
        redemption_id,
        customer_id,
        campaign_id,
        order_id,
        coupon_code,
        redeemed_at,
        known_at,
        replaced_at
    from redemption_versions

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
    from coupon_redemptions

)

select * from with_days
