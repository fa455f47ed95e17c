with campaign_versions as (

    {{ versions_of(source('raw', 'campaigns'), key=['campaign_id'], occurred_at='started_at') }}

),

campaigns as (

    select
        campaign_id,
        name as campaign_name,
        channel,
        offer_type,
        discount_percent,
        -- An offer of any kind counts as a discount: coupons, percentages, money off.
        offer_type is not null or coalesce(discount_percent, 0) > 0 as has_discount,
        started_at,
        ended_at,
        known_at,
        replaced_at
    from campaign_versions

),

with_days as (

    select
        campaign_id,
        campaign_name,
        channel,
        offer_type,
        discount_percent,
        has_discount,
        started_at,
        {{ business_date('started_at') }} as started_on,
        {{ business_date('ended_at') }} as ended_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from campaigns

)

select * from with_days
