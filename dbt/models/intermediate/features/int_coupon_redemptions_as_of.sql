with as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

redemptions as (

    select * from {{ ref('stg_coupon_redemptions') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

redemptions_known as (

    select
        as_of_dates.as_of_date,
        redemptions.redemption_id,
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

)

select * from redemptions_known
